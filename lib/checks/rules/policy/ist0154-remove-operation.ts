import type { Rule } from "../../rule";
import { faultFindings } from "./envoy-patches";

/** Routes cannot be removed. */
export const removeOperation: Rule = {
  code: "IST0154",
  title: "REMOVE on routes",
  severity: "error",
  consequence:
    "For ROUTE_CONFIGURATION Istio ignores REMOVE. For HTTP_ROUTE its reference says the same; istiod removes the route, but nothing promises that " +
    "the next release does, and then requests take it again.",
  fix: "Change the VirtualService or Gateway that the route comes from, or MERGE a direct_response into it.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0154/",
    "https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: no-default
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
        operation: REMOVE
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: no-default
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
        operation: MERGE
        value:
          direct_response:
            status: 404
`,
  },
  check: (graph) =>
    faultFindings(graph, "remove", ({ applyTo }) =>
      applyTo === "HTTP_ROUTE"
        ? {
            message:
              "Istio's reference says that REMOVE is ignored for HTTP_ROUTE. istiod applies it; nothing promises that the next release does.",
            severity: "warning",
          }
        : { message: `REMOVE does nothing for ${applyTo}: it stays.` },
    ),
};
