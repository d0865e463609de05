import type { Edge } from "../topology";
import { type Model, parentOf, type Thing } from "./model";

/** What is drawn: boxes, and lines between them. */
export interface Scene {
  /** Boxes that stand by themselves. */
  readonly top: readonly Box[];
  readonly links: readonly Link[];
}

/** A thing that is drawn; a namespace that is opened has boxes in it. */
export interface Box {
  readonly thing: Thing;
  readonly inner: readonly Box[];
}

/** All edges between two boxes. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly edges: readonly Edge[];
}

/** The scene of the things that are shown. A namespace that is closed stands for its services. */
export function sceneOf(model: Model, shown: ReadonlySet<string>, open: ReadonlySet<string>): Scene {
  const inner = Map.groupBy(
    model.things.filter((thing) => thing.kind === "service" && shown.has(thing.id)),
    (thing) => parentOf(thing) ?? "",
  );
  const top = model.things
    .filter(({ id, kind }) => shown.has(id) && kind !== "service" && kind !== "pool")
    .map((thing) => ({
      thing,
      inner: open.has(thing.id) ? (inner.get(thing.id) ?? []).map((service) => ({ thing: service, inner: [] })) : [],
    }));
  const drawn = new Set(top.flatMap((box) => [box.thing.id, ...box.inner.map(({ thing }) => thing.id)]));
  return { top, links: linksOf(model, shown, drawn) };
}

function linksOf(model: Model, shown: ReadonlySet<string>, drawn: ReadonlySet<string>): readonly Link[] {
  const bundles = new Map<string, { readonly from: string; readonly to: string; readonly edges: Edge[] }>();
  for (const edge of model.topology.edges) {
    if (!shown.has(edge.from) || !shown.has(edge.to)) continue;
    const [from, to] = [standIn(model, edge.from, drawn), standIn(model, edge.to, drawn)];
    if (from === undefined || to === undefined || from === to) continue;
    const key = JSON.stringify([from, to]);
    const bundle = bundles.get(key) ?? { from, to, edges: [] };
    bundles.set(key, bundle);
    bundle.edges.push(edge);
  }
  return [...bundles.values()];
}

/** The box that stands for a thing: its own, or its namespace's. */
function standIn(model: Model, id: string, drawn: ReadonlySet<string>): string | undefined {
  if (drawn.has(id)) return id;
  const thing = model.byId.get(id);
  const parent = thing === undefined ? undefined : parentOf(thing);
  return parent !== undefined && drawn.has(parent) ? parent : undefined;
}
