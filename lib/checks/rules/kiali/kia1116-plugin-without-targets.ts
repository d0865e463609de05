import type { Rule } from "../../rule";
import { isUnattached, waypointPolicies } from "./ambient-policies";
import { pluginNeed } from "./http-needs";

/** A waypoint follows what is attached to it, or to what stands behind it. */
export const pluginWithoutTargets: Rule = {
  code: "KIA1116",
  title: "WasmPlugin that no waypoint follows, for want of targetRefs",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint reads HTTP, and a waypoint passes over a policy that has no targetRefs. The plugin is loaded nowhere, and requests pass as if it were not there.",
  fix: "Replace the selector by targetRefs that name the Service, or the waypoint's Gateway.",
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
  selector:
    matchLabels:
      app: pricing
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
      if (!isUnattached(graph, object)) continue;
      const message = `${need} needs a waypoint, and this WasmPlugin is attached to no Service or Gateway: no waypoint follows it.`;
      yield { object, ...(object.spec.selector !== undefined && { field: "spec.selector" }), message };
    }
  },
};
