import type { ObjectGraph } from "../object-graph";
import { callOrder } from "./call-order";
import type { Hop } from "./hops";

/** A time after which somebody on the way stops waiting, and the hop whose limit it is. */
export interface Deadline {
  /** Unit: milliseconds; Infinity where everybody waits for ever. */
  readonly time: number;
  readonly hop: Hop | undefined;
}

/** How long a service has for an answer: to the caller that waits longest, and to the one that waits least. */
export interface Deadlines {
  readonly most: Deadline;
  readonly least: Deadline;
}

const never: Deadline = { time: Number.POSITIVE_INFINITY, hop: undefined };

/** Deadlines of every service of the call graph. A service that nobody calls has none. */
export function deadlines(graph: ObjectGraph): ReadonlyMap<string, Deadlines> {
  const { services, into } = graph.derive(callOrder);
  const found = new Map<string, Deadlines>();
  for (const service of services) {
    const each = (into.get(service) ?? []).map((hop) => after(hop, hop.from === undefined ? undefined : found.get(hop.from)));
    found.set(service, { most: chosen(each, "most"), least: chosen(each, "least") });
  }
  return found;
}

/** What remains behind a hop. */
function after(hop: Hop, before: Deadlines = { most: never, least: never }): Deadlines {
  const { least, most } = hop.policy.allowance;
  return { most: sooner(before.most, { time: most, hop }), least: sooner(before.least, { time: least, hop }) };
}

function sooner(a: Deadline, b: Deadline): Deadline {
  return b.time < a.time ? b : a;
}

function chosen(each: readonly Deadlines[], which: keyof Deadlines): Deadline {
  const all = each.map((one) => one[which]);
  return all.length === 0
    ? never
    : all.reduce((best, one) => ((which === "most" ? one.time > best.time : one.time < best.time) ? one : best));
}
