import type { Rule } from "../../rule";
import { destinationRuleFaults } from "./ambient-hosts";

/** ztunnel reads no HTTP: connection limits, outlier detection and hashes of headers take a waypoint. */
export const ruleForUnenrolledService: Rule = {
  code: "KIA0211",
  title: "DestinationRule for a Service that no waypoint stands before",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint follows a DestinationRule for HTTP, and no waypoint stands before the Service. Connection limits, outlier detection and hashing by request are left out: a pod that fails keeps its share of the calls.",
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
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 5
      maxEjectionPercent: 50
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
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 5
      maxEjectionPercent: 50
`,
  },
  *check(graph) {
    for (const { object, host, field, namespace, need, fault } of graph.derive(destinationRuleFaults)) {
      if (fault !== "unenrolled") continue;
      yield {
        object,
        field,
        message: `calls to ${host} in the ambient namespace ${namespace} go through no waypoint: nothing there follows ${need}.`,
      };
    }
  },
};
