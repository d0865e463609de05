import { record, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { tryCount } from "./amounts";
import type { Workload } from "./workloads";

/** Bounds of a HorizontalPodAutoscaler. */
interface Autoscaler {
  readonly object: MeshObject;
  readonly min: number;
  readonly max: number;
}

/** HorizontalPodAutoscalers by the workload that they scale: `Deployment shop/pricing`. */
function autoscalers(graph: ObjectGraph): ReadonlyMap<string, Autoscaler> {
  return new Map(
    graph.of("HorizontalPodAutoscaler").flatMap((object): readonly [string, Autoscaler][] => {
      const { kind, name } = record(object.spec.scaleTargetRef);
      const min = tryCount(object.spec.minReplicas) ?? 1;
      const max = tryCount(object.spec.maxReplicas) ?? min;
      return text(name) === undefined
        ? []
        : [[`${text(kind)} ${object.namespace}/${text(name)}`, { object, min, max: Math.max(min, max) }]];
    }),
  );
}

/** The autoscaler of a workload. */
export function autoscalerOf(graph: ObjectGraph, { object }: Pick<Workload, "object">): Autoscaler | undefined {
  return graph.derive(autoscalers).get(`${object.kind} ${object.namespace}/${object.name}`);
}

/** Pods of a workload at rest: what its autoscaler keeps at least, else what it asks for. Not for a DaemonSet. */
export function podsAtRest(graph: ObjectGraph, workload: Workload): number {
  return autoscalerOf(graph, workload)?.min ?? tryCount(workload.object.spec.replicas) ?? 1;
}
