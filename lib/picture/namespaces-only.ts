import type { Edge, Topology } from "./topology";

/** A picture in which each namespace stands for its services, and one edge for all between two of them. */
export function namespacesOnly(topology: Topology): Topology {
  const parents = new Map(topology.services.map(({ id, parent }) => [id, parent]));
  const bundles = new Map<string, Edge>();
  for (const { from, to, kind, plaintext } of topology.edges) {
    const ends = { from: parents.get(from) ?? from, to: parents.get(to) ?? to };
    const key = JSON.stringify([ends.from, ends.to]);
    const before = bundles.get(key);
    const isCall = kind !== "allowed" && kind !== "seen";
    const all: Edge = {
      ...ends,
      kind: isCall ? kind : (before?.kind ?? kind),
      ...((plaintext ?? before?.plaintext) && { plaintext: true }),
    };
    if (ends.from !== ends.to) bundles.set(key, all);
  }
  return { ...topology, services: [], edges: [...bundles.values()] };
}
