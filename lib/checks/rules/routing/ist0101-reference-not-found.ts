import type { Rule } from "../../rule";
import { credentialReferences } from "./credential-references";
import { namespaceReferences } from "./namespace-references";
import { routeReferences } from "./route-references";
import { selectorReferences } from "./selector-references";

/** What an object refers to has to exist, or be declared to live outside. */
export const referenceNotFound: Rule = {
  code: "IST0101",
  title: "reference to something that is not there",
  severity: "error",
  consequence:
    "Istio takes the object and leaves out what it cannot resolve. A route to a host, port or subset that is nowhere answers 503. A Gateway that selects no pods, or whose Secret is missing, opens no port or refuses every TLS handshake. A Sidecar or Telemetry that selects no pods changes nothing.",
  fix: "Correct the name, make what it refers to, or declare it external.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0101/"],
  example: {
    bad: `
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
    - route:
        - destination:
            host: prices
            port:
              number: 8080
`,
    good: `
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
    - route:
        - destination:
            host: pricing
            port:
              number: 8080
`,
  },
  *check(graph) {
    yield* routeReferences(graph);
    yield* selectorReferences(graph);
    yield* credentialReferences(graph);
    yield* namespaceReferences(graph);
  },
};
