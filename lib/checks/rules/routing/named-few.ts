import { type MeshObject, objectName } from "../../mesh-object";

/** How many objects a message names. */
const few = 3;

/** `VirtualService shop/a, VirtualService shop/b and others`: the first objects of several lists, without one. It looks at no more of them than it names. */
export function namedFew(lists: readonly (readonly MeshObject[])[], except?: MeshObject): string {
  const names = [...firstOf(lists, except)].map(objectName);
  const last = names.length > few ? "others" : (names.at(-1) ?? "");
  const before = names.slice(0, Math.min(few, names.length - (names.length > few ? 0 : 1)));
  return before.length === 0 ? last : `${before.join(", ")} and ${last}`;
}

function* firstOf(lists: readonly (readonly MeshObject[])[], except: MeshObject | undefined): Iterable<MeshObject> {
  let found = 0;
  for (const list of lists) {
    for (const object of list) {
      if (object === except) continue;
      yield object;
      found += 1;
      if (found > few) return;
    }
  }
}
