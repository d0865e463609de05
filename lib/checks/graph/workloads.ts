import { at, type Data, list, record, records, text, textMap } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { LabelIndex } from "./label-index";

/** Pods, or what makes them. */
export interface Workload {
  readonly object: MeshObject;
  readonly namespace: string;
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations of the pods. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The pods' spec. */
  readonly pod: Data;
  /** Where the pods' metadata and spec stand in the object: `spec.template`, or empty for a Pod. */
  readonly template: string;
  /** Service account that the pods run as. */
  readonly serviceAccount: string;
}

const templated = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Rollout"] as const;

/** Every workload of a graph: Pods, and what holds a template of them. */
export function workloads(graph: ObjectGraph): readonly Workload[] {
  const made = templated
    .flatMap((kind) => graph.of(kind))
    // The pods of a Rollout with a workloadRef are those of its Deployment, which is among the objects or unknown.
    .filter(({ kind, spec }) => kind !== "Rollout" || spec.workloadRef === undefined)
    .map((object) => workload(object, "spec.template", record(object.spec.template)));
  const scheduled = graph
    .of("CronJob")
    .map((object) => workload(object, "spec.jobTemplate.spec.template", record(at(object.spec, "jobTemplate", "spec", "template"))));
  return [...graph.of("Pod").map((object) => workload(object, "", object.data)), ...made, ...scheduled];
}

/** Workloads by the labels of their pods. */
export function workloadIndex(graph: ObjectGraph): LabelIndex<Workload> {
  return new LabelIndex(
    graph.derive(workloads),
    ({ labels }) => labels,
    ({ namespace }) => namespace,
  );
}

/** Containers of a workload with the field that each stands in: init containers first where they are asked for. */
export function containersOf(
  { pod, template }: Workload,
  which: readonly ("containers" | "initContainers")[] = ["containers"],
): readonly { readonly container: Data; readonly field: string }[] {
  const spec = template === "" ? "spec" : `${template}.spec`;
  return which.flatMap((name) => records(pod[name]).map((container, index) => ({ container, field: `${spec}.${name}[${index}]` })));
}

/** Number of pods that a workload asks for; undefined for a DaemonSet, which has one on each node. */
export function replicasOf({ object }: Workload): number | undefined {
  if (object.kind === "DaemonSet") return undefined;
  const { replicas } = object.spec;
  return typeof replicas === "number" ? replicas : 1;
}

function workload(object: MeshObject, template: string, { metadata, spec }: Data): Workload {
  const pod = record(spec);
  return {
    object,
    namespace: object.namespace,
    labels: textMap(record(metadata).labels),
    annotations: textMap(record(metadata).annotations),
    pod,
    template,
    serviceAccount: text(pod.serviceAccountName) ?? text(pod.serviceAccount) ?? "default",
  };
}

/** Whether a pod's containers, its init containers among them, hold one of a name. */
export function hasContainer({ pod }: Workload, name: string): boolean {
  return [...list(pod.containers), ...list(pod.initContainers)].some((container) => record(container).name === name);
}
