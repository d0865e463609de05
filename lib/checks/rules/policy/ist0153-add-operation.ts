import type { Rule } from "../../rule";
import { faultFindings } from "./envoy-patches";

/** Routes are inserted, not added. */
export const addOperation: Rule = {
  code: "IST0153",
  title: "ADD on routes",
  severity: "error",
  consequence:
    "For ROUTE_CONFIGURATION Istio ignores ADD. For HTTP_ROUTE its reference says the same; istiod puts the route behind all others, so where one " +
    "of them matches every request the new one is never reached.",
  fix: "Use INSERT_FIRST, INSERT_BEFORE or INSERT_AFTER for an HTTP_ROUTE, and MERGE for a ROUTE_CONFIGURATION. A VirtualService says the same without Envoy's words.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0153/",
    "https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: canary
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  configPatches:
    - applyTo: HTTP_ROUTE
      match:
        context: SIDECAR_OUTBOUND
        routeConfiguration:
          vhost:
            name: payment.shop.svc.cluster.local:8080
            route:
              name: default
      patch:
        operation: ADD
        value:
          name: canary
          match:
            prefix: /canary
          route:
            cluster: outbound|8080|v2|payment.shop.svc.cluster.local
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: canary
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  configPatches:
    - applyTo: HTTP_ROUTE
      match:
        context: SIDECAR_OUTBOUND
        routeConfiguration:
          vhost:
            name: payment.shop.svc.cluster.local:8080
            route:
              name: default
      patch:
        operation: INSERT_FIRST
        value:
          name: canary
          match:
            prefix: /canary
          route:
            cluster: outbound|8080|v2|payment.shop.svc.cluster.local
`,
  },
  check: (graph) =>
    faultFindings(graph, "add", ({ applyTo }) =>
      applyTo === "HTTP_ROUTE"
        ? {
            message:
              "Istio's reference says that ADD is ignored for HTTP_ROUTE. istiod puts the route last, behind one that matches everything.",
            severity: "warning",
          }
        : { message: `ADD does nothing for ${applyTo}.` },
    ),
};
