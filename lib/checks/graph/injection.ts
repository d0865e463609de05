import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";

/** What a namespace says of sidecars, as far as it can be seen. */
export type NamespaceInjection = "enabled" | "disabled" | "unlabelled" | "unknown";

/** What the labels of a namespace say of sidecars; `unknown` for a namespace that is not among the objects. */
export function namespaceInjection(graph: ObjectGraph, namespace: string): NamespaceInjection {
  const object = graph.derive(namespaces).get(namespace);
  return object === undefined ? "unknown" : injectionOf(object);
}

/** Namespaces by name. */
export function namespaces(graph: ObjectGraph): ReadonlyMap<string, MeshObject> {
  return new Map(graph.of("Namespace").map((object) => [object.name, object]));
}

/** `istio-injection` decides where it is set; else a revision asks for sidecars. */
export function injectionOf({ labels }: MeshObject): NamespaceInjection {
  const legacy = labels["istio-injection"];
  if (legacy !== undefined) return legacy === "enabled" ? "enabled" : "disabled";
  return (labels["istio.io/rev"] ?? "") === "" ? "unlabelled" : "enabled";
}

/** Whether the pods of a namespace are in the ambient mesh: its label, and no label that asks for sidecars. */
export function isAmbient({ labels }: Pick<MeshObject, "labels">): boolean {
  if (labels["istio-injection"] === "enabled" || (labels["istio.io/rev"] ?? "") !== "") return false;
  return labels["istio.io/dataplane-mode"] === "ambient";
}
