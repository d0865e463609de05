import type { Rule } from "../../rule";
import { virtualServiceFaults } from "./ambient-hosts";

/** ztunnel reads no HTTP: routes of HTTP and TLS take a waypoint. */
export const routesWithoutWaypoint: Rule = {
  code: "KIA1109",
  title: "VirtualService in an ambient namespace without a waypoint",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint follows a VirtualService for HTTP, and calls meet one only where the namespace or the Service is labelled istio.io/use-waypoint. Its routes are passed over: weights, retries, timeouts and faults are left out, and every call goes to the Service as it is.",
  fix: 'Make a waypoint (`istioctl waypoint apply`), and label the namespace or the Service with its name: istio.io/use-waypoint. If the Service is made elsewhere and labelled there, declare it external: `externals: ["Service shop/pricing"]`.',
  versions: { istioFrom: "1.22" },
  see: [
    "https://kiali.io/docs/features/validations/",
    "https://istio.io/latest/docs/ambient/usage/l7-features/",
    "https://istio.io/latest/docs/ambient/usage/waypoint/",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/dataplane-mode: ambient
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
    - timeout: 2s
      route:
        - destination:
            host: pricing
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/dataplane-mode: ambient
    istio.io/use-waypoint: waypoint
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
    - timeout: 2s
      route:
        - destination:
            host: pricing
`,
  },
  *check(graph) {
    for (const { object, host, field, namespace, need, fault } of graph.derive(virtualServiceFaults)) {
      if (fault !== "no-waypoint") continue;
      yield {
        object,
        field,
        message: `the namespace ${namespace} is in ambient mode without a waypoint, and ${host} is no Service of the ambient mesh that was checked: nothing follows ${need}.`,
      };
    }
  },
};
