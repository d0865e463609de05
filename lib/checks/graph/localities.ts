import { record, records, text, textMap } from "../fields";
import type { ObjectGraph } from "../object-graph";
import type { Workload } from "./workloads";

/** Where nodes stand, as far as it can be seen. */
export interface Localities {
  /** `region/zone` of the nodes that say so, each once. */
  readonly names: readonly string[];
  /** Whether every node that is known of says where it stands, or that it does not; false where none is known of. */
  readonly known: boolean;
}

const keys = [
  ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone"],
] as const;

/** Localities of the nodes: of Node objects by their labels, of NodePools by those that they give. */
export function localities(graph: ObjectGraph): Localities {
  const pools = graph.of("NodePool").map(({ spec }) => spec.labels);
  const labels = [...graph.of("Node").map((node) => node.labels), ...pools.filter((given) => given !== undefined).map(textMap)];
  const names = new Set(labels.flatMap(localityOf));
  return { names: [...names].sort(), known: labels.length > 0 && pools.every((given) => given !== undefined) };
}

function localityOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const found = keys.map(([region, zone]) => [labels[region], labels[zone]]).find((pair) => pair.some((part) => part !== undefined));
  return found === undefined ? [] : [found.map((part) => part ?? "").join("/")];
}

/** Whether the pods of a workload are told to spread over zones or regions. */
export function spreadsOverZones({ pod }: Workload): boolean {
  return records(record(pod).topologySpreadConstraints).some(({ topologyKey }) => keys.flat().some((key) => key === text(topologyKey)));
}
