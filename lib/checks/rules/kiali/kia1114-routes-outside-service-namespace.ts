import type { Rule } from "../../rule";
import { virtualServiceFaults } from "./ambient-hosts";

/** ztunnel reads no HTTP: routes of HTTP and TLS take a waypoint. */
export const routesOutsideServiceNamespace: Rule = {
  code: "KIA1114",
  title: "VirtualService outside the namespace of its ambient Service",
  severity: "warning",
  consequence:
    "A waypoint follows the VirtualServices of its Services' namespace and of its own, and ambient callers have no proxy that would follow one of theirs. Its routes are passed over: weights, retries, timeouts and faults are left out, and every call goes to the Service as it is.",
  fix: "Move the VirtualService to the namespace of the Service.",
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
    istio.io/use-waypoint: waypoint
---
apiVersion: v1
kind: Namespace
metadata:
  name: web
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
  namespace: web
spec:
  hosts:
    - pricing.shop.svc.cluster.local
  http:
    - timeout: 2s
      route:
        - destination:
            host: pricing.shop.svc.cluster.local
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
kind: Namespace
metadata:
  name: web
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
  },
  *check(graph) {
    for (const { object, host, field, namespace, need, fault } of graph.derive(virtualServiceFaults)) {
      if (fault !== "elsewhere") continue;
      yield {
        object,
        field,
        message: `${host} is a Service of the ambient namespace ${namespace}, whose waypoint looks for them beside the Service and beside itself: nothing follows ${need} here.`,
      };
    }
  },
};
