import type { ObjectGraph } from "../object-graph";
import { type Hop, hops } from "./hops";

/** The hops of a call graph in an order in which every caller comes before what it calls. */
export interface CallOrder {
  /** Services: each after all that call it, but for the hops that were cut. */
  readonly services: readonly string[];
  /** Hops to a service, from the edge of the mesh and from others, without those that were cut. */
  readonly into: ReadonlyMap<string, readonly Hop[]>;
  /** Hops from a service to others, those that close a circle among them. */
  readonly outOf: ReadonlyMap<string, readonly Hop[]>;
  /** Hops that close a circle: without them there is none. */
  readonly cut: ReadonlySet<Hop>;
  /** Where requests begin: services that the edge leads to or nobody calls, and one of each circle that nothing else leads into. */
  readonly entries: readonly string[];
}

/** Puts the hops of a graph in order. Circles are cut at the hop that closes them on the way from the entries. */
export function callOrder(graph: ObjectGraph): CallOrder {
  const all = graph.derive(hops);
  const [outOf, calledBy] = [grouped(all, ({ from }) => from), grouped(all, ({ to }) => to)];
  const services = [...new Set(all.flatMap(({ from, to }) => (from === undefined ? [to] : [from, to])))];
  const isEntry = (service: string): boolean => (calledBy.get(service) ?? []).every(({ from }) => from === undefined);
  const isOpen = (service: string): boolean => (calledBy.get(service) ?? []).some(({ from }) => from === undefined);
  const search = new Search(outOf);
  const entries = [...services.filter(isEntry), ...services.filter((service) => !isEntry(service) && isOpen(service))];
  for (const service of entries) search.from(service);
  for (const service of services) if (search.from(service)) entries.push(service);
  const kept = all.filter((hop) => !search.cut.has(hop));
  return { services: search.order(), into: grouped(kept, ({ to }) => to), outOf, cut: search.cut, entries };
}

function grouped(all: readonly Hop[], keyOf: (hop: Hop) => string | undefined): ReadonlyMap<string, readonly Hop[]> {
  const groups = new Map<string, Hop[]>();
  for (const hop of all) {
    const key = keyOf(hop);
    if (key === undefined) continue;
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [hop]);
    else list.push(hop);
  }
  return groups;
}

interface Step {
  readonly service: string;
  next: number;
}

/** Goes along the hops, deep first; without recursion, because chains can be longer than a stack. */
class Search {
  readonly cut: Set<Hop> = new Set();
  readonly #outOf: ReadonlyMap<string, readonly Hop[]>;
  readonly #state = new Map<string, "open" | "done">();
  readonly #done: string[] = [];

  constructor(outOf: ReadonlyMap<string, readonly Hop[]>) {
    this.#outOf = outOf;
  }

  /** Callers first. */
  order(): readonly string[] {
    return this.#done.toReversed();
  }

  /** Visits what can be reached from a service; false where that was done before. */
  from(start: string): boolean {
    if (this.#state.has(start)) return false;
    const path: Step[] = [];
    this.#open(start, path);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const hop = this.#outOf.get(step.service)?.[step.next];
      step.next += 1;
      if (hop === undefined) this.#close(path);
      else if (this.#state.get(hop.to) === "open") this.cut.add(hop);
      else if (!this.#state.has(hop.to)) this.#open(hop.to, path);
    }
    return true;
  }

  #open(service: string, path: Step[]): void {
    this.#state.set(service, "open");
    path.push({ service, next: 0 });
  }

  #close(path: Step[]): void {
    const done = path.pop();
    if (done === undefined) return;
    this.#state.set(done.service, "done");
    this.#done.push(done.service);
  }
}
