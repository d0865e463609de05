import { type Dashboard, dashboard } from "./grafana";
import { matcher } from "./istio-metrics";

const chosen = [matcher("destination_service_namespace", "=~", "$namespace"), matcher("destination_service_name", "=~", "$service")].join(
  ",",
);
const versions = "destination_workload, destination_canonical_revision";
const legend = "{{destination_workload}} {{destination_canonical_revision}}";

/**
 * Canary against stable: requests, errors and latency of each version of a service.
 *
 * Of the two sides that report a request, the one that saw more counts: a caller without a sidecar reports nothing, nor does a pod that was not reached.
 */
export function canaryDashboard(): Dashboard {
  return dashboard({
    uid: "meshground-canary",
    title: "Canary against stable",
    variables: [
      ["namespace", "label_values(istio_requests_total, destination_service_namespace)"],
      ["service", 'label_values(istio_requests_total{destination_service_namespace=~"$namespace"}, destination_service_name)'],
    ],
    panels: [
      {
        title: "Requests",
        description: "Each version's requests a second: their shares are the weights, once there are enough of them.",
        lines: { [legend]: perVersion(rate("istio_requests_total")) },
        unit: "reqps",
      },
      {
        title: "Errors",
        description: "Share of answers with status 5xx. A version without a request has no line, one without an error lies at 0.",
        lines: { [legend]: errors() },
        unit: "percentunit",
      },
      {
        title: "Latency, p99",
        description: "Between the ends of Istio's buckets (…, 100, 250, 500, 1000 ms, …) a straight line is taken.",
        lines: { [legend]: quantile(0.99) },
        unit: "ms",
      },
      { title: "Latency, p50", description: "Half of the requests are faster.", lines: { [legend]: quantile(0.5) }, unit: "ms" },
    ],
  });
}

function rate(metric: string, ...more: readonly string[]): string {
  return `rate(${metric}{${[chosen, ...more].join(",")}}[$__rate_interval])`;
}

function perVersion(rates: string): string {
  return `max by (${versions}) (sum by (reporter, ${versions}) (${rates}))`;
}

function errors(): string {
  const all = `sum by (reporter, ${versions}) (${rate("istio_requests_total", matcher("response_code", "!=", "0"))})`;
  const failed = `sum by (reporter, ${versions}) (${rate("istio_requests_total", matcher("response_code", "=~", "5.."))})`;
  return `max by (${versions}) ((${failed} or ${all} * 0) / (${all} > 0))`;
}

function quantile(share: number): string {
  const buckets = `sum by (reporter, ${versions}, le) (${rate("istio_request_duration_milliseconds_bucket")})`;
  return `max by (${versions}) (histogram_quantile(${share}, ${buckets}) >= 0)`;
}
