import { Construct } from "constructs";
import { type Fault, recordAccepted, unaccepted } from "../core/finding";
import { declareMovedFields } from "../core/moved-fields";
import { problem, refuse } from "../core/problem";
import { DestinationRule } from "../istio/destination-rule";
import { type Releases, releasesOf } from "../istio/release";
import { VirtualService } from "../istio/virtual-service";
import { prometheusOf } from "../prometheus/prometheus-server";
import { declareRuleGroups } from "../prometheus/rule-group";
import { Admissions } from "./access";
import { argoMovedFields } from "./argo-rollouts";
import { ArgoRolloutsWorkload } from "./argo-rollouts-workload";
import { noteBrokenAffinity, noteElsewhere, noteLoadTester, treeProblems } from "./canary-service-findings";
import { canaryServiceProblems, identityProblems } from "./canary-service-problems";
import type { CanaryServiceProps } from "./canary-service-props";
import { ejectionFaults } from "./circuit-breaker";
import { proxyConfigAnnotation, servicePods } from "./deployment";
import type { EdgeRoute } from "./edge-route";
import { ExternalService } from "./external-service";
import { FlaggerWorkload } from "./flagger-workload";
import { servicePolicySpec } from "./network-policies";
import { addNetworkPolicy } from "./network-policy";
import type { OutgoingCalls } from "./outgoing-calls";
import { releaseAlerts } from "./release-alerts";
import type { RoutedService } from "./release-roll-back";
import { defaultReplicas, fewest } from "./replicas";
import { retryFaults } from "./retries";
import { accountOf, moves, revisionsOf, trafficOf, versionsOf } from "./service-versions";
import { sidecarAnnotations } from "./sidecar-resources";
import { addSidecarScope } from "./sidecar-scope";
import { destinationRuleSpec, httpRoutes, type Traffic, virtualServiceSpec } from "./traffic";
import { chartFor, declareCall, type MeshNamespace, namespaceNameOf, namespaceOf, type PodGroup, registerAccount } from "./tree";
import type { MeshIdentity, MeshWorkload, WorkloadPort } from "./workload";
import { WorkloadObjects, type WorkloadObjectsProps } from "./workload-objects";

