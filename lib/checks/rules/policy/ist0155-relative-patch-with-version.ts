import type { Rule } from "../../rule";
import { faultFindings } from "./envoy-patches";

/** Patches of one filter for several versions of the proxy need an order. */
export const relativePatchWithVersion: Rule = {
  code: "IST0155",
  title: "EnvoyFilter patch by proxy version that hangs on another filter",
  severity: "warning",
  consequence:
    "An earlier patch of the same filter holds for one version of the proxy only. During an upgrade, proxies of the other version do not have " +
    "it, and without a priority nothing says which patch is applied first: this one finds nothing to stand next to, and Istio drops it without a word.",
  fix: "Set spec.priority: EnvoyFilters with a lower one are applied first. Or use INSERT_FIRST or ADD, which need no other filter.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0155/",
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
        proxy:
          proxyVersion: ^1\\.29.*
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
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        proxy:
          proxyVersion: ^1\\.30.*
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
        proxy:
          proxyVersion: ^1\\.29.*
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
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        proxy:
          proxyVersion: ^1\\.30.*
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
    faultFindings(graph, "relative-with-version", ({ operation }) => ({
      message: `${operation} concerns a filter that an earlier patch sets for one proxyVersion, and the EnvoyFilter has no priority.`,
    })),
};
