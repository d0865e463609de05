import type {
  Edge,
  ExternalNode,
  GatewayNode,
  NamespaceNode,
  OutsideNode,
  PictureFinding,
  PoolNode,
  ServiceNode,
  Topology,
} from "../topology";

/** Something of the picture that can be pointed at. */
export type Thing =
  | Named<"namespace", NamespaceNode>
  | Named<"service", ServiceNode>
  | Named<"gateway", GatewayNode>
  | Named<"external", ExternalNode>
  | Named<"outside", OutsideNode>
  | Named<"pool", PoolNode>;

interface Named<Kind extends string, Data> {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  /** Name of the namespace that it is in; its own for a namespace, empty where it is in none. */
  readonly namespace: string;
  readonly data: Data;
}

export type Kind = Thing["kind"];

/** A topology with the indexes that a page needs. */
export interface Model {
  readonly topology: Topology;
  readonly things: readonly Thing[];
  readonly byId: ReadonlyMap<string, Thing>;
  readonly outOf: ReadonlyMap<string, readonly Edge[]>;
  readonly into: ReadonlyMap<string, readonly Edge[]>;
  /** Findings by what they are about; those of a service are its namespace's as well. */
  readonly findings: ReadonlyMap<string, readonly PictureFinding[]>;
}

export function modelOf(topology: Topology): Model {
  const things = thingsOf(topology);
  const byId = new Map(things.map((thing) => [thing.id, thing]));
  return {
    topology,
    things,
    byId,
    outOf: Map.groupBy(topology.edges, ({ from }) => from),
    into: Map.groupBy(topology.edges, ({ to }) => to),
    findings: findingsById(topology.findings, byId),
  };
}

function thingsOf({ namespaces, services, gateways, externals, outsiders, pools }: Topology): readonly Thing[] {
  const names = new Map(namespaces.map(({ id, name }) => [id, name]));
  return [
    ...namespaces.map((data) => ({ kind: "namespace" as const, id: data.id, name: data.name, namespace: data.name, data })),
    ...services.map((data) => ({ kind: "service" as const, id: data.id, name: data.name, namespace: names.get(data.parent) ?? "", data })),
    ...gateways.map((data) => ({ kind: "gateway" as const, id: data.id, name: data.name, namespace: data.namespace ?? "", data })),
    ...externals.map((data) => ({ kind: "external" as const, id: data.id, name: data.name, namespace: data.namespace, data })),
    ...outsiders.map((data) => ({ kind: "outside" as const, id: data.id, name: data.name, namespace: "", data })),
    ...pools.map((data) => ({ kind: "pool" as const, id: data.id, name: data.name, namespace: "", data })),
  ];
}

function findingsById(
  findings: readonly PictureFinding[],
  byId: ReadonlyMap<string, Thing>,
): ReadonlyMap<string, readonly PictureFinding[]> {
  const found = new Map<string, PictureFinding[]>();
  const add = (id: string, finding: PictureFinding): void => {
    const list = found.get(id) ?? [];
    found.set(id, list);
    list.push(finding);
  };
  for (const finding of findings) {
    const thing = byId.get(finding.at ?? "");
    if (thing === undefined) continue;
    add(thing.id, finding);
    if (thing.kind === "service") add(thing.data.parent, finding);
  }
  return found;
}

/** The namespace that a service is drawn in; everything else stands by itself. */
export function parentOf(thing: Thing): string | undefined {
  return thing.kind === "service" ? thing.data.parent : undefined;
}

/** A count with its word: `1 service`, `2 services`. */
export function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
