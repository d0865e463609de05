import type { Rule } from "../../rule";
import { routeReaches } from "./route-reach";

/** A match that an earlier one has taken already. */
export const ineffectiveMatch: Rule = {
  code: "IST0131",
  title: "match that an earlier one covers",
  severity: "note",
  consequence: "Whatever meets this match is taken by one before it. Where the two lead to different routes, requests go to the earlier.",
  fix: "Put the longer prefix first, or remove the match.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0131/",
    "https://istio.io/latest/docs/concepts/traffic-management/#routing-rule-precedence",
  ],
  example: { bad: example("/api", "/api/prices"), good: example("/api/prices", "/api") },
  *check(graph) {
    for (const [object, { ineffective }] of graph.derive(routeReaches)) {
      for (const { field, reason } of ineffective) yield { object, field, message: `this match is never the first to be met: ${reason}.` };
    }
  },
};

function example(first: string, second: string): string {
  return `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - match:
        - uri:
            prefix: ${first}
      timeout: 1s
      route:
        - destination:
            host: pricing
    - match:
        - uri:
            prefix: ${second}
      timeout: 4s
      route:
        - destination:
            host: pricing
`;
}
