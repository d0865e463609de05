import { record } from "../../fields";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { type LabelSelector, labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { byNamespace, type Selections, selections } from "./selections";

/** The Telemetries that Istio's analyzers judge. */
export function telemetries(graph: ObjectGraph): readonly MeshObject[] {
  return distinct(judged(graph, "Telemetry"));
}

/** Workloads with the Telemetries that select them. */
export function telemetrySelections(graph: ObjectGraph): Selections {
  return selections(graph, graph.derive(telemetries), selectorOf);
}

/** Telemetries that hold for a whole namespace, by namespace: without a selector, and attached to nothing. */
export function wideTelemetries(graph: ObjectGraph): ReadonlyMap<string, readonly MeshObject[]> {
  return byNamespace(graph.derive(telemetries).filter((telemetry) => isAbsent(telemetry.spec.selector) && !isAttached(telemetry)));
}

/** Whether a policy is attached to Gateways or Services by name, rather than to pods by labels. */
export function isAttached({ spec }: MeshObject): boolean {
  return !isAbsent(spec.targetRef) || !isAbsent(spec.targetRefs);
}

/** Whether a field is not set. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function selectorOf({ spec }: MeshObject): LabelSelector {
  return isAbsent(spec.selector) ? {} : typeof spec.selector === "object" ? labelSelector(record(spec.selector).matchLabels) : "unreadable";
}
