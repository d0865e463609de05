import type { Rule } from "../../rule";
import { listed } from "./listed";
import { podsOfWorkload } from "./selections";
import { telemetrySelections } from "./telemetries";

/** Pods follow one Telemetry with a selector only. */
export const conflictingTelemetrySelectors: Rule = {
  code: "IST0159",
  title: "several Telemetries for the same pods",
  severity: "error",
  consequence:
    "Istio does not say what holds for pods that several Telemetries select. Metrics, spans or access logs of one of them are missing, " +
    "and which one can change when an object is made anew.",
  fix: "Write one Telemetry for these pods, or give the selectors labels that no pod carries together.",
  versions: { istioFrom: "1.18" },
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0159/",
    "https://istio.io/latest/docs/reference/config/telemetry/#Telemetry",
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
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  tracing:
    - randomSamplingPercentage: 10
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: backend
  namespace: shop
spec:
  selector:
    matchLabels:
      tier: backend
  tracing:
    - randomSamplingPercentage: 1
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
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  tracing:
    - randomSamplingPercentage: 10
`,
  },
  *check(graph) {
    for (const [workload, telemetries] of graph.derive(telemetrySelections)) {
      if (telemetries.length < 2) continue;
      const names = listed(telemetries.map(({ name }) => name));
      for (const object of telemetries) {
        yield {
          object,
          field: "spec.selector",
          message: `the Telemetries ${names} select ${podsOfWorkload(workload)}: what holds there is not defined.`,
        };
      }
    }
  },
};
