import { all, bool, type Check, line, listOf, oneOf, optional, port, satisfies, shape } from "../core/check";
import { cidr } from "../core/cidr";
import { type Fault, type Suppressions, suppressionsOf } from "../core/finding";
import { dnsLabel, labels } from "../core/name";
import type { NodePool } from "../core/pool";
import { join, type Problem, problem } from "../core/problem";
import { nodePool } from "./node-pool-check";
import type { ControlPlane } from "./tree";
import { isSidecarPort, type MeshWorkload } from "./workload";

/** What a `StrictMtlsNamespace` is made of. */
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
   * `"calls"` narrows each sidecar to what its service was declared to call, so that it takes a fraction of the memory and of istiod's pushes
   * in a large mesh: where a service called 10 of 1,000, its Envoy had 0.23 MB of configuration and 10 MB of memory in place of 10.6 MB and
   * 216 MB (docs/evidence.md). Refused unless the control plane's `outbound` is `"REGISTRY_ONLY"`: elsewhere a call that nobody declared would
   * leave without mTLS.
   *
   * @default "mesh"
   */
  readonly sidecarScope?: "mesh" | "calls";
  /**
   * `"calls"` closes the namespace on the network too: NetworkPolicies let through what `calls`, `expose` and `allowPlaintext` declare, names,
   * istiod and metrics, and nothing else. They hold at every stage, and there is no dry run of them. A network plugin has to enforce them.
   *
   * @default "none"
   */
  readonly networkPolicies?: "none" | "calls";
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
  sidecarScope: optional(oneOf("mesh", "calls")),
  networkPolicies: optional(oneOf("none", "calls")),
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
/** An exception whose parts are well-formed. */
export const plaintextException: Check = shape<PlaintextException>({
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

/** Everything that is wrong with a namespace's props by themselves. */
export function namespaceProblems(id: string, props: StrictMtlsNamespaceProps): readonly Problem[] {
  const name = props?.name ?? id;
  const problems = [...(props?.name === undefined ? dnsLabel("name", id) : []), ...checks("", props)];
  if (problems.length > 0) return problems;
  return [
    ...Object.keys(props.labels ?? {}).flatMap(decidingLabelProblems),
    ...(/^kube-|^istio-system$/.test(name) ? [systemNamespace(name)] : []),
  ];
}

/** A default deny in the mesh's root namespace denies everything, everywhere; in kube-* it cuts off the cluster. */
export function systemNamespace(name: string): Problem {
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
export function anybodyFaults(from: readonly string[]): readonly Fault[] {
  const anybody = from.filter((range) => range.endsWith("/0"));
  if (anybody.length === 0) return [];
  const message = `${anybody.join(" and ")} is anybody's address: whoever reaches the port gets in, without a certificate.`;
  return [{ code: "MG0402", prop: "from", message, fix: "Name the addresses of the caller." }];
}
