import type { Rule } from "../../rule";
import { virtualServiceFaults } from "./ambient-hosts";

/** ztunnel reads no HTTP: routes of HTTP and TLS take a waypoint. */
export const routesForUnenrolledService: Rule = {
  code: "KIA1113",
  title: "VirtualService for a Service that no waypoint stands before",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint follows a VirtualService for HTTP, and no waypoint stands before the Service. Its routes are passed over: weights, retries, timeouts and faults are left out, and every call goes to the Service as it is.",
  fix: "Make a waypoint in the namespace of the Service (`istioctl waypoint apply`), and label the namespace or the Service with its name: istio.io/use-waypoint.",
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
    - timeout: 2s
      route:
        - destination:
            host: pricing
`,
  },
  *check(graph) {
    for (const { object, host, field, namespace, need, fault } of graph.derive(virtualServiceFaults)) {
      if (fault !== "unenrolled") continue;
      yield {
        object,
        field,
        message: `calls to ${host} in the ambient namespace ${namespace} go through no waypoint: nothing there follows ${need}.`,
      };
    }
  },
};
