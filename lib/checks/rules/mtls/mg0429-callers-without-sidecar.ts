import { running } from "../../graph/running";
import type { Rule } from "../../rule";
import { pricingPods, pricingService, strictShop } from "./example-parts";
import { outsideKind, refusedCallFinding } from "./plaintext-callers";

const legacy = (labels: string): string => `---
apiVersion: v1
kind: Namespace
metadata:
  name: legacy
${labels}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: catalogue
  namespace: legacy
spec:
  selector:
    matchLabels:
      app: catalogue
  template:
    metadata:
      labels:
        app: catalogue
    spec:
      serviceAccountName: catalogue
      containers:
        - name: app
          image: registry.example.no/catalogue:3.2.0
          env:
            - name: PRICING_URL
              value: http://pricing.shop.svc.cluster.local/prices
`;

/** The callers that nobody counted before the switch to STRICT. */
export const callersWithoutSidecar: Rule = {
  code: "MG0429",
  title: "caller without a sidecar of pods that refuse plaintext",
  severity: "warning",
  consequence: "The caller's requests go out in plaintext, and the sidecar of the pods that it calls resets every connection.",
  fix: "Give the caller a sidecar (label its namespace istio-injection: enabled, or its revision), or let the port that it calls take plaintext (portLevelMtls: PERMISSIVE) until it has one.",
  see: ["https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/"],
  example: {
    bad: strictShop + pricingPods + pricingService + legacy(""),
    good: strictShop + pricingPods + pricingService + legacy("  labels:\n    istio-injection: enabled\n"),
  },
  *check(graph) {
    for (const workload of graph.derive(running)) {
      if (outsideKind(graph, workload) !== "other") continue;
      const finding = refusedCallFinding(graph, workload, "its pods have no sidecar");
      if (finding !== undefined) yield finding;
    }
  },
};
