import { seesSlowTry } from "../../../istio/retry-arithmetic";
import { type RouteRetries, routeRetries } from "../../graph/route-retries";
import { timeText } from "../../graph/time-text";
import type { Rule, RuleFinding } from "../../rule";

/** A limit for one try cuts slow tries off; unless retryOn sees that, none is repeated. */
export const retriesBlindToSlowTries: Rule = {
  code: "MG0302",
  title: "retries that do not see a slow try",
  severity: "error",
  consequence:
    "Envoy repeats a try that ran into its perTryTimeout only under 5xx, gateway-error or reset. Under anything else, Istio's own retryOn among it, the try is cut off and not repeated: the caller gets a 504 after perTryTimeout, earlier than without any retries. Where retryOn is written and means other failures on purpose it is a warning.",
  fix: "Add gateway-error to retryOn, for methods that may be repeated; or leave perTryTimeout out, and let timeout limit the request.",
  see: [
    "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on",
    "https://github.com/envoyproxy/envoy/issues/8777",
    "https://github.com/istio/istio/issues/55748",
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
        attempts: 0
`,
  },
  *check(graph) {
    for (const retries of graph.derive(routeRetries)) yield* blind(retries);
  },
};

function* blind({ object, field, limits }: RouteRetries): Iterable<RuleFinding> {
  const { attempts, perTry, timeout, words } = limits;
  if (perTry === undefined || (words !== undefined && seesSlowTry(words))) return;
  const early = timeout === undefined || perTry < timeout;
  const outcome = early ? `the caller gets a 504 after ${timeText(perTry)}, earlier than without retries` : "the timeout ends it";
  yield {
    object,
    field: words === undefined ? field : `${field}.retryOn`,
    severity: words === undefined ? "error" : "warning",
    message: `${words === undefined ? "Istio's default retryOn" : `retryOn ${words.join(",")}`} does not see a try that was too slow: of ${attempts + 1} tries 1 can run then, and ${outcome}.`,
  };
}
