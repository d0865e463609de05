import { number, text } from "../../fields";
import type { Rule } from "../../rule";
import { meshDeployments } from "./mesh-deployments";
import { type Claims, claimsOf, claimsText } from "./shared-ports";

/** Services that select the same pods may not use one port number for different protocols. */
export const onePortTwoProtocols: Rule = {
  code: "IST0116",
  title: "Services with one port and different protocols for the same pods",
  severity: "warning",
  consequence:
    "The proxy of the pods has one listener for the port. Which of the protocols it speaks hangs on which Service Istio sees first; calls by the other one fail.",
  fix: "Give the Services different ports, or let them agree on the protocol.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0116/",
    "https://istio.io/latest/docs/ops/deployment/application-requirements/",
  ],
  example: {
    bad: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
        sidecar.istio.io/inject: "true"
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: tcp
      port: 8080
      protocol: TCP
---
apiVersion: v1
kind: Service
metadata:
  name: pricing-events
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: udp
      port: 8080
      protocol: UDP
`,
    good: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
        sidecar.istio.io/inject: "true"
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: tcp
      port: 8080
      protocol: TCP
---
apiVersion: v1
kind: Service
metadata:
  name: pricing-events
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: udp
      port: 8081
      protocol: UDP
`,
  },
  *check(graph) {
    for (const { workload, services } of graph.derive(meshDeployments)) {
      if (services.length < 2) continue;
      const ports = claimsOf(services, ({ port, protocol }) => [number(port), text(protocol ?? "TCP")]);
      for (const [port, protocols] of ports) {
        if (!areAtOdds(protocols)) continue;
        const message = `port ${port} of these pods is ${claimsText(protocols)}.`;
        yield { object: workload.object, field: "spec.template.metadata.labels", message };
      }
    }
  },
};

/** Whether each of two Services speaks a protocol that the other does not: one that speaks both, as for DNS or HTTP/3, is at odds with nobody. */
function areAtOdds(claims: Claims<string>): boolean {
  const spoken = new Map<string, Set<string>>();
  for (const [protocol, names] of claims) for (const name of names) spoken.set(name, (spoken.get(name) ?? new Set()).add(protocol));
  const distinct = [...new Map([...spoken.values()].map((protocols) => [[...protocols].join(), protocols])).values()];
  const lacks = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...b].some((protocol) => !a.has(protocol));
  return distinct.some((one, index) => distinct.slice(index + 1).some((other) => lacks(one, other) && lacks(other, one)));
}
