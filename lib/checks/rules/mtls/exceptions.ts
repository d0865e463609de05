import { join } from "../../../core/problem";
import { record } from "../../fields";
import { type MutualTlsMode, peerSelector, portLevels } from "../../graph/mutual-tls";
import { type Workload, workloadIndex } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** A mode that a PeerAuthentication sets for the workloads that it selects: on one port, or on all that it does not name. */
export interface WorkloadMode {
  readonly policy: MeshObject;
  /** Port of the workload; undefined for all others. */
  readonly port: number | undefined;
  readonly mode: MutualTlsMode;
  readonly field: string;
}

/** The modes that PeerAuthentications of workloads set, in the order in which they are written. */
export function workloadModes(graph: ObjectGraph): readonly WorkloadMode[] {
  return graph.of("PeerAuthentication").flatMap((policy) => {
    const selector = peerSelector(policy);
    if (selector === "unreadable" || Object.keys(selector).length === 0) return [];
    const ports = portLevels(policy).map(({ port, key, mode }) => ({ port, mode, field: join("spec.portLevelMtls", key) }));
    const all = [{ port: undefined, mode: record(policy.spec.mtls).mode, field: "spec.mtls.mode" }, ...ports];
    return all.flatMap(({ port, mode, field }) => (isMode(mode) ? [{ policy, port, mode, field }] : []));
  });
}

/** Workloads that a PeerAuthentication selects by a selector. */
export function selectedBy(graph: ObjectGraph, policy: MeshObject): readonly Workload[] {
  const selector = peerSelector(policy);
  if (selector === "unreadable" || Object.keys(selector).length === 0) return [];
  return graph.derive(workloadIndex).select(policy.namespace, selector);
}

function isMode(mode: unknown): mode is Exclude<MutualTlsMode, "UNKNOWN"> {
  return mode === "STRICT" || mode === "PERMISSIVE" || mode === "DISABLE";
}
