import { type Data, record, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";

/** A block of a traffic policy, and where it is written. */
interface PolicyBlock {
  readonly data: Data;
  /** `spec.trafficPolicy.outlierDetection`. */
  readonly field: string;
}

/** What a DestinationRule says of one group of pods on one port, after Istio has put its levels together. */
export interface ClusterPolicy {
  /** Subset; undefined for the host as a whole. */
  readonly subset: { readonly name: string; readonly labels: unknown; readonly field: string } | undefined;
  /** Port that a level of its own is for; undefined for every other port. */
  readonly port: number | undefined;
  readonly outlierDetection: PolicyBlock | undefined;
  readonly loadBalancer: PolicyBlock | undefined;
}

type Blocks = Pick<ClusterPolicy, "outlierDetection" | "loadBalancer">;

/** A traffic policy with the levels of its ports. */
interface Policy {
  readonly blocks: Blocks;
  readonly ports: ReadonlyMap<number, Blocks>;
}

const nothing: Policy = { blocks: { outlierDetection: undefined, loadBalancer: undefined }, ports: new Map() };

/** Levels of ports that are looked at in one policy. A Service has a few ports. */
const mostPorts = 32;

/**
 * Every policy of a DestinationRule that says anything of policies: of the host, then of its subsets, each for all ports and for those that are named.
 *
 * A subset's block replaces the host's, a port's level replaces all blocks that are not written in it.
 */
export function clusterPolicies(graph: ObjectGraph, rule: MeshObject): readonly ClusterPolicy[] {
  return graph.derive(policiesByRule).get(rule) ?? [];
}

/** The policies of every DestinationRule; one that says nothing has none. */
function policiesByRule(graph: ObjectGraph): ReadonlyMap<MeshObject, readonly ClusterPolicy[]> {
  return new Map(graph.of("DestinationRule").flatMap((rule) => (saysAnything(rule) ? [[rule, policiesOf(rule)] as const] : [])));
}

function saysAnything({ spec }: MeshObject): boolean {
  return spec.trafficPolicy !== undefined || records(spec.subsets).some(({ trafficPolicy }) => trafficPolicy !== undefined);
}

function policiesOf({ spec }: MeshObject): readonly ClusterPolicy[] {
  const host = policy(spec.trafficPolicy, "spec.trafficPolicy");
  const subsets = records(spec.subsets).flatMap((data, index) => {
    const name = text(data.name);
    const field = `spec.subsets[${index}]`;
    if (name === undefined) return [];
    return merged(host, policy(data.trafficPolicy, `${field}.trafficPolicy`)).map((one) => ({
      subset: { name, labels: data.labels, field },
      ...one,
    }));
  });
  return [...merged(host, nothing).map((one) => ({ subset: undefined, ...one })), ...subsets];
}

function merged(host: Policy, subset: Policy): readonly Omit<ClusterPolicy, "subset">[] {
  const ports = new Set([...host.ports.keys(), ...subset.ports.keys()]);
  return [
    { port: undefined, ...over(host.blocks, subset.blocks) },
    ...[...ports].map((port) => {
      const below = host.ports.get(port) ?? host.blocks;
      return { port, ...(subset.ports.get(port) ?? over(below, subset.blocks)) };
    }),
  ];
}

function over(below: Blocks, above: Blocks): Blocks {
  return {
    outlierDetection: above.outlierDetection ?? below.outlierDetection,
    loadBalancer: above.loadBalancer ?? below.loadBalancer,
  };
}

function policy(value: unknown, field: string): Policy {
  const data = record(value);
  const levels = records(data.portLevelSettings).slice(0, mostPorts);
  const ports = levels.flatMap((level, index) => {
    const { number } = record(level.port);
    return typeof number === "number" ? [[number, blocksOf(level, `${field}.portLevelSettings[${index}]`)] as const] : [];
  });
  return { blocks: blocksOf(data, field), ports: new Map(ports.toReversed()) };
}

function blocksOf(data: Data, field: string): Blocks {
  return { outlierDetection: block(data, field, "outlierDetection"), loadBalancer: block(data, field, "loadBalancer") };
}

/** A block that is written empty is one: Istio's own numbers hold in it. */
function block(data: Data, field: string, name: keyof Blocks): PolicyBlock | undefined {
  const value = data[name];
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { data: value as Data, field: `${field}.${name}` }
    : undefined;
}
