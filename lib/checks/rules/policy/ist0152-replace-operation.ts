import type { Rule } from "../../rule";
import { faultFindings } from "./envoy-patches";

/** REPLACE is known for filters and virtual hosts only. */
export const replaceOperation: Rule = {
  code: "IST0152",
  title: "REPLACE on what cannot be replaced",
  severity: "error",
  consequence:
    "Istio replaces HTTP filters, network filters and virtual hosts. On anything else its reference calls REPLACE invalid: the patch does nothing, " +
    "and traffic goes on as without it.",
  fix: "Use MERGE to change fields of it, or REMOVE and ADD to put another in its place.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0152/",
    "https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: dns
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  configPatches:
    - applyTo: CLUSTER
      match:
        context: SIDECAR_OUTBOUND
        cluster:
          service: payment.shop.svc.cluster.local
      patch:
        operation: REPLACE
        value:
          respect_dns_ttl: true
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: dns
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  configPatches:
    - applyTo: CLUSTER
      match:
        context: SIDECAR_OUTBOUND
        cluster:
          service: payment.shop.svc.cluster.local
      patch:
        operation: MERGE
        value:
          respect_dns_ttl: true
`,
  },
  check: (graph) =>
    faultFindings(graph, "replace", ({ applyTo }) =>
      applyTo === "LISTENER_FILTER"
        ? {
            message:
              "Istio's reference does not know REPLACE for LISTENER_FILTER. istiod applies it; nothing promises that the next release does.",
            severity: "warning",
          }
        : { message: `REPLACE does nothing for ${applyTo === "" ? "a patch without applyTo" : applyTo}.` },
    ),
};
