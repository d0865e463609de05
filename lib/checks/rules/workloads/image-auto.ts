import { records } from "../../fields";
import { judged } from "../../graph/judged";
import { type Workload, workloads } from "../../graph/workloads";
import type { ObjectGraph } from "../../object-graph";

/** Pods or Deployments whose proxy has the image `auto`, which the injector replaces. */
export function withImageAuto(graph: ObjectGraph, kind: "Pod" | "Deployment"): readonly Workload[] {
  const objects = new Set(judged(graph, kind));
  return graph.derive(workloads).filter((workload) => objects.has(workload.object) && hasImageAuto(workload));
}

/** What is wrong with a workload whose pods the injector never sees. */
export function notInjectedMessage({ object, namespace }: Workload): string {
  return `the image of istio-proxy is auto, which an injector replaces, and by the labels of ${object.name} and of ${namespace} none is asked.`;
}

function hasImageAuto({ pod }: Workload): boolean {
  return records(pod.containers).some(({ name, image }) => name === "istio-proxy" && image === "auto");
}
