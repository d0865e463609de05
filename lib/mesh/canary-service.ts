import { Construct } from "constructs";
import { addFinding, type Fault, recordAccepted, unaccepted } from "../core/finding";
import type { NodePool } from "../core/pool";
import { type Problem, problem, refuse } from "../core/problem";
import { DestinationRule } from "../istio/destination-rule";
import { type Releases, releasesOf } from "../istio/release";
import { VirtualService } from "../istio/virtual-service";
import { Admissions } from "./access";
import { tryAdopt } from "./adopted-deployment";
import { canaryServiceProblems } from "./canary-service-problems";
import type { CanaryServiceProps } from "./canary-service-props";
import { ejectionFaults } from "./circuit-breaker";
import { proxyConfigAnnotation, servicePods } from "./deployment";
import { ExternalService } from "./external-service";
import { servicePolicySpec } from "./network-policies";
import { addNetworkPolicy } from "./network-policy";
import type { OutgoingCalls } from "./outgoing-calls";
import { type PinnedRelease, weightedVersions } from "./release-strategy";
import { defaultReplicas, fewest } from "./replicas";
import { retryFaults } from "./retries";
import { sidecarAnnotations } from "./sidecar-resources";
import { addSidecarScope } from "./sidecar-scope";
import { destinationRuleSpec, type Traffic, virtualServiceSpec } from "./traffic";
import {
  chartFor,
  controlPlaneOf,
  declareCall,
  type MeshNamespace,
  namespaceNamed,
  namespaceNameOf,
  namespaceOf,
  type PodGroup,
  registerAccount,
  servicesOf,
} from "./tree";
import type { MeshIdentity, MeshWorkload, WorkloadPort } from "./workload";
import { type VersionWorkload, WorkloadObjects } from "./workload-objects";

/**
 * A service with two or more versions behind one host, and all that decides how requests reach them: a Service, a DestinationRule with the
 * versions as subsets, a VirtualService with their weights, and for each image a Deployment.
 *
 * Works under any Chart; under a `StrictMtlsNamespace` it also takes part in the namespace's mTLS stage and policies.
 *
 * @throws InvalidInput when a prop is wrong, or a fault is not suppressed.
 * @example
 * ```ts
 * import { CanaryService, MeshApp, Release, StrictMtlsNamespace } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * const shop = new StrictMtlsNamespace(app, "shop", { stage: "permissive" });
 * new CanaryService(shop, "pricing", {
 *   port: 8080,
 *   release: Release.pinned({
 *     stable: { name: "v1", image: "registry.example.no/pricing:1.8.0" },
 *     canary: { name: "v2", image: "registry.example.no/pricing:2.0.0", weight: 5 },
 *   }),
 * });
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: VirtualService
 * metadata:
 *   name: pricing
 *   namespace: shop
 * spec:
 *   hosts:
 *     - pricing
 *   http:
 *     - route:
 *         - destination: { host: pricing, subset: v1 }
 *           weight: 95
 *         - destination: { host: pricing, subset: v2 }
 *           weight: 5
 * ```
 */
export class CanaryService extends Construct implements MeshWorkload {
  /** Name of the Kubernetes Service. */
  readonly serviceName: string;
  /** Namespace of the service; undefined when its chart names none. */
  readonly namespaceName: string | undefined;
  /** Service account that the pods run as, and that policies name. */
  readonly serviceAccountName: string;
  /** Labels that pick the pods of all versions. */
  readonly podSelector: Readonly<Record<string, string>>;
  /** Ports of the Service. */
  readonly ports: readonly WorkloadPort[];
  /** Versions as subsets, and how callers connect. */
  readonly destinationRule: DestinationRule;
  /** Weights, timeout and retries for callers inside the mesh. */
  readonly virtualService: VirtualService;
  /** How requests reach the versions; a gateway that exposes the service routes by the same rules. */
  readonly traffic: Traffic;

  readonly #namespace: MeshNamespace | undefined;
  readonly #admissions: Admissions;
  readonly #callers: PodGroup[] = [];
  readonly #workloads: MeshWorkload[] = [];
  readonly #externals: ExternalService[] = [];

