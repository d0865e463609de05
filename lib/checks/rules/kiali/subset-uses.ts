import { fullHost } from "../../graph/hosts";
import { destinationsOf, type RouteDestination } from "../../graph/routes";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** A destination that names a subset. */
export interface SubsetDestination {
  readonly object: MeshObject;
  readonly destination: RouteDestination;
  /** The host in full. */
  readonly name: string;
  readonly subset: string;
  /** Whether it gets a share of the requests of its route, and the rest goes elsewhere at the same host. */
  readonly isShared: boolean;
}

/** How routes use a subset. */
export interface SubsetUse {
  /** Whether any route sends it a share of its requests, and the rest elsewhere at the same host. */
  readonly isShared: boolean;
}

/** The key of a subset of a host in full. */
export function subsetKey(host: string, subset: string): string {
  return `${host} ${subset}`;
}

/** Every destination of a VirtualService that names a subset. */
export function subsetDestinations(graph: ObjectGraph): readonly SubsetDestination[] {
  return graph.of("VirtualService").flatMap(destinationsIn);
}

/** Subsets that any route of a VirtualService names, by host in full and name. */
export function subsetUses(graph: ObjectGraph): ReadonlyMap<string, SubsetUse> {
  const uses = new Map<string, SubsetUse>();
  for (const { name, subset, isShared } of graph.derive(subsetDestinations)) {
    const key = subsetKey(name, subset);
    if (isShared || !uses.has(key)) uses.set(key, { isShared });
  }
  return uses;
}

function destinationsIn(object: MeshObject): readonly SubsetDestination[] {
  const destinations = destinationsOf(object);
  if (destinations.every(({ subset }) => subset === undefined)) return [];
  const shares = new Map<string, number>();
  const named = destinations.map((destination) => {
    const name = fullHost(destination.host, object.namespace);
    const share = `${destination.route.field} ${name}`;
    if (!destination.mirror) shares.set(share, (shares.get(share) ?? 0) + 1);
    return { destination, name, share };
  });
  return named.flatMap(({ destination, name, share }) => {
    const { subset, mirror } = destination;
    return subset === undefined ? [] : [{ object, destination, name, subset, isShared: !mirror && (shares.get(share) ?? 0) > 1 }];
  });
}
