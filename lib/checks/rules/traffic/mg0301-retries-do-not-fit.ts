import { longestTry, triesThatFit } from "../../../istio/retry-arithmetic";
import { type RouteRetries, routeRetries } from "../../graph/route-retries";
import { timeText } from "../../graph/time-text";
import type { Rule, RuleFinding } from "../../rule";

/** Tries and pauses must fit into the timeout, or the last of them never run. */
export const retriesDoNotFit: Rule = {
  code: "MG0301",
  title: "retries that do not fit into the timeout",
  severity: "error",
  consequence:
    "A service that has become slow is not tried as often as the route says. Where the limit of one try is as long as that of the whole request, a slow try is never repeated: the caller gets the 504 of the first one, and nobody sees that the retries do not work. Where only some of the tries fit it is a warning.",
  fix: "Make (attempts + 1) times perTryTimeout and the pauses between fit into timeout: shorten perTryTimeout, lower attempts, or raise timeout.",
  see: [
    "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry",
    "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-upstream-rq-per-try-timeout-ms",
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
    - match:
        - method:
            exact: GET
      route:
        - destination:
            host: payment
      timeout: 2s
      retries:
        attempts: 3
        perTryTimeout: 2s
        retryOn: gateway-error
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
        retryOn: gateway-error
`,
  },
  *check(graph) {
    for (const retries of graph.derive(routeRetries)) yield* misfit(retries);
  },
};

function* misfit({ object, field, limits }: RouteRetries): Iterable<RuleFinding> {
  const { attempts, perTry, timeout, backoff } = limits;
  if (perTry === undefined || timeout === undefined) return;
  const runs = triesThatFit({ attempts, perTry, backoff }, timeout);
  if (runs > attempts) return;
  const each = longestTry(attempts, timeout, backoff);
  yield {
    object,
    field: `${field}.perTryTimeout`,
    severity: runs === 1 ? "error" : "warning",
    message: `${attempts + 1} tries of ${timeText(perTry)} and the pauses between them do not fit into the timeout of ${timeText(timeout)}: when the service is slow, ${runs} of them can run.`,
    fix: each >= 1 ? `Set perTryTimeout to at most "${each}ms", lower attempts, or raise timeout.` : "Lower attempts, or raise timeout.",
  };
}
