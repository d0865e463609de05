import type { MeshObject } from "../mesh-object";

/** Objects of one kind, each name once: of several by one name the last, which is the one that stays in a cluster. */
export function distinct(objects: readonly MeshObject[]): readonly MeshObject[] {
  return [...new Map(objects.map((object) => [`${object.namespace}/${object.name}`, object])).values()];
}
