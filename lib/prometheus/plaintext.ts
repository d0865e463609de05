import type { DurationText } from "../core/duration";
import { promDuration } from "./duration";
import { matcher } from "./istio-metrics";
import { proxiesJob } from "./mesh-rules";
import { instantQuery, type PrometheusAddress, type Sample } from "./prometheus-api";

/** Labels that name a port of a workload. Istio leaves the port out unless a Telemetry puts it in. */
export const portLabels = "destination_workload_namespace, destination_workload, destination_port";

/** What the server's own sidecar counts. It alone knows whether a call came by mTLS: to a caller's sidecar that is always unknown. */
const byServers: string = matcher("reporter", "=", "destination");

/** Calls without mTLS. */
export const plaintextOnly: string = `${byServers},${matcher("connection_security_policy", "!=", "mutual_tls")}`;

/** Istio's counters of requests, and of TCP connections. */
export const counters = {
  requests: "istio_requests_total",
  opened: "istio_tcp_connections_opened_total",
  closed: "istio_tcp_connections_closed_total",
} as const;

/** What was counted at a port of a workload within a window. */
export interface PortCount {
  readonly namespace: string;
  readonly workload: string;
  /** The port as the metric has it; empty where the metrics carry none. */
  readonly port: string;
  /** Requests without mTLS. */
  readonly plaintext: number;
  /** Requests over mTLS. */
  readonly mutualTls: number;
  /** TCP connections without mTLS that were opened within the window, or are open. */
  readonly tcpPlaintext: number;
  /** TCP connections over mTLS that were opened within the window, or are open. */
  readonly tcpMutualTls: number;
}

/** What Prometheus saw of mTLS within a window. */
export interface PlaintextCounts {
  readonly ports: readonly PortCount[];
  /** Namespaces of which it had metrics when the window began. */
  readonly watched: ReadonlySet<string>;
  /** Sidecars that it cannot scrape, by namespace, where the job of an `Observability` scrapes them. */
  readonly down: ReadonlyMap<string, number>;
  /** Whether it has any of Istio's metrics of servers. */
  readonly anyMetric: boolean;
}

/** What is asked about. */
export interface PlaintextQuestion {
  /** The window, up to now. */
  readonly over: DurationText;
  /** Names of namespaces; every one that Prometheus knows when there is none. */
  readonly namespaces: readonly string[];
}

/**
 * Asks Prometheus what came over mTLS and what did not.
 *
 * @throws PrometheusError when it gives no answer that one could judge by.
 */
export async function plaintextCounts(server: PrometheusAddress, { over, namespaces }: PlaintextQuestion): Promise<PlaintextCounts> {
  const window = promDuration(over);
  const selector = `${byServers},${namespaces.length === 0 ? matcher("destination_workload_namespace", "!=", "") : anyOf(namespaces)}`;
  const [requests, opened, open, before, any, down] = await inTurn(server, [
    countedWithin(`${counters.requests}{${selector}}`, window),
    countedWithin(`${counters.opened}{${selector}}`, window),
    stillOpen(selector),
    `count by (destination_workload_namespace) ({${eitherMetric},${selector}} offset ${window})`,
    `count(last_over_time({${eitherMetric},${byServers}}[${window}]))`,
    `count by (namespace) (up{${matcher("job", "=", proxiesJob)}} == 0)`,
  ]);
  return {
    ports: portCounts({ requests, opened, open }),
    watched: new Set(before.map(({ labels }) => labels.destination_workload_namespace ?? "")),
    down: new Map(down.map(({ labels, value }) => [labels.namespace ?? "", value])),
    anyMetric: any.length > 0,
  };
}

const eitherMetric: string = matcher("__name__", "=~", `${counters.requests}|${counters.opened}`);

function anyOf(namespaces: readonly string[]): string {
  return matcher("destination_workload_namespace", "=~", namespaces.join("|"));
}

/** One after the other: for most of them Prometheus reads a whole window. */
async function inTurn<const Expressions extends readonly string[]>(
  server: PrometheusAddress,
  expressions: Expressions,
): Promise<{ readonly [Index in keyof Expressions]: readonly Sample[] }> {
  const answers: (readonly Sample[])[] = [];
  for (const expression of expressions) answers.push(await instantQuery(server, expression));
  return answers as unknown as { readonly [Index in keyof Expressions]: readonly Sample[] };
}

const perPort = `sum by (${portLabels}, connection_security_policy)`;

/**
 * How much a counter grew. To `increase` a series begins with its first sample, so that the first requests of a pod, or the only one of a
 * nightly job, are none: of a series that was not there before the window, all that it counts is counted.
 */
function countedWithin(series: string, window: string): string {
  const fresh = `max_over_time(${series}[${window}]) unless last_over_time(${series}[${window}] offset ${window})`;
  return `${perPort} ((${fresh}) or increase(${series}[${window}]))`;
}

/** Connections that are open now, however long ago they were opened. */
function stillOpen(selector: string): string {
  const [opened, closed] = [`${perPort} (${counters.opened}{${selector}})`, `${perPort} (${counters.closed}{${selector}})`];
  return `${opened} - (${closed} or ${opened} * 0)`;
}

type Kind = "requests" | "opened" | "open";

/** Brings the answers together, port by port. */
function portCounts(answers: Readonly<Record<Kind, readonly Sample[]>>): readonly PortCount[] {
  const ports = new Map<string, { labels: Sample["labels"]; sums: Map<string, number> }>();
  for (const [kind, samples] of Object.entries(answers)) {
    for (const { labels, value } of samples) {
      const { destination_workload_namespace = "", destination_workload = "", destination_port = "" } = labels;
      const key = JSON.stringify([destination_workload_namespace, destination_workload, destination_port]);
      const port = ports.get(key) ?? { labels, sums: new Map() };
      ports.set(key, port);
      const sum = `${kind} ${labels.connection_security_policy === "mutual_tls"}`;
      port.sums.set(sum, (port.sums.get(sum) ?? 0) + Math.max(value, 0));
    }
  }
  return [...ports.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { labels, sums }]) => portCount(labels, sums));
}

/** Whole numbers: `increase` reaches to the ends of its window. A part of a plaintext request is one; a part of another is rounded. */
function portCount(labels: Sample["labels"], sums: ReadonlyMap<string, number>): PortCount {
  const sum = (kind: Kind, mutualTls: boolean): number => (mutualTls ? Math.round : Math.ceil)(sums.get(`${kind} ${mutualTls}`) ?? 0);
  return {
    namespace: labels.destination_workload_namespace ?? "",
    workload: labels.destination_workload ?? "",
    port: labels.destination_port ?? "",
    plaintext: sum("requests", false),
    mutualTls: sum("requests", true),
    tcpPlaintext: Math.max(sum("opened", false), sum("open", false)),
    tcpMutualTls: Math.max(sum("opened", true), sum("open", true)),
  };
}
