import { type Dashboard, dashboard } from "./grafana";
import { matcher } from "./istio-metrics";

/** The server's own sidecar alone knows how it was called: to a caller's the policy is always unknown. */
const atServer = [matcher("reporter", "=", "destination"), matcher("destination_workload_namespace", "=~", "$namespace")].join(",");
const mutual = matcher("connection_security_policy", "=", "mutual_tls");
const plain = matcher("connection_security_policy", "!=", "mutual_tls");
const port = "destination_workload_namespace, destination_workload, destination_port";
const caller = "source_workload_namespace, source_workload";
const legend = "{{destination_workload_namespace}}/{{destination_workload}}:{{destination_port}}";

/** mTLS coverage: which share of the traffic is mutual TLS, at which workload and port it is not, and who calls there. */
export function mtlsDashboard(): Dashboard {
  return dashboard({
    uid: "meshground-mtls",
    title: "mTLS coverage",
    variables: [["namespace", 'label_values(istio_requests_total{reporter="destination"}, destination_workload_namespace)']],
    panels: [
      {
        title: "Share of mutual TLS, requests",
        description: "1 for each workload and port is what STRICT needs. The port shows in namespaces of stage permissive only.",
        lines: { [legend]: coverage("istio_requests_total") },
        unit: "percentunit",
      },
      {
        title: "Share of mutual TLS, TCP connections",
        description: "Connections that were opened, of protocols that the sidecar does not read.",
        lines: { [legend]: coverage("istio_tcp_connections_opened_total") },
        unit: "percentunit",
      },
      {
        title: "Plaintext requests by caller",
        description: "Callers without a sidecar are unknown here: their addresses stand in the access log of the workload's sidecar.",
        rows: callers("istio_requests_total"),
      },
      {
        title: "Plaintext TCP connections by caller",
        description: "Database clients, monitors, health checks of load balancers.",
        rows: callers("istio_tcp_connections_opened_total"),
      },
    ],
  });
}

/** A port that never saw mutual TLS has a share of 0, not no share. */
function coverage(metric: string): string {
  const all = `sum by (${port}) (rate(${metric}{${atServer}}[$__rate_interval]))`;
  const secured = `sum by (${port}) (rate(${metric}{${atServer},${mutual}}[$__rate_interval]))`;
  return `(${secured} or ${all} * 0) / (${all} > 0)`;
}

function callers(metric: string): string {
  return `sort_desc(sum by (${port}, ${caller}) (increase(${metric}{${atServer},${plain}}[$__range])) > 0)`;
}
