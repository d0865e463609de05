import { record } from "../../fields";
import type { MeshObject } from "../../mesh-object";

/** Whether a Pod was read from a cluster, rather than written to be made: it has a node, or a status that says something. */
export function isOfCluster({ data, spec }: MeshObject): boolean {
  return typeof spec.nodeName === "string" || Object.keys(record(data.status)).length > 0;
}
