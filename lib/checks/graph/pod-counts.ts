import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { tryCount } from "./amounts";
import { autoscalerOf } from "./autoscalers";
import { mayRunOutside } from "./outside-workloads";
import { runningIndex } from "./running";
import { labelSelector } from "./selector-index";
import { serviceSelector } from "./service-pods";
import type { Workload } from "./workloads";

/**
 * Number of pods of a Service that carry labels, at rest: what workloads ask for, or the least that their autoscaler keeps.
 *
 * Undefined where it cannot be known: no such pods among the objects, one for each node, a number that somebody else sets, or none at all.
 */
export function podCount(graph: ObjectGraph, service: MeshObject, labels: unknown): number | undefined {
  const [selector, wanted] = [serviceSelector(service), labelSelector(labels ?? {})];
  if (selector === "unreadable" || wanted === "unreadable" || Object.keys(selector).length === 0) return undefined;
  if (mayRunOutside(graph, service.namespace)) return undefined;
  const counts = graph
    .derive(runningIndex)
    .select(service.namespace, { ...wanted, ...selector })
    .map((workload) => countOf(graph, workload));
  const sum = counts.reduce<number>((total, count) => total + (count ?? Number.NaN), 0);
  return sum > 0 ? sum : undefined;
}

const counted: readonly string[] = ["Deployment", "StatefulSet", "ReplicaSet", "Rollout"];

/** A number that is not written may be set by somebody else. */
function countOf(graph: ObjectGraph, workload: Workload): number | undefined {
  const { kind, spec } = workload.object;
  if (kind === "Pod") return 1;
  return counted.includes(kind) ? (autoscalerOf(graph, workload)?.min ?? tryCount(spec.replicas)) : undefined;
}
