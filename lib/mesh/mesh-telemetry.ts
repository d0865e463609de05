import type { TelemetrySpec } from "../istio/telemetry";

/** What the mesh writes into the sidecars' access logs. */
export type AccessLog = "off" | "errors" | "all";

/** Where the sidecars send traces, and how many. */
export interface MeshTracing {
  /** Share of the requests that are traced. Unit: percent, 0 to 100. */
  readonly samplingPercent: number;
  /** Service of the collector that takes OTLP over gRPC: `otel-collector.observability.svc.cluster.local`. */
  readonly collector: string;
  /**
   * Port of the collector. Range: 1 to 65535.
   *
   * @default 4317
   */
  readonly port?: number;
}

/** Name under which the mesh configuration knows the trace collector. */
export const tracingProvider = "meshground-tracing";

const errorsOnly = "response.code >= 400";
const plaintextOnly = "connection.mtls == false";

/** Access log and tracing of the whole mesh, for the root namespace; undefined when neither is wanted. */
export function meshTelemetrySpec(accessLog: AccessLog, tracing: MeshTracing | undefined): TelemetrySpec | undefined {
  if (accessLog === "off" && tracing === undefined) return undefined;
  return {
    ...(accessLog !== "off" && {
      accessLogging: [{ providers: [envoy], ...(accessLog === "errors" && { filter: { expression: errorsOnly } }) }],
    }),
    ...(tracing !== undefined && {
      tracing: [{ providers: [{ name: tracingProvider }], randomSamplingPercentage: tracing.samplingPercent }],
    }),
  };
}

/**
 * Makes plaintext callers visible: each of their requests in the access log, and the port in the metrics, which Istio leaves out.
 *
 * A namespace's access log replaces the mesh's, so what the mesh logs is logged here as well.
 */
export function plaintextTelemetrySpec(meshAccessLog: AccessLog): TelemetrySpec {
  const expression = meshAccessLog === "errors" ? `${plaintextOnly} || ${errorsOnly}` : plaintextOnly;
  return {
    accessLogging: [{ providers: [envoy], match: { mode: "SERVER" }, ...(meshAccessLog !== "all" && { filter: { expression } }) }],
    ...portTelemetrySpec(),
  };
}

/** Adds the port to the metrics, so that plaintext to a declared port can be told from other plaintext. */
export function portTelemetrySpec(): Pick<TelemetrySpec, "metrics"> {
  return { metrics: [{ providers: [{ name: "prometheus" }], overrides: portMetrics.map(withPort) }] };
}

const envoy = { name: "envoy" };
const portMetrics = ["REQUEST_COUNT", "TCP_OPENED_CONNECTIONS", "TCP_CLOSED_CONNECTIONS"] as const;

function withPort(metric: (typeof portMetrics)[number]): NonNullable<NonNullable<TelemetrySpec["metrics"]>[number]["overrides"]>[number] {
  return { match: { metric, mode: "SERVER" }, tagOverrides: { destination_port: { value: "string(destination.port)" } } };
}