/**
 * A service with two or more versions behind one host, and all that decides how requests reach them: a Service, a DestinationRule with the
 * versions as subsets, a VirtualService with their weights, and for each image a Deployment.
 *
 * With `Release.progressive` a delivery controller moves the weights: then it is one Rollout in place of the Deployments, or for Flagger a
 * Deployment and a Canary, from which Flagger makes the Service and the routes itself.
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
  /** Versions as subsets, and how callers connect. Undefined where Flagger makes its own. */
  readonly destinationRule: DestinationRule | undefined;
  /** Weights, timeout and retries for callers inside the mesh. Undefined where Flagger makes its own. */
  readonly virtualService: VirtualService | undefined;
  /** How requests reach the versions; a gateway that exposes the service routes by the same rules. */
  readonly traffic: Traffic;

  readonly #mover: ArgoRolloutsWorkload | FlaggerWorkload | undefined;
  readonly #namespace: MeshNamespace | undefined;
  readonly #admissions: Admissions;
  readonly #callers: PodGroup[] = [];
  readonly #routed: RoutedService[] = [];
  readonly #workloads: MeshWorkload[] = [];
  readonly #externals: ExternalService[] = [];

  constructor(scope: Construct, id: string, props: CanaryServiceProps) {
    super(scope, id);
    const releases = releasesOf(this);
    const faults = checked(this, props, releases);
    const versions = versionsOf(props.release);
    const chart = chartFor(this, undefined);
    this.#namespace = namespaceOf(this);
    this.serviceName = props.name ?? id;
    this.ports = portsOf(props);
    this.podSelector = props.podSelector ?? servicePods(this.serviceName);
    this.serviceAccountName = accountOf(this.serviceName, props, versions);
    this.traffic = trafficOf(this, props, versions, this.#namespace);
    this.namespaceName = namespaceNameOf(chart);
    const metadata = { name: this.serviceName };
    const routes = moves(props.release, "flagger") ? undefined : virtualServiceSpec(this.traffic);
    this.destinationRule = routes && new DestinationRule(chart, "destination-rule", { metadata, spec: destinationRuleSpec(this.traffic) });
    this.virtualService = routes && new VirtualService(chart, "virtual-service", { metadata, spec: routes });
    const annotations = podAnnotations(props);
    this.#mover = this.#addWorkload(chart, { service: this, props, versions, annotations, releases, namespace: this.#namespace });
    this.#admissions = new Admissions(chart, this, this.#namespace?.stage === "permissive");
    this.#addAlerts(props, revisionsOf(versions));
    this.#addBorders(chart);
    registerAccount(this, this);
    this.node.addValidation({ validate: () => treeProblems(this, this.#workloads.length > 0, props) });
    recordAccepted(this, faults, props.suppress);
    noteBrokenAffinity(this, props, versions);
    noteElsewhere(this, props, versions);
    noteLoadTester(this, props);
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

  /**
   * Routes what comes in for a host through a gateway as for callers inside the mesh: by a VirtualService, whose weights move with the
   * others, or where Flagger makes the routes by its own. `MeshGateway.expose` uses it.
   */
  routeFrom({ name, host, gateway }: EdgeRoute): void {
    if (this.#mover instanceof FlaggerWorkload) {
      this.#mover.expose(gateway, host);
      return;
    }
    const spec = { hosts: [host], gateways: [gateway], http: httpRoutes(this.traffic, {}) };
    const metadata = { name: `${this.serviceName}-${name}` };
    const virtualService = new VirtualService(chartFor(this, undefined), `edge-${name}`, { metadata, spec });
    this.#routed.push({ name: virtualService.name, namespace: this.namespaceName, http: spec.http });
    this.#mover?.moves(virtualService, spec);
  }

  /** Alerts about a pinned release; they name every VirtualService that holds its weights. */
  #addAlerts({ release, protocol = "http" }: CanaryServiceProps, revisions: Readonly<Record<string, string>>): void {
    const { serviceName, namespaceName: namespace, traffic } = this;
    if (release.kind !== "pinned" || release.alertWhen === undefined || namespace === undefined) return;
    const { alertWhen } = release;
    const { versions } = traffic;
    const own = { name: serviceName, namespace, http: virtualServiceSpec(traffic).http ?? [] };
    declareRuleGroups(this, () => [
      releaseAlerts({ namespace, serviceName, protocol, versions, revisions, alertWhen, virtualServices: [own, ...this.#routed] }),
    ]);
  }

  /** The objects that run, and the controller's construct where one moves the release. */
  #addWorkload(chart: Construct, props: WorkloadObjectsProps): ArgoRolloutsWorkload | FlaggerWorkload | undefined {
    const { release } = props.props;
    if (release.kind === "pinned") {
      new WorkloadObjects(chart, "workload", props);
      return undefined;
    }
    const adopted = props.versions[0]?.adopted;
    const prometheus = (): string => release.prometheus ?? prometheusOf(this)?.address ?? "";
    const common = { ...props, adopted, prometheus, namespaceName: this.namespaceName };
    if (release.controller === "flagger") return new FlaggerWorkload(chart, "workload", { ...common, release, traffic: this.traffic });
    const workload = new ArgoRolloutsWorkload(chart, "workload", { ...common, release });
    if (this.virtualService !== undefined) workload.moves(this.virtualService, virtualServiceSpec(this.traffic));
    if (this.destinationRule !== undefined) declareMovedFields(this.destinationRule, argoMovedFields.destinationRule);
    return workload;
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

/** Refuses what cannot be rendered, and returns the faults that were accepted. */
function checked(construct: Construct, props: CanaryServiceProps, releases: Releases): readonly Fault[] {
  refuse(construct.node.path, canaryServiceProblems(construct.node.id, props, namespaceNameOf(construct)));
  const { retries, timeout, circuitBreaker } = props;
  const [stable] = versionsOf(props.release);
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

function podAnnotations(props: CanaryServiceProps): Record<string, string> {
  return {
    ...(props.sidecar !== undefined && sidecarAnnotations(props.sidecar)),
    ...(props.defaults !== "none" && proxyConfigAnnotation),
  };
}
