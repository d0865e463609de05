import { callOrder } from "../../graph/call-order";
import { type Deadline, deadlines } from "../../graph/deadlines";
import { type Hop, type HopLimits, writtenAt } from "../../graph/hops";
import { longestWait, timeForATry } from "../../graph/http-limits";
import { timeText } from "../../graph/time-text";
import type { Rule, RuleFinding } from "../../rule";

/** Whoever waits longer for a callee than any caller waits for it works for nobody. */
export const deadlineTooLong: Rule = {
  code: "MG0311",
  title: "timeout longer than any caller waits",
  severity: "warning",
  consequence:
    "The callers have their 504 and are gone while the service goes on waiting for the one behind it: its connections, threads and memory are held by requests that nobody wants any more, it can never answer with something better than an error, and the callers' retries come on top. Where only some of the callers wait that short it is a note.",
  fix: "Let timeouts become shorter along a chain: set the timeout of the inner hop below the time that its callers have, pauses and retries included, or give the outer ones more time.",
  see: ["https://sre.google/sre-book/addressing-cascading-failures/", "https://istio.io/latest/docs/concepts/traffic-management/#timeouts"],
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
      timeout: 5s
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
    externals: ["Service shop/checkout", "Service shop/payment", "Service shop/ledger"],
  },
  *check(graph) {
    const { outOf, services, cut } = graph.derive(callOrder);
    const found = graph.derive(deadlines);
    for (const service of services) {
      const { most, least } = found.get(service) ?? {};
      if (most === undefined || least === undefined || !Number.isFinite(least.time)) continue;
      for (const hop of outOf.get(service) ?? []) if (!cut.has(hop)) yield* tooLong(hop, most, least);
    }
  },
};

/**
 * Every route of the hop must be too long: which of them a request takes, nobody knows here. A hop that closes a circle is left out by the
 * caller: services that call each other hardly do so within one request.
 */
function* tooLong(hop: Hop, most: Deadline, least: Deadline): Iterable<RuleFinding> {
  const wait = hop.policy.wait.least;
  if (!Number.isFinite(wait) || wait <= least.time) return;
  const limits = hop.policy.limits.find((one) => longestWait(one) === wait);
  if (limits?.at === undefined) return;
  const all = wait > most.time;
  const deadline = all ? most : least;
  const who = all ? `nobody waits for ${hop.from} longer than` : `some requests to ${hop.from} are given up after`;
  yield {
    object: limits.at.object,
    field: fieldOf(limits, limits.at.field),
    ...(!all && { severity: "note" as const }),
    message: `${hop.from} may wait ${timeText(wait)} for ${hop.to}, and ${who} ${timeText(deadline.time)}${reason(deadline)}.`,
  };
}

function fieldOf({ timeout, perTry }: HopLimits, field: string): string {
  return timeout === undefined && perTry !== undefined ? `${field}.retries.perTryTimeout` : `${field}.timeout`;
}

/** ` (the timeout of shop/checkout to shop/payment, VirtualService shop/payment spec.http[0])`. */
function reason({ hop, time }: Deadline): string {
  const limits = hop?.policy.limits.find((one) => timeForATry(one) === time);
  if (hop === undefined || limits === undefined) return "";
  const which = limits.timeout === time ? "timeout" : "limit of a try";
  return ` (the ${which} of ${hop.by} to ${hop.to}, ${writtenAt(limits)})`;
}
