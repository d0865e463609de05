import { servedWords } from "../../../istio/retry-arithmetic";
import { type Data, record, records, text } from "../../fields";
import { type RouteRetries, routeRetries } from "../../graph/route-retries";
import type { MeshObject } from "../../mesh-object";
import type { Rule, RuleFinding } from "../../rule";

/** A request that the service may have served already is repeated, and what it asks for happens twice. */
export const unsafeMethodsRetried: Rule = {
  code: "MG0303",
  title: "writes that are retried after the service may have done them",
  severity: "warning",
  consequence:
    "Under 5xx, gateway-error, reset and status codes from 500 a request is sent again although the service may have taken it: an order is placed twice, a payment is charged twice.",
  fix: "Retry only the methods that may be repeated: match method GET and HEAD in a route of its own, and give the other requests a route with attempts: 0. Where the service knows repeated requests by a key, accept the finding and say so.",
  see: [
    "https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2",
    "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on",
  ],
  example: {
    bad: `
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
      timeout: 2s
      retries:
        attempts: 3
        perTryTimeout: 400ms
        retryOn: gateway-error,connect-failure
`,
    good: `
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
        - method:
            exact: HEAD
      route:
        - destination:
            host: payment
      timeout: 2s
      retries:
        attempts: 3
        perTryTimeout: 400ms
        retryOn: gateway-error,connect-failure
    - route:
        - destination:
            host: payment
      timeout: 2s
      retries:
        attempts: 3
        retryOn: connect-failure
`,
  },
  *check(graph) {
    const byObject = Map.groupBy(graph.derive(routeRetries), ({ object }) => object);
    const byDefault = graph.surroundings.releases.istio.row.features.retries503ByDefault ? ["retriable-status-codes (503)"] : [];
    for (const [object, retries] of byObject) yield* repeated(object, retries, byDefault);
  },
};

/** Looks at the routes in their order: what one takes does not reach the next. */
function* repeated(object: MeshObject, retries: readonly RouteRetries[], byDefault: readonly string[]): Iterable<RuleFinding> {
  const byIndex = new Map(retries.map((one) => [one.index, one]));
  const taken = new Taken();
  for (const [index, data] of records(object.spec.http).entries()) {
    const conditions = conditionsOf(data);
    const one = byIndex.get(index);
    if (one !== undefined) yield* repeatedWrites(one, taken.rest(conditions), byDefault);
    taken.add(conditions);
  }
}

function* repeatedWrites(
  { object, field, limits }: RouteRetries,
  writes: readonly string[],
  byDefault: readonly string[],
): Iterable<RuleFinding> {
  const { words } = limits;
  const risky = words === undefined ? byDefault : servedWords(words);
  if (writes.length === 0 || risky.length === 0) return;
  yield {
    object,
    field: words === undefined ? field : `${field}.retryOn`,
    message: `${risky.join(", ")} repeats ${writes.join(" and ")} too, though the service may have done the work already: a payment is charged twice.`,
  };
}

/** Methods that must not be repeated once the service has them. */
const unsafe: readonly string[] = ["POST", "PATCH"];

/** Writes that routes have taken, by their conditions beside the method. */
class Taken {
  readonly #methods = new Map<string, Set<string>>();

  /** Writes that reach a route with these conditions. */
  rest(conditions: readonly Condition[]): readonly string[] {
    return unsafe.filter((method) =>
      conditions.some((one) => admits(one, method) && !this.#has("", method) && !this.#has(one.others, method)),
    );
  }

  add(conditions: readonly Condition[]): void {
    for (const { method, others } of conditions) {
      const methods = this.#methods.get(others) ?? new Set();
      this.#methods.set(others, methods);
      for (const name of unsafe) if (admits({ method, others }, name)) methods.add(name);
    }
  }

  #has(others: string, method: string): boolean {
    return this.#methods.get(others)?.has(method) === true;
  }
}

interface Condition {
  /** Condition on the method; undefined for any. */
  readonly method: Data | undefined;
  /** All other conditions, in one form; empty for none. */
  readonly others: string;
}

const always: readonly Condition[] = [{ method: undefined, others: "" }];

function conditionsOf({ match }: Data): readonly Condition[] {
  const entries = records(match);
  return entries.length === 0 ? always : entries.map(conditionOf);
}

function conditionOf({ method, name: _, ...rest }: Data): Condition {
  const others = Object.keys(rest)
    .sort()
    .map((key) => `${key} ${JSON.stringify(rest[key])}`);
  return { method: method === undefined ? undefined : record(method), others: others.join("\n") };
}

/** Whether a method can pass. A pattern that is more than a list of methods is left alone: whoever wrote it thought of methods. */
function admits({ method }: Condition, name: string): boolean {
  if (method === undefined) return true;
  const { exact, regex } = method;
  const listed = /^\^?\(?([A-Z|]{1,100})\)?\$?$/.exec(text(regex) ?? "")?.[1];
  return exact === name || listed?.split("|").includes(name) === true;
}
