import { isAmbient, namespaces } from "../../graph/injection";
import { membershipOf } from "../../graph/membership";
import { runningIndex } from "../../graph/running";
import type { LabelSelector } from "../../graph/selector-index";
import type { Workload } from "../../graph/workloads";
import { type MeshObject, objectName } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** What selects a workload, in the workload's own namespace. */
export type Selections = ReadonlyMap<Workload, readonly MeshObject[]>;

/** Workloads with the objects that select them by labels. A selector that is empty, or cannot be read, selects none. */
export function selections(
  graph: ObjectGraph,
  objects: readonly MeshObject[],
  selectorOf: (object: MeshObject) => LabelSelector,
): Selections {
  if (objects.length === 0) return new Map();
  const index = graph.derive(runningIndex);
  const selecting = new Map<Workload, MeshObject[]>();
  for (const object of objects) {
    const selector = selectorOf(object);
    if (selector === "unreadable" || Object.keys(selector).length === 0) continue;
    for (const workload of index.select(object.namespace, selector)) {
      const list = selecting.get(workload);
      if (list === undefined) selecting.set(workload, [object]);
      else list.push(object);
    }
  }
  return selecting;
}

/** Objects by the namespace that they stand in. */
export function byNamespace(objects: readonly MeshObject[]): ReadonlyMap<string, readonly MeshObject[]> {
  const lists = new Map<string, MeshObject[]>();
  for (const object of objects) {
    const list = lists.get(object.namespace);
    if (list === undefined) lists.set(object.namespace, [object]);
    else list.push(object);
  }
  return lists;
}

/** Whether the pods of a workload are in the ambient mesh: a Pod that runs says so itself, of others their labels and their namespace do. */
export function isInAmbient(graph: ObjectGraph, workload: Workload): boolean {
  if (workload.object.kind === "Pod") return workload.annotations["ambient.istio.io/redirection"] === "enabled";
  return membershipOf(graph, workload) === "ambient";
}

/** Whether a namespace that is among the objects is in the ambient mesh. */
export function isAmbientNamespace(graph: ObjectGraph, namespace: string): boolean {
  const object = graph.derive(namespaces).get(namespace);
  return object !== undefined && isAmbient(object);
}

/** `the pod shop/pricing-1`, `the pods of Deployment shop/pricing`. */
export function podsOfWorkload({ object }: Workload): string {
  const name = objectName(object);
  return object.kind === "Pod" ? `the pod ${name.slice("Pod ".length)}` : `the pods of ${name}`;
}
