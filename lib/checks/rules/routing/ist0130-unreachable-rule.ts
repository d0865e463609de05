import type { Rule } from "../../rule";
import { routeReaches } from "./route-reach";

/** Rules are tried in order, and the first that matches is taken. */
export const unreachableRule: Rule = {
  code: "IST0130",
  title: "rule of a VirtualService that no request comes to",
  severity: "warning",
  consequence:
    "Rules are tried from the top, and the first that matches is taken. Those before this one leave nothing for it: its route is never used.",
  fix: "Move the rule before the one that takes its requests, give that one a narrower match, or remove the rule.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0130/",
    "https://istio.io/latest/docs/concepts/traffic-management/#routing-rule-precedence",
  ],
  example: {
    bad: example(`
    - route:
        - destination:
            host: pricing
    - match:
        - headers:
            x-tester:
              exact: "true"
      route:
        - destination:
            host: pricing-next`),
    good: example(`
    - match:
        - headers:
            x-tester:
              exact: "true"
      route:
        - destination:
            host: pricing-next
    - route:
        - destination:
            host: pricing`),
  },
  *check(graph) {
    for (const [object, { unreachable }] of graph.derive(routeReaches)) {
      for (const { field, reason } of unreachable) yield { object, field, message: `no request comes to this rule: ${reason}.` };
    }
  },
};

function example(routes: string): string {
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
apiVersion: v1
kind: Service
metadata:
  name: pricing-next
  namespace: shop
spec:
  selector:
    app: pricing-next
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
  http:${routes}
`;
}
