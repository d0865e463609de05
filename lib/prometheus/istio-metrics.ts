import type { DurationText } from "../core/duration";
import { promDuration } from "./duration";

/** Pods by what Istio's standard metrics carry of them as the destination of a request. */
export interface Destination {
  /** Namespace of the pods. */
  readonly namespace: string;
  /** Name of the workload: of the Deployment or Rollout that owns the pods. @default - any */
  readonly workload?: string;
  /**
   * Version of the pods, as their labels said when they started; a label that changes later does not reach the metrics. Istio calls it the canonical
   * revision: `service.istio.io/canonical-revision`, else `app.kubernetes.io/version`, else `version`. The label `destination_version` would not do:
   * of a request that got no answer the caller's sidecar knows only what istiod says of the endpoint, and that has the revision alone.
   *
   * @default - any
   */
  readonly version?: string;
  /**
   * Name of the Service that the requests were for: two services of a namespace may both have a version v2. Where pods stand behind several
   * Services, their own side names one of them. @default - any
   */
  readonly service?: string;
}

/** A label matcher of PromQL, its value quoted. */
export function matcher(label: string, operator: "=" | "!=" | "=~" | "!~", value: string): string {
  return `${label}${operator}${JSON.stringify(value)}`;
}

/** The matchers that pick the requests to a destination. */
function destinationMatchers({ namespace, workload, version, service }: Destination): readonly string[] {
  return [
    matcher("destination_workload_namespace", "=", namespace),
    ...(workload === undefined ? [] : [matcher("destination_workload", "=", workload)]),
    ...(version === undefined ? [] : [matcher("destination_canonical_revision", "=", version)]),
    ...(service === undefined ? [] : [matcher("destination_service_name", "=", service)]),
  ];
}

/** A request whose caller went away before the answer says nothing of errors: Istio gives it the status 0, on both sides. */
const answered = matcher("response_code", "!=", "0");

/**
 * Requests to a destination within a window, as many as whichever side saw the most of them: a pod that is not reached reports nothing, and a
 * caller without a sidecar neither. No series when there was none.
 *
 * `"answered"` leaves out those whose caller went away first; `"all"` counts them too, as latency does.
 */
export function requestCount(destination: Destination, over: DurationText, of: "answered" | "all" = "answered"): string {
  const matchers = [...destinationMatchers(destination), ...(of === "answered" ? [answered] : [])];
  return `max(sum by (reporter) (increase(istio_requests_total{${matchers.join(",")}}[${promDuration(over)}])) > 0)`;
}

/** The answer of a query where a count is at least so large, else nothing: with few requests, one error is a large share. */
export function whereEnough(query: string, count: string, atLeast: number): string {
  return `${query} and on() ${count} >= ${atLeast}`;
}

/** What counts as an error: answers with status 5xx; for gRPC calls, whose HTTP status is always 200, the statuses that are the server's fault. */
const failedBy = {
  http: matcher("response_code", "=~", "5.."),
  // UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS
  grpc: matcher("grpc_response_status", "=~", "2|4|13|14|15"),
} as const;

/**
 * Share of the requests to a destination that failed, 0 to 1, by the side that saw the larger one. 0 where no error was ever seen; no series, in
 * particular no NaN, where there was no request.
 *
 * A try that timed out and a connection that failed count, by the caller's side. Not seen are requests for which there was no pod at all.
 */
export function errorShare(destination: Destination, over: DurationText, protocol: "http" | "grpc" = "http"): string {
  const window = promDuration(over);
  const selector = destinationMatchers(destination).join(",");
  const all = `sum by (reporter) (rate(istio_requests_total{${selector},${answered}}[${window}]))`;
  const failed = `sum by (reporter) (rate(istio_requests_total{${selector},${failedBy[protocol]}}[${window}]))`;
  return `max((${failed} or ${all} * 0) / (${all} > 0))`;
}

/**
 * Latency below which a share of the requests to a destination were answered, by the side that saw the longer one; no series where there was no
 * request. Unit: milliseconds. Istio's buckets end at …, 50, 100, 250, 500, 1000, …: between two of them Prometheus takes a straight line.
 */
export function latencyQuantile(destination: Destination, quantile: number, over: DurationText): string {
  const buckets = `istio_request_duration_milliseconds_bucket{${destinationMatchers(destination).join(",")}}`;
  return `max(histogram_quantile(${quantile}, sum by (reporter, le) (rate(${buckets}[${promDuration(over)}]))) >= 0)`;
}
