import { ApiObject, Chart, JsonPatch, Lazy } from "cdk8s";
import type { Construct } from "constructs";
import { all, bool, type Check, line, listOf, oneOf, optional, port, satisfies, shape } from "../core/check";
import { cidr } from "../core/cidr";
import { addFinding, type Fault, recordAccepted, type Suppressions, suppressionsOf, unaccepted } from "../core/finding";
import { dnsLabel, labels } from "../core/name";
import type { NodePool } from "../core/pool";
import { join, type Problem, problem, refuse } from "../core/problem";
import { AuthorizationPolicy } from "../istio/authorization-policy";
import { PeerAuthentication } from "../istio/peer-authentication";
import { releasesOf } from "../istio/release";
import { Telemetry } from "../istio/telemetry";
import { dryRun, plaintextPolicySpec } from "./access";
import { plaintextTelemetrySpec } from "./mesh-telemetry";
import { nodePool } from "./node-pool-check";
import { type ControlPlane, controlPlaneOf, controlPlanesOf, type MeshNamespace, registerNamespace } from "./tree";
import { isSidecarPort, type MeshWorkload } from "./workload";

/** What a {@link StrictMtlsNamespace} is made of. */
export interface StrictMtlsNamespaceProps {
  /**
   * Name of the namespace. An RFC 1123 label.
   *
   * @default - the construct's id
   */
  readonly name?: string;
  /**
   * `"permissive"` takes plaintext and makes it visible: the step before. `"strict"` refuses it. Going to strict at once breaks every caller
   * without a sidecar: health checks of a load balancer, scrapes, admission webhooks.
   *
   * @default "strict"
   */
  readonly stage?: "permissive" | "strict";
  /**
   * `"declared"` lets in what `calls`, `expose` and `allowPlaintext` declare, and nobody else. While the stage is permissive this is a dry
   * run: Envoy counts what it would refuse (`istio_dry_run` in its RBAC statistics, or its log at level `rbac:debug`) and lets it through.
   * `"open"` lets in every caller that the stage takes.
   *
   * @default "declared"
   */
  readonly access?: "declared" | "open";
  /**
   * Control plane that injects the sidecars, by its revision.
   *
   * @default - the only one of the tree
   */
  readonly controlPlane?: ControlPlane;
  /**
   * Nodes that the services of the namespace run on.
   *
   * @default - any
   */
  readonly pool?: NodePool;
  /**
   * Pod Security level that the namespace enforces. Without Istio's CNI plugin every pod gets an init container with NET_ADMIN, which only
   * `"privileged"` lets start.
   *
   * @default - "baseline" with the CNI plugin, "privileged" without; no label where the tree has no control plane
   */
  readonly podSecurity?: "privileged" | "baseline" | "restricted";
  /**
   * Further labels of the namespace. Labels that decide injection or Pod Security are refused: `controlPlane` and `podSecurity` do.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * The namespace is there already and belongs to somebody else: no Namespace object is made, and the report says which labels it needs.
   *
   * @default false
   */
  readonly existing?: boolean;
  /**
   * `"none"` adds nothing that was not asked for: no Namespace object, no policies, no telemetry; only the PeerAuthentication.
   *
   * @default "safe"
   */
  readonly defaults?: "safe" | "none";
}

/** A caller outside the mesh that may go on without mTLS, on one port of one workload. */
export interface PlaintextException {
  /** The workload it calls. */
  readonly to: MeshWorkload;
  /** Port that the workload listens on, not the Service's; it may lie outside the Service. Range: 1 to 65535. */
  readonly port: number;
  /** Addresses that it calls from: without a certificate nothing else tells it from others. */
  readonly from: readonly [string, ...string[]];
  /**
   * Whose addresses these are: those that the sidecar sees, or, behind a proxy or load balancer that is trusted to say so, the original
   * caller's (`X-Forwarded-For` or PROXY protocol).
   *
   * @default "peer"
   */
  readonly addressOf?: "peer" | "original-caller";
  /** Why the exception is needed. Shows in the manifest. */
  readonly reason: string;
  /**
   * Faults that are accepted, code to reason: MG0402 (anybody's address).
   *
   * @default - none
   */
  readonly suppress?: Suppressions;
}

