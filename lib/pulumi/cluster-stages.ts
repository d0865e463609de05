import type { CustomResource, Input, Resource } from "@pulumi/pulumi";
import type { HelmRelease } from "../mesh/helm-values";
import { type ClusterObject, namespaceAround, namespaceMadeBy, needsIstiod } from "./cluster-object";
import { type KubernetesSdk, kubernetesPackage, kubernetesResource } from "./kubernetes-resource";
import { loadPeer } from "./peer";
import type { StackPlan } from "./stack-plan";
import { needsCluster } from "./stage";
import { StrictGates } from "./strict-gates";

/** The cluster that the upper stages are for. */
export interface Cluster {
  readonly kubeconfig: Input<string>;
  /** What names the cluster whatever its kubeconfig says; undefined where the provider has to find out by itself. */
  readonly identity: Input<string> | undefined;
  /** What has to be there before anything is put into the cluster. */
  readonly ground: readonly Resource[];
}

/** Puts Istio and the objects of the tree into a cluster. */
export function clusterStages(plan: StackPlan, { kubeconfig, identity, ground }: Cluster, parent: Resource): void {
  if (!needsCluster(plan.stages)) return;
  const sdk = loadPeer<KubernetesSdk>(kubernetesPackage);
  const provider = new sdk.Provider(
    `${plan.stack}/kubernetes`,
    { kubeconfig, ...(identity !== undefined && { clusterIdentifier: identity }) },
    { parent, dependsOn: [...ground] },
  );
  const inCluster = new ClusterStages(plan, sdk, { parent, provider });
  inCluster.make();
}

interface InCluster {
  readonly parent: Resource;
  readonly provider: InstanceType<KubernetesSdk["Provider"]>;
}

/** What is made in the cluster, each object once whatever it waits for. */
class ClusterStages {
  readonly #plan: StackPlan;
  readonly #sdk: KubernetesSdk;
  readonly #options: InCluster;
  readonly #objects: Map<number, CustomResource> = new Map();
  readonly #gates: StrictGates;
  /** Helm releases that were made, by their namespace. */
  readonly #releases: { readonly release: HelmRelease; readonly resource: CustomResource }[] = [];

  constructor(plan: StackPlan, sdk: KubernetesSdk, options: InCluster) {
    this.#plan = plan;
    this.#sdk = sdk;
    this.#options = options;
    this.#gates = new StrictGates(plan, options.parent);
  }

  /** First the namespaces that Istio goes into, where the tree declares them; then Istio; then all else. */
  make(): void {
    const { stages, releases, objects } = this.#plan;
    const homes = new Set(stages.has("istio") ? releases.map(({ namespace }) => namespace) : []);
    const isHome = ({ object }: ClusterObject): boolean => homes.has(namespaceMadeBy(object) ?? "");
    for (const [place, object] of objects.entries()) if (isHome(object)) this.#object(place, object);
    if (stages.has("istio")) for (const release of releases) this.#release(release);
    for (const [place, object] of objects.entries()) if (!isHome(object)) this.#object(place, object);
  }

  #object(place: number, { name, stage, object, moved, waitsFor }: ClusterObject): void {
    if (!this.#plan.stages.has(stage)) return;
    const gate = stage === "namespaces" ? [] : this.#gates.before(namespaceAround(object), (home) => this.#namespace(home));
    const dependsOn = [...waitsFor.flatMap((other) => this.#objects.get(other) ?? []), ...this.#istioFor(object), ...gate];
    const options = { ...this.#options, dependsOn, ...(moved.length > 0 && { ignoreChanges: [...moved] }) };
    this.#objects.set(place, kubernetesResource(this.#sdk, name, object, options));
  }

  /** istiod, for what its webhooks look at; for anything else in a namespace that Helm makes, the first release there. */
  #istioFor(object: ClusterObject["object"]): readonly CustomResource[] {
    const namespace = namespaceAround(object);
    if (needsIstiod(object)) return this.#releases.filter(({ release }) => release.chart === "istiod").map(({ resource }) => resource);
    const first = this.#releases.find(({ release }) => release.namespace === namespace && this.#home(release) === undefined);
    return first === undefined ? [] : [first.resource];
  }

  /** Each chart waits for those before it: CRDs, plugin, istiod. Gateways wait for istiod, and not for each other. */
  #release(release: HelmRelease): void {
    const { name, namespace, chart, version, repository, values } = release;
    const home = this.#home(release);
    const earlier = this.#releases.filter((other) => other.release.chart !== "gateway");
    const resource = new this.#sdk.helm.v3.Release(
      `${this.#plan.stack}/${namespace}/Release/${name}`,
      { name, namespace, chart, version, repositoryOpts: { repo: repository }, values, createNamespace: home === undefined },
      { ...this.#options, dependsOn: [...(home === undefined ? [] : [home]), ...earlier.map((other) => other.resource)] },
    );
    this.#releases.push({ release, resource });
  }

  /** The namespace of a release, where the tree declares it. */
  #home({ namespace }: HelmRelease): CustomResource | undefined {
    return this.#namespace(namespace);
  }

  #namespace(namespace: string): CustomResource | undefined {
    const place = this.#plan.objects.findIndex(({ object }) => namespaceMadeBy(object) === namespace);
    return this.#objects.get(place);
  }
}
