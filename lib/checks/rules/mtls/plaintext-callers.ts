import { isAmbient, namespaceInjection, namespaces } from "../../graph/injection";
import { membershipOf } from "../../graph/membership";
import { type RefusedCall, refusedCalls } from "../../graph/refused-calls";
import type { Workload } from "../../graph/workloads";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";
import { policyName } from "./naming";

/** Why pods have no sidecar, which decides what is to be done: one rule for each. */
export type OutsideKind = "host network" | "job" | "other";

/** Why pods have no sidecar; undefined for pods that have one, or may have. */
export function outsideKind(graph: ObjectGraph, workload: Workload): OutsideKind | undefined {
  if (membershipOf(graph, workload) !== "outside") return undefined;
  if (workload.pod.hostNetwork === true) return "host network";
  const { kind } = workload.object;
  return (kind === "Job" || kind === "CronJob") && optsOut(workload) ? "job" : "other";
}

/** Whether pods say themselves that they want no sidecar. */
export function optsOut({ labels, annotations }: Workload): boolean {
  return (labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"]) === "false";
}

/** Whether pods of a namespace are in the mesh unless they say otherwise. */
export function isMeshNamespace(graph: ObjectGraph, namespace: string): boolean {
  const object = graph.derive(namespaces).get(namespace);
  return object !== undefined && (namespaceInjection(graph, namespace) === "enabled" || isAmbient(object));
}

/** The first call of pods without a sidecar that is refused: an error where it is declared, a warning where only an address says so. */
export function refusedCallFinding(graph: ObjectGraph, workload: Workload, because: string): RuleFinding | undefined {
  const found = refusedCalls(graph, workload);
  const call = found.find(({ field }) => field === undefined) ?? found[0];
  if (call === undefined) return undefined;
  return {
    object: workload.object,
    ...(call.field !== undefined && { field: call.field }),
    message: `${because}, so calls to ${call.service.namespace}/${call.service.name} go out in plaintext, and its pods refuse it (PeerAuthentication ${policyName(call.policy)})${told(call)}.`,
    severity: call.field === undefined ? "error" : "warning",
  };
}

function told({ field }: RefusedCall): string {
  return field === undefined ? "; a CallGraph declares the call" : "";
}
