import type { MeshObject } from "../mesh-object";

/** What was found of each list: a dozen rules ask for the same few. */
const known = new WeakMap<readonly MeshObject[], readonly MeshObject[]>();

/** Objects of one kind, each name once: of several by one name the last, which is the one that stays in a cluster. */
export function distinct(objects: readonly MeshObject[]): readonly MeshObject[] {
  const found = known.get(objects) ?? [...new Map(objects.map((object) => [`${object.namespace}/${object.name}`, object])).values()];
  known.set(objects, found);
  return found;
}
