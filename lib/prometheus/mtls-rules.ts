import { matcher } from "./istio-metrics";
import type { DeclaredPlaintext, ExpectedNamespace } from "./mtls-expectation";
import { counters, plaintextOnly, portLabels } from "./plaintext";
import type { AlertingRule, RecordingRule, RuleGroup } from "./rule-group";

/** Series of plaintext by namespace, workload and port, as the rules record them. Unit: per second. */
const plaintextSeries = {
  requests: "meshground:plaintext_requests:rate5m",
  connections: "meshground:plaintext_tcp_connections:rate5m",
} as const;

/** What of a namespace decides its rules. */
export type PlaintextRulesProps = Pick<ExpectedNamespace, "name" | "stage" | "plaintext">;

/** The rules that show plaintext in a namespace, and raise an alert where nobody declared it. */
export function plaintextRules(namespace: PlaintextRulesProps): RuleGroup {
  return {
    name: `meshground-mtls-${namespace.name}`,
    rules: [
      recording(plaintextSeries.requests, counters.requests, namespace.name),
      recording(plaintextSeries.connections, counters.opened, namespace.name),
      alert("PlaintextRequests", { series: plaintextSeries.requests, what: "requests" }, namespace),
      alert("PlaintextConnections", { series: plaintextSeries.connections, what: "TCP connections" }, namespace),
    ],
  };
}

/**
 * To `rate` a series begins with its first sample, and a caller that comes once a night makes a series of one request: of a series that was not
 * there in the hour before, all that it counts is counted. An hour, so that a Prometheus that was away for a while takes nothing for new.
 */
function recording(record: string, metric: string, namespace: string): RecordingRule {
  const series = `${metric}{${plaintextOnly},${matcher("destination_workload_namespace", "=", namespace)}}`;
  const fresh = `max_over_time(${series}[5m]) unless last_over_time(${series}[1h] offset 5m)`;
  const expr = `sum by (${portLabels}) ((${fresh}) / 300 or rate(${series}[5m]))`;
  // The series has this label anyway; said here, rules of two namespaces are not taken for the same one twice.
  return { record, expr, labels: { destination_workload_namespace: namespace } };
}

interface Subject {
  readonly series: string;
  readonly what: string;
}

function alert(name: string, { series, what }: Subject, { name: namespace, stage, plaintext }: PlaintextRulesProps): AlertingRule {
  const where = matcher("destination_workload_namespace", "=", namespace);
  const declared = plaintext.map((exception) => ` unless ${series}{${where},${declaredMatchers(exception)}}`);
  return {
    alert: name,
    expr: `${series}{${where}} > 0${declared.join("")}`,
    labels: { severity: stage === "strict" ? "critical" : "warning" },
    annotations: { ...texts[stage](what, namespace) },
  };
}

function declaredMatchers({ workloads, port }: DeclaredPlaintext): string {
  const names = workloads.map((name) => name.replaceAll(".", "\\.")).join("|");
  return [matcher("destination_workload", "=~", names), matcher("destination_port", "=", `${port}`)].join(",");
}

const port = "{{ $labels.destination_workload }}{{ with $labels.destination_port }}:{{ . }}{{ end }}";

const texts = {
  permissive: (what: string, namespace: string) => ({
    summary: `Plaintext ${what} to ${port} in ${namespace}, which nobody declared`,
    description: `Stage "strict" would refuse them. Give the caller a sidecar, or declare it: allowPlaintext. Who calls stands in the access log of the workload's sidecar; what is left in all: meshground mtls status --namespace ${namespace} --prometheus URL`,
  }),
  strict: (what: string, namespace: string) => ({
    summary: `Plaintext ${what} to ${port} in ${namespace}, which is strict`,
    description: `They cannot come in while STRICT holds. Somebody has loosened it: kubectl get peerauthentication --namespace ${namespace}`,
  }),
} as const;
