import type { Rule } from "../../rule";
import { isUnattached, waypointPolicies } from "./ambient-policies";
import { telemetryNeed } from "./http-needs";

/** A waypoint follows what is attached to it, or to what stands behind it. */
export const telemetryWithoutTargets: Rule = {
  code: "KIA1117",
  title: "Telemetry that no waypoint follows, for want of targetRefs",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint reads HTTP, and a waypoint passes over a policy that selects pods by labels. No span, access log or changed metric of it ever appears.",
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
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  accessLogging:
    - providers:
        - name: envoy
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
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: pricing
  namespace: shop
spec:
  targetRefs:
    - kind: Service
      group: ""
      name: pricing
  accessLogging:
    - providers:
        - name: envoy
`,
  },
  *check(graph) {
    for (const { object, need } of waypointPolicies(graph, "Telemetry", telemetryNeed)) {
      // Without a selector it holds for the whole namespace, its waypoint included.
      if (object.spec.selector === undefined || object.spec.selector === null) continue;
      if (!isUnattached(graph, object)) continue;
      const message = `${need} needs a waypoint, and this Telemetry has a selector: no waypoint follows it.`;
      yield { object, ...(object.spec.selector !== undefined && { field: "spec.selector" }), message };
    }
  },
};
