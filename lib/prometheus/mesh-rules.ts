import { matcher } from "./istio-metrics";
import type { RuleGroup } from "./rule-group";

/** Job under which the sidecars and gateways are scraped, whoever runs Prometheus. */
export const proxiesJob = "istio-proxies";

/**
 * Alerts about what everything else is judged by. A release whose metrics are missing is never cut, and a namespace whose metrics are missing looks
 * as if it had no plaintext.
 */
export function meshRuleGroup(): RuleGroup {
  const job = matcher("job", "=", proxiesJob);
  return {
    name: "mesh-metrics",
    rules: [
      {
        alert: "MeshNotMeasured",
        // An up of 0 is a series, too.
        expr: `absent(up{${job}} == 1)`,
        for: "10m",
        labels: { severity: "critical" },
        annotations: {
          summary: "Prometheus scrapes no sidecar",
          description: "No release can be judged, and no namespace be called free of plaintext. Look at the job's targets.",
        },
      },
      {
        alert: "SidecarNotMeasured",
        expr: `count by (namespace) (up{${job}} == 0)`,
        for: "15m",
        labels: { severity: "warning" },
        annotations: {
          summary: "{{ $value }} sidecars in {{ $labels.namespace }} cannot be scraped",
          description: "Port 15020 of a pod is outside mTLS: a NetworkPolicy may keep Prometheus away from it.",
        },
      },
    ],
  };
}
