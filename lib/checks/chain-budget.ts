import { type CallOrder, callOrder } from "./graph/call-order";
import { type Hop, type HopKind, type HopLimits, type HopPolicy, writtenAt } from "./graph/hops";
import { timeText } from "./graph/time-text";
import type { ObjectGraph } from "./object-graph";

/** Time and tries along every chain of the declared calls. */
export interface ChainBudget {
  /** Chains, in the order in which requests come in. */
  readonly chains: readonly CallChain[];
  /** Chains that are not listed because there are too many. Where calls go round in circles it is an estimate. */
  readonly leftOut: number;
  /** The chains as a table: aligned columns, one line a hop. Empty where nothing calls anything. */
  readonly toString: () => string;
}

/** The way of a request from where it comes in to the last service that it can reach. */
export interface CallChain {
  /** Hops, from where the request comes in. */
  readonly hops: readonly ChainHop[];
  /** Service that the last hop leads back to: the chain is cut there. */
  readonly circle?: string;
  /** Whether every deadline on the way holds. */
  readonly holds: boolean;
}

/**
 * A hop of a chain, by the worst of the routes that a request may take there. Unit of every time: milliseconds; Infinity for no limit.
 */
export interface ChainHop {
  /** `gateway istio-system/edge`, or the Service that calls: `shop/checkout`. */
  readonly from: string;
  /** Service that is called. */
  readonly to: string;
  /** Port of the Service. @default - any */
  readonly port?: number;
  /** What proxies see of it: on `connection` and `none` neither timeouts nor retries hold, of `unknown` nothing is known. */
  readonly kind: HopKind;
  /** Time limit of the request, with all its tries. */
  readonly timeout: number;
  /** Most tries of one request. */
  readonly tries: number;
  /** Time limit of a try. */
  readonly perTry: number;
  /** Longest time that the caller waits. */
  readonly longest: number;
  /** Most requests to the service for one at the beginning of the chain. */
  readonly requests: number;
  /** Time that the caller has for this hop before somebody before it gives up. */
  readonly remaining: number;
  /**
   * Whether the caller waits no longer than that; undefined where nobody before it has a limit, the hop's own is not known, or the hop closes
   * a circle: services that call each other hardly do so within one request.
   */
  readonly holds: boolean | undefined;
  /** Where the limits are written: `VirtualService shop/pricing spec.http[0]`. Empty where nobody wrote a route. */
  readonly written: readonly string[];
}

/**
 * The deadline and the retries of every chain of calls: from the gateway or the service where requests come in, to the last service.
 *
 * Work and size are bounded however often chains branch: what is beyond `most` is counted, not listed.
 *
 * @param most - chains to list, at most. Range: at least 1
 */
export function chainBudget(graph: ObjectGraph, most: number = 1_000): ChainBudget {
  const order = graph.derive(callOrder);
  const walk = new Chains(order, most);
  const columnsOf = columns();
  const chains = walk.all().map(({ hops, circle }) => chainOf(hops, circle, columnsOf));
  const leftOut = walk.isFull() ? Math.max(0, countOf(order) - chains.length) : 0;
  return { chains, leftOut, toString: () => tableOf(chains, leftOut) };
}

interface FoundChain {
  readonly hops: readonly Hop[];
  readonly circle: string | undefined;
}

/** Rows that are listed at most: one chain of a thousand hops is as much as a thousand short ones. */
const mostHops = 100_000;

/** Walks every chain, deep first, without recursion; a hop to a service that is on the way already ends the chain. */
class Chains {
  readonly #found: FoundChain[] = [];
  readonly #order: CallOrder;
  readonly #most: number;
  #rows = 0;

  constructor(order: CallOrder, most: number) {
    this.#order = order;
    this.#most = most;
  }

  all(): readonly FoundChain[] {
    for (const service of this.#order.entries) {
      const edge = edgeOf(this.#order, service);
      for (const hop of edge) this.#walk(service, [hop]);
      if (edge.length === 0) this.#walk(service, []);
    }
    return this.#found;
  }

  #walk(start: string, path: Hop[]): void {
    const stack: Place[] = [{ service: start, next: 0 }];
    const visited = new Set([start]);
    for (let place = stack.at(-1); place !== undefined && !this.isFull(); place = stack.at(-1)) {
      const hop = this.#order.outOf.get(place.service)?.[place.next];
      place.next += 1;
      if (hop === undefined) {
        if (place.next === 1 && path.length > 0) this.#add(path, undefined);
        visited.delete(place.service);
        stack.pop();
        path.pop();
      } else if (visited.has(hop.to)) {
        this.#add([...path, hop], hop.to);
      } else {
        visited.add(hop.to);
        stack.push({ service: hop.to, next: 0 });
        path.push(hop);
      }
    }
  }

