import type { Rule } from "../../rule";
import { lacksWaypoint, waypointPolicies } from "./ambient-policies";
import { pluginNeed } from "./http-needs";

/** ztunnel reads no HTTP: plugins take a waypoint. */
export const pluginWithoutWaypoint: Rule = {
  code: "KIA1111",
  title: "WasmPlugin that needs a waypoint and has none",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint reads HTTP, and calls go through one only where the namespace or the Service is labelled istio.io/use-waypoint. The plugin is loaded nowhere, and requests pass as if it were not there.",
  fix: "Make a waypoint (`istioctl waypoint apply`), and label the namespace or the Service with its name: istio.io/use-waypoint.",
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
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata:
  name: pricing
  namespace: shop
spec:
  targetRefs:
    - kind: Service
      group: ""
      name: pricing
  url: oci://registry.example.no/prices-filter:1.0.0
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
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata:
  name: pricing
  namespace: shop
spec:
  targetRefs:
    - kind: Service
      group: ""
      name: pricing
  url: oci://registry.example.no/prices-filter:1.0.0
`,
  },
  *check(graph) {
    for (const { object, need } of waypointPolicies(graph, "WasmPlugin", pluginNeed)) {
      if (!lacksWaypoint(graph, object)) continue;
      const message = `it needs a waypoint, and calls to what it is for go through none: the namespace ${object.namespace} is in ambient mode without one.`;
      yield { object, field: need, message };
    }
  },
};
