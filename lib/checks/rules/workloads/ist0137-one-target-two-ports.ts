import { type Data, number } from "../../fields";
import type { Rule } from "../../rule";
import { meshDeployments } from "./mesh-deployments";
import { claimsOf, claimsText, isShared } from "./shared-ports";

/** Services that select the same pods have to reach a port of them by the same number. */
export const oneTargetTwoPorts: Rule = {
  code: "IST0137",
  title: "Services with different ports for one port of the same pods",
  severity: "warning",
  consequence:
    "The proxy of the pods has one listener for the target port, and takes what it needs to know from one of the Services: calls by the other are handled by that one's protocol and counted under its name.",
  fix: "Let the Services use the same port for this target port, or give each a target port of its own.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0137/",
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
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: pricing-internal
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
      targetPort: 8080
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
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: pricing-internal
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 80
      targetPort: 8080
`,
  },
  *check(graph) {
    for (const { workload, services } of graph.derive(meshDeployments)) {
      if (services.length < 2) continue;
      for (const [target, ports] of claimsOf(services, (port) => [targetOf(port), number(port.port)])) {
        if (ports.size < 2 || !isShared(ports)) continue;
        const message = `target port ${target} of these pods is port ${claimsText(ports)}.`;
        yield { object: workload.object, field: "spec.template.metadata.labels", message };
      }
    }
  },
};

/** The target port as text: a number, or the name of a container's port. Where none is written it is the port itself. */
function targetOf({ port, targetPort }: Data): string | undefined {
  if (typeof targetPort === "number" && targetPort !== 0) return String(targetPort);
  if (typeof targetPort === "string" && targetPort !== "" && targetPort !== "0") return targetPort;
  return number(port)?.toString();
}
