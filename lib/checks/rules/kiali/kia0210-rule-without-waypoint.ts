import type { Rule } from "../../rule";
import { destinationRuleFaults } from "./ambient-hosts";

/** ztunnel reads no HTTP: connection limits, outlier detection and hashes of headers take a waypoint. */
export const ruleWithoutWaypoint: Rule = {
  code: "KIA0210",
  title: "DestinationRule in an ambient namespace without a waypoint",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint follows a DestinationRule for HTTP, and calls meet one only where the namespace or the Service is labelled istio.io/use-waypoint. Connection limits, outlier detection and hashing by request are left out: a pod that fails keeps its share of the calls.",
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
      if (fault !== "no-waypoint") continue;
      yield {
        object,
        field,
        message: `the namespace ${namespace} is in ambient mode without a waypoint, and ${host} is no Service of the ambient mesh that was checked: nothing follows ${need}.`,
      };
    }
  },
};
