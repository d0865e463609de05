import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CallChain, chainBudget } from "../../lib/checks/chain-budget";
import { callOrder } from "../../lib/checks/graph/call-order";
import { timeText } from "../../lib/checks/graph/time-text";
import { meshObject } from "../../lib/checks/mesh-object";
import { ObjectGraph } from "../../lib/checks/object-graph";
import { graphOf } from "./checked";

/** A graph of calls alone, without YAML in between. */
function graphOfCalls(calls: readonly (readonly [string, string])[]): ObjectGraph {
  const spec = { calls: calls.map(([from, to]) => ({ from: { name: from }, to: { name: to } })) };
  const object = meshObject(
    { apiVersion: "meshground.io/v1", kind: "CallGraph", metadata: { name: "calls", namespace: "shop" }, spec },
    {},
  );
  return new ObjectGraph(object === undefined ? [] : [object], surroundings);
}
const { surroundings } = graphOf("");
const call = ([from, to]: readonly [string, string]): string => `{ from: { name: ${from} }, to: { name: ${to} } }`;
const callGraph = (calls: readonly (readonly [string, string])[]): string =>
  `apiVersion: meshground.io/v1\nkind: CallGraph\nmetadata: { name: calls, namespace: shop }\nspec: { calls: [${calls.map(call).join(", ")}] }`;
const service = (name: string, port = "http"): string =>
  `\n---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { ports: [{ name: ${port}, port: 80 }] }`;
const route = (host: string, says: string, more = ""): string =>
  `\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: ${host}, namespace: shop }\nspec: { hosts: [${host}], http: [{ route: [{ destination: { host: ${host.replace("edge-", "")} } }], ${says} }]${more} }`;
const pairs = (...texts: readonly string[]): readonly (readonly [string, string])[] =>
  texts.map((text) => text.split(">") as unknown as readonly [string, string]);
const waysIn = (yaml: string, most?: number): readonly string[] =>
  chainBudget(graphOf(yaml), most).chains.map(({ hops, circle }) =>
    [hops[0]?.from, ...hops.map(({ to }) => to), ...(circle === undefined ? [] : ["circle"])].join(" ").replaceAll("shop/", ""),
  );

describe("the budget of chains", () => {
  test("is a table that an operator can read", () => {
    const yaml = [
      callGraph(pairs("checkout>payment", "payment>ledger", "ledger>db", "checkout>pricing")),
      ...["checkout", "payment", "ledger", "pricing"].map((name) => service(name)),
      service("db", "tcp-db"),
      route("edge-checkout", "timeout: 5s", ", gateways: [istio-system/edge]"),
      route("payment", "timeout: 2s, retries: { attempts: 3, perTryTimeout: 400ms, retryOn: 5xx }"),
      route("pricing", "timeout: 1s, retries: { attempts: 0 }"),
    ].join("");
    const budget = chainBudget(graphOf(yaml));
    expect(budget.chains.map(({ holds }) => holds)).toEqual([false, true]);
    expect(`\n${budget}`).toMatchInlineSnapshot(`
      "
      chain 1: a deadline does not hold
      from                       to             timeout     tries  per try  longest   requests  remaining  deadline
      gateway istio-system/edge  shop/checkout  5s          3      none     5s        3         -          -
      shop/checkout              shop/payment   2s          4      400ms    1.875s    12        5s         holds
      shop/payment               shop/ledger    none        3      none     no limit  36        400ms      too long
      shop/ledger                shop/db        connection  1      -        -         36        400ms      -

      chain 2
      from                       to             timeout  tries  per try  longest  requests  remaining  deadline
      gateway istio-system/edge  shop/checkout  5s       3      none     5s       3         -          -
      shop/checkout              shop/pricing   1s       1      none     1s       3         5s         holds
      "
    `);
  });

  test("gives the numbers as data, in milliseconds", () => {
    const yaml = [callGraph(pairs("a>b", "b>c")), service("b"), service("c"), route("b", "timeout: 1s"), route("c", "timeout: 5s")].join(
      "",
    );
    expect(chainBudget(graphOf(yaml)).chains[0]?.hops[1]).toEqual({
      from: "shop/b",
      to: "shop/c",
      kind: "http",
      timeout: 5_000,
      tries: 3,
      perTry: Number.POSITIVE_INFINITY,
      longest: 5_000,
      requests: 9,
      remaining: 1_000,
      holds: false,
      written: ["VirtualService shop/c spec.http[0]"],
    });
  });

  test("takes the worst of the routes that a request may take", () => {
    const slow = "match: [{ uri: { prefix: /report } }], timeout: 60s }, { route: [{ destination: { host: c } }], timeout: 500ms";
    const yaml = [callGraph(pairs("a>b", "b>c")), service("b"), service("c"), route("b", "timeout: 1s"), route("c", slow)].join("");
    expect(chainBudget(graphOf(yaml)).chains[0]?.hops[1]).toMatchObject({
      timeout: 60_000,
      longest: 60_000,
      remaining: 1_000,
      holds: false,
    });
  });

  test("goes from where requests come in to the last service, by every way", () => {
    expect(waysIn(callGraph(pairs("a>b", "a>c", "b>d", "c>d", "d>e")))).toEqual(["a b d e", "a c d e"]);
  });

  test("begins at a service behind a gateway too, though others call it", () => {
    const yaml = callGraph(pairs("a>b", "b>c")) + route("edge-b", "timeout: 1s", ", gateways: [istio-system/edge]");
    expect(waysIn(yaml)).toEqual(["a b c", "gateway istio-system/edge b c"]);
  });

  test("cuts circles and says so", () => {
    expect(waysIn(callGraph(pairs("a>b", "b>c", "c>b", "c>d")))).toEqual(["a b c b circle", "a b c d"]);
    expect(waysIn(callGraph(pairs("a>b", "b>a")))).toEqual(["a b a circle"]);
    expect(waysIn(callGraph(pairs("a>a")))).toEqual(["a a circle"]);
  });

  test("lists no more chains than it is told, and says how many are left out", () => {
    const wide = callGraph(pairs("a>b", "a>c", "a>d"));
    expect(waysIn(wide, 2)).toEqual(["a b", "a c"]);
    expect(String(chainBudget(graphOf(wide), 2))).toContain("1 more chain is left out.");
    expect(chainBudget(graphOf(wide), 3).leftOut).toBe(0);
  });

  test("takes no time for ways that are too many to walk", () => {
    const layers = Array.from({ length: 60 }, (_, layer) =>
      [0, 1].flatMap((from) => [0, 1].map((to) => [`s${layer}x${from}`, `s${layer + 1}x${to}`] as const)),
    ).flat();
    const budget = chainBudget(graphOfCalls(layers), 100);
    expect(budget.chains).toHaveLength(100);
    expect(budget.leftOut).toBe(2 ** 61 - 100);
  });

  test("follows chains that are longer than a stack", () => {
    const long = Array.from({ length: 5_000 }, (_, index) => [`s${index}`, `s${index + 1}`] as const);
    expect(chainBudget(graphOfCalls(long)).chains.map(({ hops }) => hops.length)).toEqual([5_000]);
  });

  test("is empty where nobody declares a call", () => {
    const budget = chainBudget(graphOf(service("a")));
    expect([budget.chains, budget.leftOut, String(budget)]).toEqual([[], 0, ""]);
  });
});

