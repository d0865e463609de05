import type { Rule } from "../../rule";
import { listed } from "./listed";
import { isInAmbient, podsOfWorkload } from "./selections";
import { sidecarSelections } from "./sidecars";

/** Pods follow one Sidecar only. */
export const conflictingSidecarSelectors: Rule = {
  code: "IST0110",
  title: "several Sidecars for the same pods",
  severity: "error",
  consequence:
    "A pod follows one Sidecar. Of several that select it Istio takes one and ignores the others, and does not promise which. " +
    "What only another one lists is missing: under REGISTRY_ONLY calls to it get a 502, else they leave the pod unrouted and without mTLS.",
  fix: "Write one Sidecar for these pods, or give the selectors labels that no pod carries together.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0110/",
    "https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Pod
metadata:
  name: pricing-1
  namespace: shop
  labels:
    app: pricing
    tier: backend
spec:
  containers:
    - name: app
      image: registry.example.no/pricing:1.0.0
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: pricing
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  egress:
    - hosts:
        - ./*
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: backend
  namespace: shop
spec:
  workloadSelector:
    labels:
      tier: backend
  egress:
    - hosts:
        - istio-system/*
`,
    good: `
apiVersion: v1
kind: Pod
metadata:
  name: pricing-1
  namespace: shop
  labels:
    app: pricing
    tier: backend
spec:
  containers:
    - name: app
      image: registry.example.no/pricing:1.0.0
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: pricing
  namespace: shop
spec:
  workloadSelector:
    labels:
      app: pricing
  egress:
    - hosts:
        - ./*
        - istio-system/*
`,
  },
  *check(graph) {
    for (const [workload, sidecars] of graph.derive(sidecarSelections)) {
      if (sidecars.length < 2 || isInAmbient(graph, workload)) continue;
      const names = listed(sidecars.map(({ name }) => name));
      for (const object of sidecars) {
        const message = `the Sidecars ${names} select ${podsOfWorkload(workload)}: only one of them holds there.`;
        yield { object, field: "spec.workloadSelector", message };
      }
    }
  },
};
