import { Lazy } from "cdk8s";
import type { Construct } from "constructs";
import { Sidecar } from "../istio/sidecar";
import type { CallsOf } from "./outgoing-calls";
import type { ControlPlane } from "./tree";
import { controlPlaneOf } from "./tree";
import type { MeshWorkload } from "./workload";

/** What one service's sidecars know: the hosts that it was declared to call, and those that the sidecar itself calls. */
export function addSidecarScope(scope: Construct, service: MeshWorkload, calls: CallsOf): void {
  new Sidecar(scope, "sidecar-scope", {
    metadata: { name: service.serviceName },
    spec: {
      workloadSelector: { labels: service.podSelector },
      egress: [{ hosts: Lazy.any({ produce: () => egressHosts(calls(), controlPlaneOf(scope)?.providers ?? []) }) }],
    },
  });
}

/** `namespace/host` for each callee, sorted; `~/*`, nothing at all, for a service that calls nobody. */
export function egressHosts({ workloads, externals }: ReturnType<CallsOf>, providers: ControlPlane["providers"]): readonly string[] {
  const hosts = new Set([
    ...workloads.map(({ namespaceName = ".", serviceName }) =>
      namespaceName === "." ? "./*" : `${namespaceName}/${serviceName}.${namespaceName}.svc.cluster.local`,
    ),
    ...externals.flatMap(({ namespaceName = ".", hosts }) => hosts.map((host) => `${namespaceName}/${host}`)),
    ...providers.map(({ host }) => `${namespaceOfHost(host) ?? "*"}/${host}`),
  ]);
  return hosts.size === 0 ? ["~/*"] : [...hosts].sort();
}

/** Namespace of a Service's host in full; undefined for any other host. */
export function namespaceOfHost(host: string): string | undefined {
  return /^[^.]+\.([^.]+)\.svc\./.exec(host)?.[1];
}

/** Why the scope of a service cannot be narrowed. */
export function sidecarScopeProblems(controlPlane: ControlPlane | undefined): readonly string[] {
  if (controlPlane?.outbound === "REGISTRY_ONLY") return [];
  const got = controlPlane === undefined ? "no control plane in the tree" : `outbound: "${controlPlane.outbound}" on the control plane`;
  return [
    `sidecarScope: got "calls" with ${got}, expected outbound: "REGISTRY_ONLY": where sidecars let out any call, one that was not declared leaves without mTLS, and a strict service resets it.`,
  ];
}
