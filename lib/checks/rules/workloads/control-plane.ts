import type { MeshObject } from "../../mesh-object";

/** Whether an object is of Istio's control plane or one of its gateways, by the labels that Istio's analyzers go by. */
export function isControlPlane({ labels }: MeshObject): boolean {
  return labels.istio !== undefined || labels.release === "istio";
}
