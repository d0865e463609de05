import { servedWords } from "../../../istio/retry-arithmetic";
import { callOrder } from "../../graph/call-order";
import { type Hop, type HopLimits, type HopPolicy, mostTries, writtenAt } from "../../graph/hops";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** From so many requests for one on, retries are worth a word: four tries twice. */
const many = 16;

/** Tries multiply along a chain of calls: four at each of three hops are sixty-four requests to the last service. */
export const retryAmplification: Rule = {
  code: "MG0310",
  title: "retries that multiply along a chain of calls",
  severity: "warning",
  consequence:
    "A service at the end of a chain that fails gets the retries of every hop before it multiplied: just when it can hardly answer it gets many times its usual requests, and cannot recover. Hops where nothing is set count three tries, because Istio retries twice unless attempts is 0. Where Istio's own conditions are among those that it takes for so many it is a note: since 1.24 they see few failures.",
  fix: "Retry at one hop of the chain, as near to the failing service as possible, and set retries.attempts: 0 at the others; or limit retries by a share of the requests: trafficPolicy.retryBudget.",
  see: ["https://sre.google/sre-book/addressing-cascading-failures/", "https://istio.io/latest/docs/concepts/traffic-management/#retries"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: CallGraph
metadata:
  name: shop
  namespace: shop
spec:
  calls:
    - from: { namespace: shop, name: checkout }
      to: { namespace: shop, name: payment, port: 8080 }
    - from: { namespace: shop, name: payment }
      to: { namespace: shop, name: ledger, port: 8080 }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: payment
  namespace: shop
spec:
  hosts:
    - payment
  http:
    - match:
        - method:
            exact: GET
      route:
        - destination:
            host: payment
      timeout: 4s
      retries:
        attempts: 3
        retryOn: 5xx
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ledger
  namespace: shop
spec:
  hosts:
    - ledger
  http:
    - match:
        - method:
            exact: GET
      route:
        - destination:
            host: ledger
      timeout: 2s
      retries:
        attempts: 3
        retryOn: 5xx
`,
    good: `
apiVersion: meshground.io/v1
kind: CallGraph
metadata:
  name: shop
  namespace: shop
spec:
  calls:
    - from: { namespace: shop, name: checkout }
      to: { namespace: shop, name: payment, port: 8080 }
    - from: { namespace: shop, name: payment }
      to: { namespace: shop, name: ledger, port: 8080 }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: payment
  namespace: shop
spec:
  hosts:
    - payment
  http:
    - route:
        - destination:
            host: payment
      timeout: 4s
      retries:
        attempts: 0
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ledger
  namespace: shop
spec:
  hosts:
    - ledger
  http:
    - match:
        - method:
            exact: GET
      route:
        - destination:
            host: ledger
      timeout: 2s
      retries:
        attempts: 3
        retryOn: 5xx
`,
    externals: ["Service shop/checkout", "Service shop/payment", "Service shop/ledger"],
  },
  *check(graph) {
    const { services, outOf, cut } = graph.derive(callOrder);
    const seenBy = seenTries(graph);
    const [all, seen] = [products(graph, ({ tries }) => tries), products(graph, seenBy)];
    for (const service of services) {
      if ((outOf.get(service) ?? []).some((hop) => !cut.has(hop))) continue;
      const [warning, note] = [seen.get(service), all.get(service)];
      if (warning !== undefined && isMany(warning)) yield* findingOf(chainOf(seen, service), "warning");
      else if (note !== undefined && isMany(note)) yield* findingOf(chainOf(all, service), "note");
    }
  },
};

/** Requests to a service for one at the beginning of the worst chain that leads to it. */
interface Product {
  readonly requests: number;
  /** Last hop of that chain; undefined where requests begin. */
  readonly hop: Hop | undefined;
  /** Hops of the chain that are tried more than once. */
  readonly multiplying: number;
}

const one: Product = { requests: 1, hop: undefined, multiplying: 0 };

/** Worst products, service by service, callers first. */
function products(graph: ObjectGraph, tries: (policy: HopPolicy) => number): ReadonlyMap<string, Product> {
  const { services, into } = graph.derive(callOrder);
  const found = new Map<string, Product>();
  for (const service of services) {
    const each = (into.get(service) ?? []).map((hop) => times(found.get(hop.from ?? "") ?? one, hop, tries(hop.policy)));
    found.set(
      service,
      each.reduce((worst, next) => (next.requests > worst.requests || worst.hop === undefined ? next : worst), one),
    );
  }
  return found;
}

function times(before: Product, hop: Hop, tries: number): Product {
  return { requests: before.requests * tries, hop, multiplying: before.multiplying + (tries > 1 ? 1 : 0) };
}

function isMany({ requests, multiplying }: Product): boolean {
  return requests >= many && multiplying >= 2;
}

/** Counts the tries that follow a failure which the service behind it passes on: an answer, or its own connection's end. Once for each policy. */
function seenTries({ surroundings }: ObjectGraph): (policy: HopPolicy) => number {
  const passes503 = surroundings.releases.istio.row.features.retries503ByDefault;
  const known = new Map<HopPolicy, number>();
  return (policy) => {
    const sees = ({ words }: HopLimits): boolean =>
      words === undefined ? passes503 || policy.kind === "grpc" : servedWords(words).length > 0 || hasGrpcWord(words);
    const tries = known.get(policy) ?? mostTries(policy.limits.filter(sees));
    known.set(policy, tries);
    return tries;
  };
}

/** What gRPC services answer when something behind them is away. */
function hasGrpcWord(words: readonly string[]): boolean {
  return words.includes("unavailable") || words.includes("resource-exhausted");
}

/** The hops that lead to a service by the worst chain, first to last. */
function chainOf(worst: ReadonlyMap<string, Product>, service: string): readonly Hop[] {
  const chain: Hop[] = [];
  for (let hop = worst.get(service)?.hop; hop !== undefined; hop = hop.from === undefined ? undefined : worst.get(hop.from)?.hop)
    chain.push(hop);
  return chain.toReversed();
}

function* findingOf(chain: readonly Hop[], severity: "warning" | "note"): Iterable<RuleFinding> {
  const place = placeOf(chain);
  if (place === undefined) return;
  const requests = chain.reduce((product, { policy }) => product * policy.tries, 1);
  const hops = chain.filter(({ policy }) => policy.tries > 1).map(stepText);
  const steps = hops.length > 6 ? [...hops.slice(0, 3), `${hops.length - 6} more`, ...hops.slice(-3)] : hops;
  const message = `one request becomes up to ${requests} to ${chain.at(-1)?.to}: ${steps.join(", ")}.`;
  yield { ...place, severity, message };
}

function stepText({ by, to, policy }: Hop): string {
  const { tries } = policy;
  const limits = policy.limits.find(({ attempts }) => attempts + 1 === tries);
  const reason =
    limits === undefined
      ? ""
      : limits.said === "nobody"
        ? ", Istio's own"
        : ` by ${limits.said === "mesh" ? "MeshConfig" : writtenAt(limits)}`;
  return `${by} to ${to} ${tries} tries${reason}`;
}

/** The object to change: the last that asks for retries, else the last that could switch them off, else the declared call. */
function placeOf(chain: readonly Hop[]): Pick<RuleFinding, "object" | "field"> | undefined {
  const limits = chain.toReversed().flatMap(({ policy }) => policy.limits);
  const asking = limits.find(({ said, attempts, at }) => said === "route" && attempts > 0 && at !== undefined)?.at;
  if (asking !== undefined) return { object: asking.object, field: `${asking.field}.retries` };
  const { object, field } = limits.find(({ at }) => at !== undefined)?.at ?? chain.findLast(({ call }) => call !== undefined)?.call ?? {};
  return object === undefined || field === undefined ? undefined : { object, field };
}
