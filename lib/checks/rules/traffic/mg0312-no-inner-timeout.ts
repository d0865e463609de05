import { callOrder } from "../../graph/call-order";
import { deadlines } from "../../graph/deadlines";
import type { Hop } from "../../graph/hops";
import { timeText } from "../../graph/time-text";
import type { Rule, RuleFinding } from "../../rule";

/** A hop without a time limit behind one that has one: the outer limit protects the caller, nothing protects what is between. */
export const noInnerTimeout: Rule = {
  code: "MG0312",
  title: "no timeout behind a hop that has one",
  severity: "note",
  consequence:
    "Istio sets no timeout unless a route does. When the last service hangs, the callers in front get their 504 in time, and the service between waits on for ever: each request holds a connection and memory until it is restarted. A time limit in the service's own code does the same as a timeout, and cannot be seen here.",
  fix: "Set a timeout on the route of the inner hop, below the time that its callers have.",
  see: ["https://istio.io/latest/docs/concepts/traffic-management/#timeouts"],
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
    - route:
        - destination:
            host: payment
      timeout: 1s
---
apiVersion: v1
kind: Service
metadata:
  name: ledger
  namespace: shop
spec:
  selector:
    app: ledger
  ports:
    - name: http
      port: 8080
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
      timeout: 1s
---
apiVersion: v1
kind: Service
metadata:
  name: ledger
  namespace: shop
spec:
  selector:
    app: ledger
  ports:
    - name: http
      port: 8080
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
    - route:
        - destination:
            host: ledger
      timeout: 800ms
`,
    externals: ["Service shop/checkout", "Service shop/payment"],
  },
  *check(graph) {
    const { outOf, services, cut } = graph.derive(callOrder);
    const found = graph.derive(deadlines);
    for (const service of services) {
      const time = found.get(service)?.most.time ?? Number.POSITIVE_INFINITY;
      if (!Number.isFinite(time)) continue;
      for (const hop of outOf.get(service) ?? []) if (!cut.has(hop)) yield* endless(hop, time);
    }
  },
};

/** Every route of the hop must be without a limit, and the proxies must see HTTP: bytes have no timeout. */
function* endless(hop: Hop, time: number): Iterable<RuleFinding> {
  const { call, from, to } = hop;
  const { limits, wait } = hop.policy;
  if (limits.length === 0 || call === undefined || Number.isFinite(wait.least)) return;
  const { object, field } = limits.find(({ at }) => at !== undefined)?.at ?? call;
  const silence = limits.some(({ at }) => at !== undefined) ? "the route sets no timeout" : "no VirtualService sets a timeout";
  yield {
    object,
    field,
    message: `${silence}: ${from} waits for ${to} without end, while nobody waits for ${from} longer than ${timeText(time)}.`,
  };
}
