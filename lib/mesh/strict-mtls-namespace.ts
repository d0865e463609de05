import { ApiObject, Chart, Lazy } from "cdk8s";
import { type Construct, Dependable, type IConstruct, type IDependable } from "constructs";
import { recordAccepted, unaccepted } from "../core/finding";
import { dnsLabel } from "../core/name";
import type { NodePool } from "../core/pool";
import { type Problem, problem, refuse } from "../core/problem";
import { AuthorizationPolicy } from "../istio/authorization-policy";
import { PeerAuthentication } from "../istio/peer-authentication";
import { releasesOf } from "../istio/release";
import { Telemetry } from "../istio/telemetry";
import { plaintextRules } from "../prometheus/mtls-rules";
import { declareRuleGroups } from "../prometheus/rule-group";
import { dryRun, plaintextPolicySpec } from "./access";
import { declaredPlaintext } from "./declared-plaintext";
import { plaintextTelemetrySpec, portTelemetrySpec } from "./mesh-telemetry";
import { namespacePolicySpec } from "./network-policies";
import { addNetworkPolicy } from "./network-policy";
import { addNamespace, treeProblems } from "./strict-mtls-namespace-object";
import {
  anybodyFaults,
  namespaceProblems,
  type PlaintextException,
  plaintextException,
  type StrictMtlsNamespaceProps,
} from "./strict-mtls-namespace-props";
import { type ControlPlane, controlPlaneOf, type MeshNamespace, type Outsider, registerNamespace } from "./tree";
import type { MeshWorkload } from "./workload";
import { workloadNames } from "./workload-names";

/**
 * A namespace, as a Chart, in which sidecars speak mTLS, and in which only declared callers get through.
 *
 * @throws InvalidInput when a prop is wrong.
 * @example
 * ```ts
 * import { MeshApp, StrictMtlsNamespace } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * new StrictMtlsNamespace(app, "payments", { stage: "strict" });
 * ```
 * ```yaml
 * apiVersion: security.istio.io/v1
 * kind: PeerAuthentication
 * metadata:
 *   name: default
 *   namespace: payments
 * spec:
 *   mtls:
 *     mode: STRICT
 * ```
 */
export class StrictMtlsNamespace extends Chart implements MeshNamespace {
  /** Name of the namespace. */
  readonly namespaceName: string;
  /** Whether plaintext is still taken. */
  readonly stage: "permissive" | "strict";
  /** Whether only declared callers get through. */
  readonly access: "declared" | "open";
  /** Nodes that the services of the namespace run on. */
  readonly pool: NodePool | undefined;
  /** Pod Security level that was asked for; undefined for the one that suits the control plane. */
  readonly podSecurity: "privileged" | "baseline" | "restricted" | undefined;
  /** Control plane that was chosen; undefined for the only one of the tree. */
  readonly controlPlane: ControlPlane | undefined;
  /** Whether sidecars know the whole mesh, or only what their service was declared to call. */
  readonly sidecarScope: "mesh" | "calls";
  /** Whether the network lets through what was declared, and nothing else. */
  readonly networkPolicies: "none" | "calls";
  /** The namespace's mTLS mode. */
  readonly peerAuthentication: PeerAuthentication;

  readonly #exceptions: Map<MeshWorkload, Map<number, string>> = new Map();
  readonly #exceptionNames: Set<string> = new Set();
  readonly #outsiders: Map<MeshWorkload, Outsider[]> = new Map();
  readonly #declared: PlaintextException[] = [];
  readonly #watched: boolean;

