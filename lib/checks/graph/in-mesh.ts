import { records } from "../fields";
import type { ObjectGraph } from "../object-graph";
import { namespaceInjection } from "./injection";
import type { Workload } from "./workloads";

/**
 * Whether Istio's analyzers take the pods of a workload for part of the mesh: they hold a proxy, or their label asks for one, or their
 * annotation, or their namespace.
 *
 * Where nothing says so, they are not: a namespace that is not among the objects asks for nothing. A namespace that a revision labels counts.
 */
export function isInMesh(graph: ObjectGraph, { pod, labels, annotations, namespace }: Workload): boolean {
  const proxy = records(pod.containers).find(({ name }) => name === "istio-proxy")?.image;
  if (typeof proxy === "string" && proxy !== "") return true;
  const own = labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"];
  return own === undefined ? namespaceInjection(graph, namespace) === "enabled" : own === "true";
}
