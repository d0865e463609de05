import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { selectorText } from "../../graph/pod-groups";
import { labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { rivalsOf, serversOf } from "./gateway-servers";
import { namedFew } from "./named-few";

/** Two Gateways for one host on one port of the same pods. */
export const conflictingGateways: Rule = {
  code: "IST0145",
  title: "two Gateways for one host on one port",
  severity: "error",
  consequence:
    "Both Gateways configure the same pods for the same host and port. With TLS, or another protocol than HTTP, Istio takes the server of one and drops that of the other, with all routes that hang on it; which one can change when one of them is made anew. Plain HTTP is put together, in an order that nothing promises: there it is a warning.",
  fix: "Put the host into one Gateway and let every VirtualService bind to it, or give the Gateways hosts, ports or pods of their own.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0145/"],
  example: { bad: twoGateways("shop.example.no"), good: twoGateways("payment.example.no") },
  *check(graph) {
    for (const object of distinct(judged(graph, "Gateway"))) {
      const labels = labelSelector(object.spec.selector);
      if (labels !== "unreadable") yield* conflictsOf(graph, object, selectorText(labels));
    }
  },
};

/** Conflicts of a Gateway's servers; servers with one port and the same hosts are told of once. */
function* conflictsOf(graph: ObjectGraph, object: MeshObject, selector: string): Iterable<RuleFinding> {
  const told = new Set<string>();
  for (const server of serversOf(object)) {
    const rivals = rivalsOf(graph, object, server);
    const key = JSON.stringify([server.port, server.hosts]);
    if (rivals === undefined || told.has(key)) continue;
    told.add(key);
    const pods = selector === "" ? "the gateways' pods" : `the pods with ${selector}`;
    const outcome = rivals.plain ? "their routes are mixed, in an order that nothing promises" : "one of the servers is dropped";
    yield {
      object,
      field: `${server.field}.hosts`,
      message: `${rivals.host} on port ${server.port} of ${pods} is also served by ${namedFew([rivals.gateways])}: ${outcome}.`,
      ...(rivals.plain && { severity: "warning" }),
    };
  }
}

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
        number: 443
        name: https
        protocol: HTTPS
      hosts:
        - shop.example.no
      tls:
        mode: SIMPLE
        credentialName: shop-tls
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
        number: 443
        name: https
        protocol: HTTPS
      hosts:
        - ${second}
      tls:
        mode: SIMPLE
        credentialName: payment-tls
`;
}
