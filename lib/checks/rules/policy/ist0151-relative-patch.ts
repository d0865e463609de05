import type { Rule } from "../../rule";
import { faultFindings } from "./envoy-patches";

/** A patch next to another one has to be applied after it. */
export const relativePatch: Rule = {
  code: "IST0151",
  title: "EnvoyFilter patch that hangs on another filter",
  severity: "warning",
  consequence:
    "The patch is placed by something that another EnvoyFilter may put there, and without a priority nothing says which of the two is applied " +
    "first. Applied too early it finds nothing, and Istio drops it without a word.",
  fix: "Set spec.priority: EnvoyFilters with a lower one are applied first. Or use INSERT_FIRST or ADD, which need no other filter.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0151/",
    "https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: lua
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  configPatches:
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        listener:
          filterChain:
            filter:
              name: envoy.filters.network.http_connection_manager
              subFilter:
                name: envoy.filters.http.router
      patch:
        operation: INSERT_BEFORE
        value:
          name: envoy.filters.http.lua
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
            defaultSourceCode:
              inlineString: |
                function envoy_on_request(request)
                  request:headers():add("x-shop", "pricing")
                end
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: lua
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  priority: 10
  configPatches:
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        listener:
          filterChain:
            filter:
              name: envoy.filters.network.http_connection_manager
              subFilter:
                name: envoy.filters.http.router
      patch:
        operation: INSERT_BEFORE
        value:
          name: envoy.filters.http.lua
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
            defaultSourceCode:
              inlineString: |
                function envoy_on_request(request)
                  request:headers():add("x-shop", "pricing")
                end
`,
  },
  check: (graph) =>
    faultFindings(graph, "relative", ({ operation }) => ({
      message: `${operation} needs what it refers to in place already, and the EnvoyFilter has no priority: another one may come after it.`,
    })),
};