/** A chain ends where nobody is called any more, or where it has been before. */
function expectWhole({ hops, circle }: CallChain, calls: readonly (readonly [string, string])[]): void {
  const stops = [hops[0]?.from, ...hops.map(({ to }) => to)];
  const last = stops.at(-1);
  expect(hops.length).toBeGreaterThan(0);
  expect(hops.slice(1).map(({ from }) => from)).toEqual(hops.slice(0, -1).map(({ to }) => to));
  expect(new Set(stops).size).toBe(circle === undefined ? stops.length : stops.length - 1);
  expect(circle === undefined ? calls.every(([from]) => `shop/${from}` !== last) : circle === last).toBe(true);
}

describe("for any calls", () => {
  const name = fc.integer({ min: 0, max: 7 }).map((index) => `s${index}`);
  const anyCalls = fc.uniqueArray(fc.tuple(name, name), { minLength: 1, maxLength: 14, selector: (pair) => pair.join(">") });

  test("every hop is a declared call, every chain is whole, and every call is on one", () => {
    fc.assert(
      fc.property(anyCalls, (calls) => {
        const { chains } = chainBudget(graphOfCalls(calls), 100_000);
        const declared = new Set(calls.map(([from, to]) => `shop/${from} shop/${to}`));
        for (const chain of chains) expectWhole(chain, calls);
        expect(new Set(chains.flatMap(({ hops }) => hops.map(({ from, to }) => `${from} ${to}`)))).toEqual(declared);
      }),
      { numRuns: 50 },
    );
  });

  test("callers come before what they call once the circles are cut", () => {
    fc.assert(
      fc.property(anyCalls, (calls) => {
        const { services, into, cut } = graphOfCalls(calls).derive(callOrder);
        const place = new Map(services.map((service, index) => [service, index]));
        for (const hops of into.values()) {
          for (const hop of hops) expect(place.get(hop.from ?? "") ?? -1).toBeLessThan(place.get(hop.to) ?? -1);
        }
        expect([...into.values()].flat().length + cut.size).toBe(calls.length);
      }),
      { numRuns: 50 },
    );
  });
});

test("a span of time reads as people write it", () => {
  expect([0, 0.5, 400, 1_000, 1_875, 60_000, 90_000, 7_200_000, Number.POSITIVE_INFINITY].map(timeText)).toEqual([
    "0ms",
    "0.5ms",
    "400ms",
    "1s",
    "1.875s",
    "1m",
    "90s",
    "2h",
    "none",
  ]);
});