  /** Whether there may be more chains than were found. */
  isFull(): boolean {
    return this.#found.length >= this.#most || this.#rows >= mostHops;
  }

  #add(hops: readonly Hop[], circle: string | undefined): void {
    this.#found.push({ hops: [...hops], circle });
    this.#rows += hops.length;
  }
}

/** A service on the way, and which of its calls comes next. */
interface Place {
  readonly service: string;
  next: number;
}

/** Hops by which requests come in to a service from outside the mesh. */
function edgeOf({ into }: CallOrder, service: string): readonly Hop[] {
  return (into.get(service) ?? []).filter(({ from }) => from === undefined);
}

/** Number of chains, with every circle cut at the hop that closes it. */
function countOf(order: CallOrder): number {
  const { services, entries, outOf, cut } = order;
  const below = new Map<string, number>();
  for (const service of services.toReversed()) {
    const onward = outOf.get(service) ?? [];
    const counts = onward.map((hop) => (cut.has(hop) ? 1 : (below.get(hop.to) ?? 1)));
    below.set(service, onward.length === 0 ? 1 : counts.reduce((sum, count) => sum + count, 0));
  }
  return entries.reduce((sum, service) => sum + Math.max(1, edgeOf(order, service).length) * (below.get(service) ?? 1), 0);
}

function chainOf(hops: readonly Hop[], circle: string | undefined, columnsOf: (policy: HopPolicy) => Columns): CallChain {
  let [requests, remaining] = [1, Number.POSITIVE_INFINITY];
  const found = hops.map(({ by, to, call, policy }, index) => {
    const { limits, wait, allowance } = policy;
    const before = remaining;
    requests *= policy.tries;
    remaining = Math.min(remaining, allowance.least);
    const closes = circle !== undefined && index === hops.length - 1;
    const holds = closes || limits.length === 0 || !Number.isFinite(before) ? undefined : wait.most <= before;
    return { from: by, to, ...(call?.port !== undefined && { port: call.port }), ...columnsOf(policy), requests, remaining: before, holds };
  });
  return { hops: found, ...(circle !== undefined && { circle }), holds: found.every(({ holds }) => holds !== false) };
}

type Columns = Pick<ChainHop, "kind" | "timeout" | "tries" | "perTry" | "longest" | "written">;

/** What a policy says, by the worst of its limits; made once for each. */
function columns(): (policy: HopPolicy) => Columns {
  const known = new Map<HopPolicy, Columns>();
  return (policy) => {
    const { kind, limits, tries, wait } = policy;
    const asked = limits.filter(({ attempts }) => attempts + 1 === tries);
    const made = known.get(policy) ?? {
      kind,
      timeout: largest(limits, ({ timeout }) => timeout),
      tries,
      perTry: largest(asked, ({ perTry }) => perTry),
      longest: wait.most,
      written: [...new Set(limits.flatMap((one) => (one.at === undefined ? [] : [writtenAt(one)])))],
    };
    known.set(policy, made);
    return made;
  };
}

function largest(limits: readonly HopLimits[], of: (limits: HopLimits) => number | undefined): number {
  const times = limits.map((one) => of(one) ?? Number.POSITIVE_INFINITY);
  return times.length === 0 ? Number.POSITIVE_INFINITY : times.reduce((most, time) => Math.max(most, time));
}

const heads = ["from", "to", "timeout", "tries", "per try", "longest", "requests", "remaining", "deadline"] as const;

function tableOf(chains: readonly CallChain[], leftOut: number): string {
  const blocks = chains.map((chain, index) => {
    const rows = chain.hops.map(cells);
    const circle = chain.circle === undefined ? [] : [`(round in a circle: ${chain.circle} is on the way already)`];
    return [`chain ${index + 1}${chain.holds ? "" : ": a deadline does not hold"}`, ...aligned([[...heads], ...rows]), ...circle].join(
      "\n",
    );
  });
  const rest = leftOut === 0 ? [] : [`${leftOut} more ${leftOut === 1 ? "chain is" : "chains are"} left out.`];
  return [...blocks, ...rest].map((block) => `${block}\n`).join("\n");
}

function cells({ from, to, port, kind, timeout, tries, perTry, longest, requests, remaining, holds }: ChainHop): readonly string[] {
  const target = port === undefined ? to : `${to}:${port}`;
  const deadline = holds === undefined ? "-" : holds ? "holds" : "too long";
  const known = kind === "http" || kind === "grpc";
  const wait = Number.isFinite(longest) ? timeText(longest) : "no limit";
  const times = known ? [timeText(timeout), String(tries), timeText(perTry), wait] : [kind, String(tries), "-", "-"];
  return [from, target, ...times, String(requests), Number.isFinite(remaining) ? timeText(remaining) : "-", deadline];
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heads.map((_, column) => rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
