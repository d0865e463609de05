import type { ObjectGraph } from "../checks/object-graph";
import { declaredEdges, exposedEdges } from "./call-edges";
import { mostEdges } from "./limits";
import type { Places } from "./places";
import { allowedEdges } from "./policy-edges";
import { routedEdges, seenEdges } from "./scope-edges";
import type { Edge } from "./topology";

/** Who leads to whom, each pair once: what says most of it counts. What leads to itself is left out. */
export function edges(graph: ObjectGraph, places: Places): { readonly edges: readonly Edge[]; readonly leftOut: number } {
  const found = new Map<string, Edge>();
  const ways = [exposedEdges, declaredEdges, routedEdges, allowedEdges, seenEdges];
  for (const way of ways) {
    for (const edge of way(graph, places)) {
      const pair = `${edge.from} ${edge.to}`;
      if (edge.from !== edge.to && !found.has(pair)) found.set(pair, edge);
    }
  }
  return { edges: [...found.values()].slice(0, mostEdges), leftOut: Math.max(0, found.size - mostEdges) };
}