  constructor(scope: Construct, id: string, props: StrictMtlsNamespaceProps = {}) {
    super(scope, id, { namespace: props?.name ?? id });
    refuse(this.node.path, namespaceProblems(id, props));
    const { stage = "strict", access = "declared", defaults = "safe" } = props;
    this.namespaceName = props.name ?? id;
    this.stage = stage;
    this.access = defaults === "none" ? "open" : access;
    this.pool = props.pool;
    this.controlPlane = props.controlPlane;
    this.podSecurity = props.podSecurity;
    this.sidecarScope = props.sidecarScope ?? "mesh";
    this.networkPolicies = props.networkPolicies ?? "none";
    this.node.addValidation({ validate: () => treeProblems(this) });
    registerNamespace(this, this);
    releasesOf(this);
    if (defaults === "safe") addNamespace(this, props);
    this.peerAuthentication = new PeerAuthentication(this, "mtls", {
      metadata: { name: "default" },
      spec: { mtls: { mode: stage === "strict" ? "STRICT" : "PERMISSIVE" } },
    });
    this.#watched = defaults === "safe";
    if (this.#watched) this.#addWatch();
    if (this.networkPolicies === "calls") {
      addNetworkPolicy(this, { id: "network-policy", name: "default-deny", spec: () => namespacePolicySpec(controlPlaneOf(this)) });
    }
  }

  /** Callers outside the mesh that may go on without mTLS, in the order of declaration. */
  get exceptions(): readonly PlaintextException[] {
    return this.#declared;
  }

  /** Callers outside the mesh that a workload takes plaintext from. */
  outsidersOf(workload: MeshWorkload): readonly Outsider[] {
    return this.#outsiders.get(workload) ?? [];
  }

  /**
   * Lets a caller outside the mesh go on without mTLS: on one port of one workload, from its own addresses.
   *
   * The port takes plaintext and mTLS alike, so callers inside the mesh are not disturbed. A policy narrows plaintext to the given addresses:
   * an ALLOW where access is declared, a DENY for all others where it is open.
   *
   * @throws InvalidInput when the exception is not well-formed, or the name is taken.
   */
  allowPlaintext(name: string, props: PlaintextException): this {
    const subject = `${this.node.path}.allowPlaintext(${JSON.stringify(name)})`;
    refuse(subject, [...dnsLabel("name", name), ...plaintextException("", props)]);
    const { to, port, from, addressOf, reason, suppress } = props;
    const faults = anybodyFaults(from);
    refuse(subject, [...this.#relationProblems(name, to), ...unaccepted(faults, suppress)]);
    recordAccepted(this, faults, suppress);
    this.#exceptionNames.add(name);
    this.#declared.push(props);
    if (this.#exceptions.size === 0 && this.#watched && this.stage === "strict") this.#addPortTelemetry();
    const ports = this.#exceptions.get(to) ?? this.#addException(to);
    ports.set(port, reason);
    const outsider = { port, from: addressOf === "original-caller" ? [] : from };
    this.#outsiders.set(to, [...this.outsidersOf(to), outsider]);
    new AuthorizationPolicy(this, `plaintext-${name}`, {
      metadata: {
        name: `${to.serviceName}-plaintext-${name}`,
        annotations: { ...this.#policyAnnotations(), "meshground.io/reason": reason },
      },
      spec: plaintextPolicySpec(to, { port, from, addressOf, access: this.access }),
    });
    return this;
  }

  #relationProblems(name: string, to: MeshWorkload): readonly Problem[] {
    const here = to.namespaceName === this.namespaceName;
    return [
      ...(this.#exceptionNames.has(name) ? [problem("name", name, "a name that no other exception of the namespace has")] : []),
      ...(here
        ? []
        : [
            problem(
              "to",
              to.serviceName,
              `a workload of this namespace, ${this.namespaceName}`,
              `It is in ${to.namespaceName ?? "no namespace"}.`,
            ),
          ]),
    ];
  }

  /** One exception a workload: of two that select the same pods, Istio takes the older one and drops the other. */
  #addException(to: MeshWorkload): Map<number, string> {
    const ports = new Map<number, string>();
    this.#exceptions.set(to, ports);
    new PeerAuthentication(this, `exception-${to.serviceName}`, {
      metadata: { name: `${to.serviceName}-plaintext` },
      spec: {
        selector: { matchLabels: to.podSelector },
        mtls: { mode: this.stage === "strict" ? "STRICT" : "PERMISSIVE" },
        portLevelMtls: Lazy.any({ produce: () => permissivePorts([...ports.keys()]) }),
      },
    });
    return ports;
  }

  /** With exceptions there goes plaintext on in `strict` as well, and only its port tells that it is the declared one. */
  #addPortTelemetry(): void {
    new Telemetry(this, "telemetry", { metadata: { name: "plaintext-callers" }, spec: portTelemetrySpec() });
  }

  #policyAnnotations(): Readonly<Record<string, string>> {
    return this.stage === "permissive" ? dryRun : {};
  }

  /** What shows plaintext callers while they are still taken, and refuses undeclared ones afterwards. */
  #addWatch(): void {
    if (this.stage === "permissive") {
      new Telemetry(this, "telemetry", {
        metadata: { name: "plaintext-callers" },
        spec: Lazy.any({ produce: () => plaintextTelemetrySpec(controlPlaneOf(this)?.accessLog ?? "off") }),
      });
    }
    declareRuleGroups(this, () => {
      const plaintext = declaredPlaintext(this.exceptions, workloadNames(this));
      return [plaintextRules({ name: this.namespaceName, stage: this.stage, plaintext })];
    });
    if (this.access === "declared") {
      const deny = new AuthorizationPolicy(this, "default-deny", {
        metadata: { name: "default-deny", annotations: this.#policyAnnotations() },
        spec: {},
      });
      if (this.stage === "strict") writeAfterAllows(this, deny);
    }
  }
}

/**
 * Writes what denies everything behind what lets callers in: whoever applies the file object by object would shut them out in between. In
 * `permissive` it stands in front, so that on the way back it is the first to stop denying.
 */
function writeAfterAllows(namespace: Chart, deny: AuthorizationPolicy): void {
  const allows: IDependable = {};
  Dependable.implement(allows, {
    get dependencyRoots() {
      return namespace.node.findAll().filter((child) => child !== deny && isPolicy(child) && Chart.of(child) === namespace);
    },
  });
  deny.node.addDependency(allows);
}

function isPolicy(construct: IConstruct): boolean {
  return ApiObject.isApiObject(construct) && construct.kind === "AuthorizationPolicy";
}

function permissivePorts(ports: readonly number[]): Record<string, { mode: "PERMISSIVE" }> {
  return Object.fromEntries([...ports].sort((a, b) => a - b).map((port) => [`${port}`, { mode: "PERMISSIVE" as const }]));
}
