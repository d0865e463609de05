import { at, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { isSystemNamespace } from "./judged";
import { LabelIndex } from "./label-index";
import { type Workload, workloads } from "./workloads";

/**
 * Workloads as they run, each once: Pods, and what makes Pods where none of its Pods is among the objects.
 *
 * What is made by another object of the graph is left out for its maker. Kubernetes' own namespaces are left out as well.
 */
export function running(graph: ObjectGraph): readonly Workload[] {
  const judged = graph.derive(workloads).filter(({ namespace }) => !isSystemNamespace(namespace));
  const pods = indexOf(judged.filter(({ object }) => object.kind === "Pod"));
  return judged.filter(
    ({ object, namespace, labels }) =>
      object.kind === "Pod" || (!isMadeByAnother(graph, object) && pods.select(namespace, labels).length === 0),
  );
}

/** Workloads as they run, by the labels of their pods. */
export function runningIndex(graph: ObjectGraph): LabelIndex<Workload> {
  return indexOf(graph.derive(running));
}

function indexOf(items: Iterable<Workload>): LabelIndex<Workload> {
  return new LabelIndex(
    items,
    ({ labels }) => labels,
    ({ namespace }) => namespace,
  );
}

/** Kinds that make workloads of other kinds. */
const makers = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Rollout"] as const;

function isMadeByAnother(graph: ObjectGraph, { namespace, data }: MeshObject): boolean {
  return records(at(data, "metadata", "ownerReferences")).some((owner) => {
    const kind = makers.find((maker) => maker === owner.kind);
    return kind !== undefined && graph.find(kind, namespace, text(owner.name) ?? "") !== undefined;
  });
}
