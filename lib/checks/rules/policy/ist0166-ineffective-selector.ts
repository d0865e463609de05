import type { Rule } from "../../rule";
import { gatewaySelectors } from "./gateway-selectors";

/** Gateways of the Gateway API take policies by name. */
export const ineffectiveSelector: Rule = {
  code: "IST0166",
  title: "policy that selects a Kubernetes Gateway by labels",
  severity: "warning",
  consequence:
    "Policies reach a Gateway of the Gateway API by targetRefs. A waypoint never looks at a selector, and a gateway does so only as long as " +
    "istiod runs with ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY. Without it requests pass as if the policy were not there.",
  fix: "Replace the selector by targetRefs that name the Gateway, or the Service behind a waypoint.",
  versions: { istioFrom: "1.21" },
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0166/",
    "https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Pod
metadata:
  name: edge-istio-1
  namespace: shop
  labels:
    gateway.networking.k8s.io/gateway-name: edge
spec:
  containers:
    - name: istio-proxy
      image: registry.istio.io/release/proxyv2:1.30.3
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: edge
  namespace: shop
spec:
  selector:
    matchLabels:
      gateway.networking.k8s.io/gateway-name: edge
  jwtRules:
    - issuer: https://login.example.no
`,
    good: `
apiVersion: v1
kind: Pod
metadata:
  name: edge-istio-1
  namespace: shop
  labels:
    gateway.networking.k8s.io/gateway-name: edge
spec:
  containers:
    - name: istio-proxy
      image: registry.istio.io/release/proxyv2:1.30.3
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: edge
  namespace: shop
spec:
  targetRefs:
    - group: gateway.networking.k8s.io
      kind: Gateway
      name: edge
  jwtRules:
    - issuer: https://login.example.no
`,
  },
  *check(graph) {
    for (const [object, gateways] of graph.derive(gatewaySelectors)) {
      for (const gateway of gateways) {
        const message = `the selector matches the pods of the Gateway ${gateway}, which takes policies by targetRefs.`;
        yield { object, field: "spec.selector", message };
      }
    }
  },
};
