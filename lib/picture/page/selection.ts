import type { MutualTlsMode } from "../../checks/graph/mutual-tls";
import type { Severity } from "../../core/finding";
import type { Kind, Model, Thing } from "./model";

/** What somebody wants to see. Empty sets and texts leave nothing out. */
export interface Filter {
  readonly query: string;
  readonly hidden: ReadonlySet<Kind>;
  readonly severities: ReadonlySet<Severity>;
  readonly namespace: string;
  readonly stages: ReadonlySet<MutualTlsMode>;
}

export const noFilter: Filter = { query: "", hidden: new Set(), severities: new Set(), namespace: "", stages: new Set() };

/** Things that match what is typed: by name, namespace, host, version or the code of a finding. In the order of the picture. */
export function searched(model: Model, query: string): readonly Thing[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  return model.things.filter((thing) => {
    const text = wordsOf(model, thing);
    return words.every((word) => text.includes(word));
  });
}

const known = new WeakMap<Thing, string>();

function wordsOf({ findings }: Model, thing: Thing): string {
  const before = known.get(thing);
  if (before !== undefined) return before;
  const own = (findings.get(thing.id) ?? []).filter(({ at }) => at === thing.id).map(({ code }) => code);
  const text = [thing.kind, thing.namespace, thing.name, ...wordsOfKind(thing), ...own].join(" ").toLowerCase();
  known.set(thing, text);
  return text;
}

function wordsOfKind(thing: Thing): readonly string[] {
  if (thing.kind === "gateway") return thing.data.hosts;
  if (thing.kind === "service") return [...thing.data.versions.map(({ name }) => name), ...thing.data.ports];
  return thing.kind === "pool" ? [thing.data.country ?? "", ...thing.data.kernel.map(({ key }) => key)] : [];
}

/** Ids of what a filter leaves in the picture. */
export function shown(model: Model, filter: Filter): ReadonlySet<string> {
  const services = model.things.filter((thing) => thing.kind === "service" && isShown(model, filter, thing));
  const ids = new Set(services.map(({ id }) => id));
  const parents = new Set(services.flatMap((thing) => (thing.kind === "service" ? [thing.data.parent] : [])));
  const isNarrow = filter.namespace !== "" || filter.stages.size > 0 || filter.severities.size > 0;
  for (const thing of model.things) {
    if (thing.kind === "service" || filter.hidden.has(thing.kind)) continue;
    if (isShown(model, filter, thing) || parents.has(thing.id) || (isNarrow && isNeighbour(model, thing, ids))) ids.add(thing.id);
  }
  return ids;
}

function isShown(model: Model, filter: Filter, thing: Thing): boolean {
  return (
    !filter.hidden.has(thing.kind) &&
    (filter.namespace === "" || filter.namespace === thing.namespace) &&
    (filter.stages.size === 0 || (hasStage(thing) && filter.stages.has(thing.data.mtls))) &&
    (filter.severities.size === 0 ||
      (model.findings.get(thing.id) ?? []).some(({ severity, accepted }) => accepted === undefined && filter.severities.has(severity)))
  );
}

function hasStage(thing: Thing): thing is Extract<Thing, { readonly kind: "service" | "namespace" }> {
  return thing.kind === "service" || thing.kind === "namespace";
}

/** Where requests come from and go to belongs to the services that it leads to. */
function isNeighbour({ outOf, into }: Model, thing: Thing, services: ReadonlySet<string>): boolean {
  if (thing.kind === "namespace" || thing.kind === "pool") return false;
  return (
    (outOf.get(thing.id) ?? []).some(({ to }) => services.has(to)) || (into.get(thing.id) ?? []).some(({ from }) => services.has(from))
  );
}
