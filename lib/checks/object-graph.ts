import type { Releases } from "../istio/release";
import { type Externals, externals } from "./externals";
import type { Data } from "./fields";
import { flaggerServices } from "./flagger-services";
import type { MeshObject } from "./mesh-object";

/** What rules need to know beside the objects. */
export interface Surroundings {
  /** Releases that the objects are for. */
  readonly releases: Releases;
  /** Objects and hosts that live outside: `"Service shop/legacy"`, `"Gateway istio-system/*"`, `"Host api.example.no"`. @default - none */
  readonly externals?: readonly string[];
  /** MeshConfig of the mesh. @default - that of the objects: a ConfigMap `istio`, or an IstioOperator */
  readonly meshConfig?: Data;
  /** Day on which the check is made, ISO date: what has ended by then is told. @default - nothing is told of ends of life */
  readonly today?: string;
  /** Countries that nodes must stand in: ISO 3166-1 alpha-2. @default - anywhere */
  readonly residency?: readonly string[];
}

/** API group of the kinds that rules ask for most. */
const groups = {
  Namespace: "",
  Service: "",
  Pod: "",
  Secret: "",
  ConfigMap: "",
  ServiceAccount: "",
  Node: "",
  Deployment: "apps",
  StatefulSet: "apps",
  DaemonSet: "apps",
  ReplicaSet: "apps",
  Job: "batch",
  CronJob: "batch",
  PodDisruptionBudget: "policy",
  HorizontalPodAutoscaler: "autoscaling",
  NetworkPolicy: "networking.k8s.io",
  Ingress: "networking.k8s.io",
  MutatingWebhookConfiguration: "admissionregistration.k8s.io",
  ValidatingWebhookConfiguration: "admissionregistration.k8s.io",
  CustomResourceDefinition: "apiextensions.k8s.io",
  VirtualService: "networking.istio.io",
  DestinationRule: "networking.istio.io",
  Gateway: "networking.istio.io",
  ServiceEntry: "networking.istio.io",
  Sidecar: "networking.istio.io",
  EnvoyFilter: "networking.istio.io",
  WorkloadEntry: "networking.istio.io",
  WorkloadGroup: "networking.istio.io",
  ProxyConfig: "networking.istio.io",
  PeerAuthentication: "security.istio.io",
  AuthorizationPolicy: "security.istio.io",
  RequestAuthentication: "security.istio.io",
  Telemetry: "telemetry.istio.io",
  WasmPlugin: "extensions.istio.io",
  IstioOperator: "install.istio.io",
  HTTPRoute: "gateway.networking.k8s.io",
  Rollout: "argoproj.io",
  KubeletConfiguration: "kubelet.config.k8s.io",
  KubeProxyConfiguration: "kubeproxy.config.k8s.io",
  NodePool: "meshground.io",
  CallGraph: "meshground.io",
} as const;

/** A kind whose API group is known without being said. */
export type KnownKind = keyof typeof groups;

/** What is derived from a graph: an index of it, or a view. */
export type Derivation<Derived> = (graph: ObjectGraph) => Derived;

/**
 * Every object of a synth or of a set of files, and what is around them. Built once; what rules derive from it is derived once too.
 *
 * @example
 * ```ts
 * import { ObjectGraph, useReleases } from "meshground";
 * import { App } from "cdk8s";
 *
 * const releases = useReleases(new App(), { istio: "1.30.3", kubernetes: "1.36" });
 * const graph = new ObjectGraph([], { releases });
 * console.log(graph.of("Service").length);
 * ```
 */
export class ObjectGraph {
  /** Every object, in the order in which they were found. */
  readonly objects: readonly MeshObject[];
  /** What is known beside the objects. */
  readonly surroundings: Surroundings;
  readonly #byKind: ReadonlyMap<string, readonly MeshObject[]>;
  readonly #byName = new Map<string, ByName>();
  readonly #externals: Externals;
  readonly #derived = new Map<Derivation<unknown>, unknown>();

  constructor(objects: readonly MeshObject[], surroundings: Surroundings) {
    this.objects = objects;
    this.surroundings = surroundings;
    this.#byKind = byKind(objects);
    this.#externals = externals([...(surroundings.externals ?? []), ...flaggerServices(objects)]);
  }

  /** Objects of a kind, in the order in which they were found. The API group is that of Istio or Kubernetes, unless said otherwise. */
  of(kind: KnownKind): readonly MeshObject[];
  of(kind: string, group: string): readonly MeshObject[];
  of(kind: string, group: string = groups[kind as KnownKind]): readonly MeshObject[] {
    return this.#byKind.get(`${group}/${kind}`) ?? [];
  }

  /** The object of a kind, namespace and name. */
  find(kind: KnownKind, namespace: string, name: string): MeshObject | undefined {
    const known = this.#byName.get(kind) ?? byName(this.of(kind));
    this.#byName.set(kind, known);
    return known.get(namespace)?.get(name);
  }

  /** Whether an object of a kind is declared to live outside. */
  isExternal(kind: string, namespace: string, name: string): boolean {
    return this.#externals.has(kind, namespace, name);
  }

  /** What a function derives from the graph. It runs once, however many rules ask. */
  derive<Derived>(derivation: Derivation<Derived>): Derived {
    if (!this.#derived.has(derivation)) this.#derived.set(derivation, derivation(this));
    return this.#derived.get(derivation) as Derived;
  }
}

function byKind(objects: readonly MeshObject[]): ReadonlyMap<string, readonly MeshObject[]> {
  const kinds = new Map<string, MeshObject[]>();
  for (const object of objects) {
    const key = `${object.group}/${object.kind}`;
    const list = kinds.get(key);
    if (list === undefined) kinds.set(key, [object]);
    else list.push(object);
  }
  return kinds;
}

/** Objects of one kind by namespace, then by name; the first of several of one name. */
type ByName = ReadonlyMap<string, ReadonlyMap<string, MeshObject>>;

function byName(objects: readonly MeshObject[]): ByName {
  const namespaces = new Map<string, Map<string, MeshObject>>();
  for (const object of objects) {
    const names = namespaces.get(object.namespace) ?? new Map<string, MeshObject>();
    namespaces.set(object.namespace, names);
    if (!names.has(object.name)) names.set(object.name, object);
  }
  return namespaces;
}
