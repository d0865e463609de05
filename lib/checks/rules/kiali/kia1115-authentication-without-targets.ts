import type { Rule } from "../../rule";
import { isUnattached, waypointPolicies } from "./ambient-policies";
import { jwtNeed } from "./http-needs";

/** A waypoint follows what is attached to it, or to what stands behind it. */
export const authenticationWithoutTargets: Rule = {
  code: "KIA1115",
  title: "RequestAuthentication that no waypoint follows, for want of targetRefs",
  severity: "warning",
  consequence:
    "In ambient mode only a waypoint reads HTTP, and a waypoint passes over a policy that has no targetRefs. Tokens are not looked at: requests with a forged or expired token pass, and rules on claims never match.",
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
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  jwtRules:
    - issuer: https://login.example.no
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
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: pricing
  namespace: shop
spec:
  targetRefs:
    - kind: Service
      group: ""
      name: pricing
  jwtRules:
    - issuer: https://login.example.no
`,
  },
  *check(graph) {
    for (const { object, need } of waypointPolicies(graph, "RequestAuthentication", jwtNeed)) {
      if (!isUnattached(graph, object)) continue;
      const message = `${need} needs a waypoint, and this RequestAuthentication is attached to no Service or Gateway: no waypoint follows it.`;
      yield { object, ...(object.spec.selector !== undefined && { field: "spec.selector" }), message };
    }
  },
};
