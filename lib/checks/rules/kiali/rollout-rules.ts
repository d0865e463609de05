import { at, text } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** DestinationRules whose subsets Argo Rollouts writes the labels of. */
export function rolloutRules(graph: ObjectGraph): ReadonlySet<MeshObject> {
  const rules = graph.of("Rollout").flatMap(({ namespace, spec }) => {
    const name = text(at(spec, "strategy", "canary", "trafficRouting", "istio", "destinationRule", "name"));
    return name === undefined ? [] : (graph.find("DestinationRule", namespace, name) ?? []);
  });
  return new Set(rules);
}
