import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** Namespaces of which no label says whether their pods get sidecars. Istio's own is not among them, nor are those of the ambient mesh. */
export function unlabelledNamespaces(graph: ObjectGraph): readonly MeshObject[] {
  return judged(graph, "Namespace").filter(
    ({ name, labels }) =>
      name !== "istio-system" &&
      labels["istio.io/dataplane-mode"] !== "ambient" &&
      (labels["istio-injection"] ?? "") === "" &&
      labels["istio.io/rev"] === undefined,
  );
}