const checks: Check = shape<StrictMtlsNamespaceProps>({
  name: optional(dnsLabel),
  stage: optional(oneOf("permissive", "strict")),
  access: optional(oneOf("declared", "open")),
  controlPlane: optional(
    satisfies("an IstioControlPlane", (value) => typeof (value as Partial<ControlPlane> | null)?.trustDomain === "string"),
  ),
  pool: optional(nodePool),
  podSecurity: optional(oneOf("privileged", "baseline", "restricted")),
  labels: optional(labels),
  existing: optional(bool),
  defaults: optional(oneOf("safe", "none")),
});

const workload = satisfies("a CanaryService", (value) => typeof (value as Partial<MeshWorkload> | null)?.podSelector === "object");
const exception: Check = shape<PlaintextException>({
  to: workload,
  port: all(
    port,
    satisfies("a port of the workload; the sidecar has 15000 to 15090 itself", (value) => !isSidecarPort(Number(value))),
  ),
  from: listOf(cidr, { min: 1 }),
  addressOf: optional(oneOf("peer", "original-caller")),
  reason: line,
  suppress: optional(suppressionsOf("MG0402")),
});

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
  /** The namespace's mTLS mode. */
  readonly peerAuthentication: PeerAuthentication;

  readonly #exceptions: Map<MeshWorkload, Map<number, string>> = new Map();
  readonly #exceptionNames: Set<string> = new Set();

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
    this.node.addValidation({ validate: () => treeProblems(this) });
    registerNamespace(this, this);
    releasesOf(this);
    if (defaults === "safe") addNamespace(this, props);
    this.peerAuthentication = new PeerAuthentication(this, "mtls", {
      metadata: { name: "default" },
      spec: { mtls: { mode: stage === "strict" ? "STRICT" : "PERMISSIVE" } },
    });
    if (defaults === "safe") this.#addWatch();
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
    refuse(subject, [...dnsLabel("name", name), ...exception("", props)]);
    const { to, port, from, addressOf, reason, suppress } = props;
    const faults = anybodyFaults(from);
    refuse(subject, [...this.#relationProblems(name, to), ...unaccepted(faults, suppress)]);
    recordAccepted(this, faults, suppress);
    this.#exceptionNames.add(name);
    const ports = this.#exceptions.get(to) ?? this.#addException(to);
    ports.set(port, reason);
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
    if (this.access === "declared") {
      new AuthorizationPolicy(this, "default-deny", {
        metadata: { name: "default-deny", annotations: this.#policyAnnotations() },
        spec: {},
      });
    }
  }
}

function permissivePorts(ports: readonly number[]): Record<string, { mode: "PERMISSIVE" }> {
  return Object.fromEntries([...ports].sort((a, b) => a - b).map((port) => [`${port}`, { mode: "PERMISSIVE" as const }]));
}

function namespaceProblems(id: string, props: StrictMtlsNamespaceProps): readonly Problem[] {
  const name = props?.name ?? id;
  const problems = [...(props?.name === undefined ? dnsLabel("name", id) : []), ...checks("", props)];
  if (problems.length > 0) return problems;
  return [
    ...Object.keys(props.labels ?? {}).flatMap(decidingLabelProblems),
    ...(/^kube-|^istio-system$/.test(name) ? [systemNamespace(name)] : []),
  ];
}

/** A default deny in the mesh's root namespace denies everything, everywhere; in kube-* it cuts off the cluster. */
function systemNamespace(name: string): Problem {
  const hint = "Settings of the whole mesh belong to the IstioControlPlane.";
  return problem("name", name, "a namespace of applications, not of the mesh or the cluster themselves", hint);
}

/** The namespace has one label that decides injection. Two of them cancel each other in ways that nobody remembers (IST0123). */
function decidingLabelProblems(key: string): readonly Problem[] {
  const path = join("labels", key);
  if (["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"].includes(key)) {
    return [{ path, message: "decides injection, which the control plane's revision does. Leave it out, or set controlPlane." }];
  }
  return key === "pod-security.kubernetes.io/enforce" ? [{ path, message: "decides Pod Security. Use podSecurity." }] : [];
}

/** Addresses that shut nobody out. */
function anybodyFaults(from: readonly string[]): readonly Fault[] {
  const anybody = from.filter((range) => range.endsWith("/0"));
  if (anybody.length === 0) return [];
  const message = `${anybody.join(" and ")} is anybody's address: whoever reaches the port gets in, without a certificate.`;
  return [{ code: "MG0402", prop: "from", message, fix: "Name the addresses of the caller." }];
}

/** What is wrong with a namespace in the tree that it stands in. */
function treeProblems(namespace: StrictMtlsNamespace): string[] {
  const { namespaceName, controlPlane, podSecurity } = namespace;
  const all = controlPlanesOf(namespace);
  const own = controlPlaneOf(namespace);
  const strictLevel = podSecurity !== undefined && podSecurity !== "privileged";
  return [
    ...(controlPlane === undefined && all.length > 1
      ? [`controlPlane: got nothing, expected one of the ${all.length} control planes of the tree: without it no sidecar is injected.`]
      : []),
    ...(all.some((plane) => plane.namespaceName === namespaceName) ? [systemNamespace(namespaceName).message] : []),
    ...(strictLevel && own !== undefined && !own.cni
      ? [
          `podSecurity: got "${podSecurity}", expected "privileged": without Istio's CNI plugin each pod's init container needs NET_ADMIN, and no pod would start. Set cni: true on the control plane.`,
        ]
      : []),
  ];
}

/** Labels of a namespace that decide injection: by name for the default control plane, by revision for another. */
function injectionLabels(revision: string | undefined): Record<string, string> {
  return revision === undefined || revision === "default" ? { "istio-injection": "enabled" } : { "istio.io/rev": revision };
}

/** Label by label, because the control plane that decides them may be added to the tree later. A value of undefined is left out. */
function namespaceLabels(namespace: StrictMtlsNamespace, { podSecurity, labels = {} }: StrictMtlsNamespaceProps): Record<string, string> {
  const later = (value: () => string | undefined): string => Lazy.any({ produce: value });
  const injection = (key: string) => (): string | undefined => injectionLabels(controlPlaneOf(namespace)?.revision)[key];
  return {
    ...labels,
    "istio-injection": later(injection("istio-injection")),
    "istio.io/rev": later(injection("istio.io/rev")),
    "pod-security.kubernetes.io/enforce": later(() => podSecurity ?? podSecurityLevel(controlPlaneOf(namespace))),
  };
}

function podSecurityLevel(controlPlane: ControlPlane | undefined): "baseline" | "privileged" | undefined {
  if (controlPlane === undefined) return undefined;
  return controlPlane.cni ? "baseline" : "privileged";
}

function addNamespace(namespace: StrictMtlsNamespace, props: StrictMtlsNamespaceProps): void {
  if (props.existing === true) {
    addFinding(namespace, {
      code: "MG0401",
      severity: "note",
      message: `namespace ${namespace.namespaceName} exists already: without the injection label its pods get no sidecar, and STRICT breaks every call to them.`,
      fix: `kubectl label namespace ${namespace.namespaceName} istio-injection=enabled (or istio.io/rev=<revision>).`,
    });
    return;
  }
  const metadata = { name: namespace.namespaceName, labels: namespaceLabels(namespace, props) };
  const object = new ApiObject(namespace, "namespace", { apiVersion: "v1", kind: "Namespace", metadata });
  // cdk8s gives every object of a chart the chart's namespace, and the API server refuses it on one that has none.
  object.addJsonPatch(JsonPatch.remove("/metadata/namespace"));
}