  constructor(scope: Construct, id: string, props: CanaryServiceProps) {
    super(scope, id);
    const releases = releasesOf(this);
    const faults = checked(this, props, releases);
    const versions = workloadsOf(props.release as PinnedRelease);
    const chart = chartFor(this, undefined);
    this.#namespace = namespaceOf(this);
    this.serviceName = props.name ?? id;
    this.ports = portsOf(props);
    this.podSelector = props.podSelector ?? servicePods(this.serviceName);
    this.serviceAccountName = accountOf(this.serviceName, props, versions);
    this.traffic = trafficOf(this.serviceName, props, versions, this.#namespace);
    const metadata = { name: this.serviceName };
    this.destinationRule = new DestinationRule(chart, "destination-rule", { metadata, spec: destinationRuleSpec(this.traffic) });
    this.virtualService = new VirtualService(chart, "virtual-service", { metadata, spec: virtualServiceSpec(this.traffic) });
    this.namespaceName = this.virtualService.metadata.namespace;
    const annotations = podAnnotations(props);
    new WorkloadObjects(chart, "workload", { service: this, props, versions, annotations, releases, namespace: this.#namespace });
    this.#admissions = new Admissions(chart, this, this.#namespace?.stage === "permissive");
    this.#addBorders(chart);
    registerAccount(this, this);
    this.node.addValidation({ validate: () => treeProblems(this, this.#workloads.length > 0, props.pool ?? this.#namespace?.pool) });
    recordAccepted(this, faults, props.suppress);
    noteBrokenAffinity(this, props, versions);
    noteElsewhere(this, props, versions);
  }

  /**
   * Declares that this service calls others, of the tree or outside the mesh. Where another one's namespace lets in only what was declared, it
   * gets a policy that lets this service's account in.
   *
   * @throws InvalidInput when a policy is needed and this service has no namespace or no account of its own.
   */
  calls(...others: readonly (CanaryService | ExternalService)[]): this {
    refuse(
      this.node.path,
      others.flatMap((other, index) =>
        other instanceof CanaryService || other instanceof ExternalService
          ? []
          : [problem(`calls[${index}]`, other, "a CanaryService or an ExternalService")],
      ),
    );
    for (const other of others) {
      if (other instanceof ExternalService) this.#callExternal(other);
      else this.#callWorkload(other);
    }
    return this;
  }

  /**
   * Lets a caller in by its certificate, where this service's namespace lets in only what was declared. `calls` and `expose` use it.
   *
   * @throws InvalidInput when a policy cannot tell the caller from others.
   */
  admit(caller: MeshIdentity & PodGroup, subject: string = this.node.path): void {
    this.#callers.push(caller);
    if (this.#namespace?.access !== "declared") return;
    refuse(subject, identityProblems(caller, this.serviceName));
    this.#admissions.admit(caller);
  }

  #callWorkload(other: CanaryService): void {
    other.admit(this, this.node.path);
    declareCall(this, { from: this, to: other });
    this.#workloads.push(other);
  }

  #callExternal(other: ExternalService): void {
    other.admit(this);
    this.#externals.push(other);
  }

  /** What the namespace narrows to the declared calls: the sidecars' view of the mesh, and the network. */
  #addBorders(chart: Construct): void {
    const namespace = this.#namespace;
    const outgoing = (): OutgoingCalls => ({ workloads: this.#workloads, externals: this.#externals });
    if (namespace?.sidecarScope === "calls") addSidecarScope(chart, this, outgoing);
    if (namespace?.networkPolicies !== "calls") return;
    addNetworkPolicy(chart, {
      id: "network-policy",
      name: this.serviceName,
      spec: () => servicePolicySpec(this, { callers: this.#callers, outsiders: namespace.outsidersOf(this) }, outgoing()),
    });
  }
}

/** Why a policy cannot name a caller. */
function identityProblems({ namespaceName, serviceAccountName }: MeshIdentity, target: string): readonly Problem[] {
  const shared = `${target} lets callers in by their service account, and "default" is shared by every pod that names none.`;
  const homeless = `${target} lets callers in by namespace and service account, and this caller has no namespace.`;
  return [
    ...(serviceAccountName === "default"
      ? [{ path: "serviceAccountName", message: `${shared} Give the Deployment an account of its own.` }]
      : []),
    ...(namespaceName === undefined ? [{ path: "namespace", message: `${homeless} Put it into a StrictMtlsNamespace.` }] : []),
  ];
}

/** Refuses what cannot be rendered, and returns the faults that were accepted. */
function checked(construct: Construct, props: CanaryServiceProps, releases: Releases): readonly Fault[] {
  refuse(construct.node.path, canaryServiceProblems(construct.node.id, props, namespaceNameOf(construct)));
  const { retries, timeout, circuitBreaker } = props;
  const [stable] = workloadsOf(props.release as PinnedRelease);
  const faults = [
    ...(retries === undefined
      ? []
      : retryFaults(retries, { timeout, retries503ByDefault: releases.istio.row.features.retries503ByDefault })),
    ...ejectionFaults(circuitBreaker, fewest(stable?.version.replicas ?? props.replicas ?? defaultReplicas)),
  ];
  refuse(construct.node.path, unaccepted(faults, props.suppress));
  return faults;
}

function portsOf({ port, targetPort = port, protocol = "http", extraPorts = [] }: CanaryServiceProps): readonly WorkloadPort[] {
  return [{ name: protocol, port, targetPort }, ...extraPorts];
}

function workloadsOf(release: PinnedRelease): readonly VersionWorkload[] {
  return weightedVersions(release).map((weighted) => {
    const { workload, replicas } = weighted.version;
    const adopted = workload === undefined ? undefined : tryAdopt(workload);
    const pods = replicas ?? adopted?.replicas;
    return { ...weighted, version: { ...weighted.version, ...(pods !== undefined && { replicas: pods }) }, adopted };
  });
}

/** The account of the user's own Deployments, else one of the service's own. */
function accountOf(service: string, { defaults, serviceAccountName }: CanaryServiceProps, versions: readonly VersionWorkload[]): string {
  if (serviceAccountName !== undefined) return serviceAccountName;
  const accounts = new Set(versions.flatMap(({ adopted }) => (adopted === undefined ? [] : [adopted.serviceAccountName ?? "default"])));
  const [first] = accounts;
  if (first !== undefined) return accounts.size === 1 ? first : "default";
  return defaults === "none" && versions.some(({ version }) => version.image !== undefined) ? "default" : service;
}

function trafficOf(
  host: string,
  props: CanaryServiceProps,
  versions: readonly VersionWorkload[],
  namespace: MeshNamespace | undefined,
): Traffic {
  const { port, extraPorts = [], replicas = defaultReplicas, tls = "by-stage" } = props;
  const { timeout, retries, circuitBreaker, sessionAffinity } = props;
  // Rolled back means that nobody meets the version on trial, testers and copies included.
  const { testers, mirror } = (props.release as PinnedRelease).rollBack === true ? {} : props;
  const otherHttpPorts = extraPorts.filter(({ name }) => /^(?:http|grpc)/.test(name)).map((extra) => extra.port);
  const istioMutual = tls === "ISTIO_MUTUAL" || (tls === "by-stage" && namespace?.stage === "strict");
  const ports = { port, otherHttpPorts, manyPorts: extraPorts.length > 0 };
  return { host, ...ports, versions, replicas, timeout, retries, circuitBreaker, testers, mirror, sessionAffinity, istioMutual };
}

function podAnnotations(props: CanaryServiceProps): Record<string, string> {
  return {
    ...(props.sidecar !== undefined && sidecarAnnotations(props.sidecar)),
    ...(props.defaults !== "none" && proxyConfigAnnotation),
  };
}

function noteBrokenAffinity(service: CanaryService, props: CanaryServiceProps, versions: readonly VersionWorkload[]): void {
  if (props.sessionAffinity === undefined || versions.filter(({ weight }) => weight > 0).length < 2) return;
  const finding = {
    code: "MG0305",
    severity: "warning",
    message:
      "weights are drawn anew for each request, so a caller changes between versions in spite of sessionAffinity; sessions kept in a pod are lost.",
    fix: "Keep sessions outside the pods while a release is under way, or send testers by header instead of by weight.",
  } as const;
  addFinding(service, finding, props.suppress);
}

/** What is wrong with a service in the tree that it stands in. */
function treeProblems(service: CanaryService, isCaller: boolean, pool: NodePool | undefined): string[] {
  const sharers = isCaller ? servicesOf(service, service).filter((name) => name !== service.serviceName) : [];
  const { namespaceName } = service;
  const stranger =
    namespaceName !== undefined && namespaceOf(service) === undefined && namespaceNamed(service, namespaceName) !== undefined;
  return [
    ...(sharers.length > 0
      ? [
          `serviceAccountName: got ${JSON.stringify(service.serviceAccountName)}, which ${sharers.join(" and ")} runs as too: a policy that lets this service in would let that in as well. Give each an account of its own.`,
        ]
      : []),
    ...(stranger
      ? [
          `stands outside the StrictMtlsNamespace ${namespaceName} but in its Kubernetes namespace: its policies would deny every caller. Create the service below it.`,
        ]
      : []),
    ...refusedSysctls(service, pool),
  ];
}

/** Kernel settings that the pool gives its pods, and the namespace's Pod Security level refuses. */
function refusedSysctls(service: CanaryService, pool: NodePool | undefined): string[] {
  const unsafe = pool?.unsafePodSysctls ?? [];
  const namespace = namespaceOf(service);
  if (unsafe.length === 0 || namespace === undefined) return [];
  const level = namespace.podSecurity ?? (controlPlaneOf(service)?.cni === true ? "baseline" : "privileged");
  if (level === "privileged") return [];
  return [
    `pool: ${pool?.poolName} gives its pods ${unsafe.join(", ")}, which Pod Security level ${level} refuses: no pod would start. Set podSecurity: "privileged" on the namespace, or leave them out of the pool's podSysctls.`,
  ];
}

/** Pods that are deployed elsewhere are found by their labels and account only, and nobody here can see them. */
function noteElsewhere(service: CanaryService, props: CanaryServiceProps, versions: readonly VersionWorkload[]): void {
  const elsewhere = versions.filter(({ version }) => version.deployed !== undefined).map(({ version }) => version.name);
  if (elsewhere.length === 0) return;
  const labels = Object.entries(service.podSelector).map(([key, value]) => `${key}=${value}`);
  const finding = {
    code: "MG0306",
    severity: "note",
    message: `pods of ${elsewhere.join(" and ")} are deployed elsewhere: without the labels ${labels.join(", ")} and version, and the account ${service.serviceAccountName}, no Service, subset or policy finds them.`,
    fix: "Give them these labels and this account, or say podSelector and serviceAccountName.",
  } as const;
  addFinding(service, finding, props.suppress);
}
