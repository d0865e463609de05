import type { Rule } from "../../rule";
import { listed } from "./listed";
import { wideTelemetries } from "./telemetries";

/** A namespace has one Telemetry without a selector. */
export const severalWideTelemetries: Rule = {
  code: "IST0160",
  title: "several Telemetries without a selector in a namespace",
  severity: "error",
  consequence:
    "Of the Telemetries of a namespace that have no selector Istio takes the oldest and ignores the others: their metrics, spans or " +
    "access logs are missing, and which they are can change when an object is made anew.",
  fix: "Join them into one Telemetry, give each but one a selector, or attach it to a Gateway or Service with targetRefs.",
  versions: { istioFrom: "1.18" },
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0160/",
    "https://istio.io/latest/docs/reference/config/telemetry/#Telemetry",
  ],
  example: {
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: tracing
  namespace: shop
spec:
  tracing:
    - randomSamplingPercentage: 10
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: logs
  namespace: shop
spec:
  accessLogging:
    - providers:
        - name: envoy
`,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: default
  namespace: shop
spec:
  tracing:
    - randomSamplingPercentage: 10
  accessLogging:
    - providers:
        - name: envoy
`,
  },
  *check(graph) {
    for (const [namespace, telemetries] of graph.derive(wideTelemetries)) {
      if (telemetries.length < 2) continue;
      const names = listed(telemetries.map(({ name }) => name));
      for (const object of telemetries) {
        yield { object, message: `the Telemetries ${names} of namespace ${namespace} have no selector: only the oldest of them holds.` };
      }
    }
  },
};
