import { fullHost } from "../../graph/hosts";
import { destinationsOf } from "../../graph/routes";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** How routes use a subset. */
export interface SubsetUse {
  /** A route sends a share of its requests to it, and the rest elsewhere at the same host. */
  readonly isShared: boolean;
}

/** The key of a subset of a host in full. */
export function subsetKey(host: string, subset: string): string {
  return `${host} ${subset}`;
}

/** Subsets that any route of a VirtualService names, by host in full and name. */
export function subsetUses(graph: ObjectGraph): ReadonlyMap<string, SubsetUse> {
  const uses = new Map<string, SubsetUse>();
  for (const { key, isShared } of graph.of("VirtualService").flatMap(usesOf)) {
    uses.set(key, { isShared: isShared || (uses.get(key)?.isShared ?? false) });
  }
  return uses;
}

function usesOf(object: MeshObject): readonly (SubsetUse & { readonly key: string })[] {
  const destinations = destinationsOf(object).map((one) => ({ ...one, name: fullHost(one.host, object.namespace) }));
  const shares = new Map<string, number>();
  for (const { route, name, mirror } of destinations) {
    const key = `${route.field} ${name}`;
    if (!mirror) shares.set(key, (shares.get(key) ?? 0) + 1);
  }
  return destinations.flatMap(({ route, name, subset, mirror }) =>
    subset === undefined ? [] : [{ key: subsetKey(name, subset), isShared: !mirror && (shares.get(`${route.field} ${name}`) ?? 0) > 1 }],
  );
}
