import { record } from "../../fields";
import { judged } from "../../graph/judged";
import { anyRunsOutside, mayRunOutside } from "../../graph/outside-workloads";
import { knowsWorkloads, selectorText, selectsAnywhere, selectsIn } from "../../graph/pod-groups";
import { labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";

/** Gateways, Sidecars and Telemetries whose selector selects no pods. */
export function* selectorReferences(graph: ObjectGraph): Iterable<RuleFinding> {
  for (const object of judged(graph, "Gateway")) {
    const labels = readable(object.spec.selector);
    if (labels === undefined || selectsAnywhere(graph, labels) || anyRunsOutside(graph)) continue;
    yield finding(object, "spec.selector", labels, "no gateway opens these ports");
  }
  for (const object of judged(graph, "Sidecar")) {
    const labels = readable(record(object.spec.workloadSelector).labels);
    yield* unmet(graph, object, "spec.workloadSelector", labels);
  }
  for (const object of judged(graph, "Telemetry")) {
    const labels = readable(record(object.spec.selector).matchLabels);
    yield* unmet(graph, object, "spec.selector", labels);
  }
}

function* unmet(
  graph: ObjectGraph,
  object: MeshObject,
  field: string,
  labels: Readonly<Record<string, string>> | undefined,
): Iterable<RuleFinding> {
  const { namespace } = object;
  if (labels === undefined || !knowsWorkloads(graph) || selectsIn(graph, namespace, labels) || mayRunOutside(graph, namespace)) return;
  yield finding(object, field, labels, "it changes nothing");
}

function finding(object: MeshObject, field: string, labels: Readonly<Record<string, string>>, outcome: string): RuleFinding {
  const where = object.kind === "Gateway" ? "" : ` of ${object.namespace}`;
  const pods = object.kind === "Gateway" ? "Pod istio-ingress/*" : `Pod ${object.namespace}/*`;
  return {
    object,
    field,
    message: `no pods${where} that were checked carry ${selectorText(labels)}: if there are none, ${outcome}.`,
    fix: `Select labels that the pods carry, add the workload, or declare its pods external: externals: ["${pods}"].`,
  };
}

/** Labels of a selector that asks for any. */
function readable(value: unknown): Readonly<Record<string, string>> | undefined {
  const labels = labelSelector(value);
  return labels === "unreadable" || Object.keys(labels).length === 0 ? undefined : labels;
}
