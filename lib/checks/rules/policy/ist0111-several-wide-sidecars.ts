import type { Rule } from "../../rule";
import { listed } from "./listed";
import { isAmbientNamespace } from "./selections";
import { wideSidecars } from "./sidecars";

/** A namespace has one Sidecar without a selector. */
export const severalWideSidecars: Rule = {
  code: "IST0111",
  title: "several Sidecars without a selector in a namespace",
  severity: "error",
  consequence:
    "A namespace follows one Sidecar without a selector. Of several Istio takes one and ignores the others, and does not promise which. " +
    "What only another one lists is missing: under REGISTRY_ONLY calls to it get a 502, else they leave the pod unrouted and without mTLS.",
  fix: "Join them into one Sidecar, or give each but one a workloadSelector.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0111/",
    "https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
  namespace: shop
spec:
  egress:
    - hosts:
        - ./*
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: control-plane
  namespace: shop
spec:
  egress:
    - hosts:
        - istio-system/*
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
  namespace: shop
spec:
  egress:
    - hosts:
        - ./*
        - istio-system/*
`,
  },
  *check(graph) {
    for (const [namespace, sidecars] of graph.derive(wideSidecars)) {
      if (sidecars.length < 2 || isAmbientNamespace(graph, namespace)) continue;
      const names = listed(sidecars.map(({ name }) => name));
      for (const object of sidecars) {
        yield { object, message: `the Sidecars ${names} of namespace ${namespace} have no workloadSelector: only one of them holds.` };
      }
    }
  },
};
