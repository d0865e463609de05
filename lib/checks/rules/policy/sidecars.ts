import { record } from "../../fields";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { type LabelSelector, labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { byNamespace, type Selections, selections } from "./selections";

/** The Sidecars that Istio's analyzers judge. */
function sidecars(graph: ObjectGraph): readonly MeshObject[] {
  return distinct(judged(graph, "Sidecar"));
}

/** Workloads with the Sidecars that select them. */
export function sidecarSelections(graph: ObjectGraph): Selections {
  return selections(graph, graph.derive(sidecars), sidecarSelector);
}

/** Sidecars without a selector, by their namespace. */
export function wideSidecars(graph: ObjectGraph): ReadonlyMap<string, readonly MeshObject[]> {
  return byNamespace(
    graph.derive(sidecars).filter((sidecar) => {
      const selector = sidecarSelector(sidecar);
      return selector !== "unreadable" && Object.keys(selector).length === 0;
    }),
  );
}

/** The pods that a Sidecar selects; an empty selector means all of its namespace. */
function sidecarSelector({ spec }: MeshObject): LabelSelector {
  const { workloadSelector } = spec;
  if (workloadSelector === undefined || workloadSelector === null) return {};
  return typeof workloadSelector === "object" ? labelSelector(record(workloadSelector).labels) : "unreadable";
}
