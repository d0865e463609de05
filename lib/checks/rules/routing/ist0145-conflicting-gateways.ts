import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { selectorText } from "../../graph/pod-groups";
import { labelSelector } from "../../graph/selector-index";
import type { Rule } from "../../rule";
import { rivalsOf, serversOf } from "./gateway-servers";
import { namedFew } from "./named-few";

/** Two Gateways for one host on one port of the same pods. */
export const conflictingGateways: Rule = {
  code: "IST0145",
  title: "two Gateways for one host on one port",
  severity: "error",
  consequence:
    "Both Gateways configure the same pods for the same host and port. Istio takes the server of one and drops that of the other, with the TLS settings and routes that hang on it; which one can change when one of them is made anew.",
  fix: "Put the host into one Gateway and let every VirtualService bind to it, or give the Gateways hosts, ports or pods of their own.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0145/"],
  example: { bad: twoGateways("shop.example.no"), good: twoGateways("payment.example.no") },
  *check(graph) {
    for (const object of distinct(judged(graph, "Gateway"))) {
      const labels = labelSelector(object.spec.selector);
      if (labels === "unreadable") continue;
      const told = new Set<string>();
      for (const server of serversOf(object)) {
        const [rivals, host] = rivalsOf(graph, object, server);
        const key = JSON.stringify([server.port, server.hosts]);
        if (rivals.length === 0 || told.has(key)) continue;
        told.add(key);
        const pods = selectorText(labels);
        yield {
          object,
          field: `${server.field}.hosts`,
          message: `${host} on port ${server.port} of ${pods === "" ? "the gateways' pods" : `the pods with ${pods}`} is also served by ${namedFew([rivals])}: one of the servers is dropped.`,
        };
      }
    }
  },
};

function twoGateways(second: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: shop
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 80
        name: http
        protocol: HTTP
      hosts:
        - shop.example.no
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: payment
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 80
        name: http
        protocol: HTTP
      hosts:
        - ${second}
`;
}
