import type { Rule } from "../../rule";
import { destinationRuleFaults } from "./ambient-hosts";

/** ztunnel reads no HTTP: connection limits, outlier detection and hashes of headers take a waypoint. */
export const ruleOutsideServiceNamespace: Rule = {
  code: "KIA0212",
  title: "DestinationRule outside the namespace of its ambient Service",
  severity: "warning",
  consequence:
    "A waypoint follows the DestinationRules of its Services' namespace and of its own, and ambient callers have no proxy that would follow one of theirs. Connection limits, outlier detection and hashing by request are left out: a pod that fails keeps its share of the calls.",
  fix: "Move the DestinationRule to the namespace of the Service.",
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
kind: DestinationRule
metadata:
  name: pricing
  namespace: web
spec:
  host: pricing.shop.svc.cluster.local
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
      if (fault !== "elsewhere") continue;
      yield {
        object,
        field,
        message: `${host} is a Service of the ambient namespace ${namespace}, whose waypoint looks for them beside the Service and beside itself: nothing follows ${need} here.`,
      };
    }
  },
};
