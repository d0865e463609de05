type Labels = Readonly<Record<string, string>>;

/** Labels of the pods that the tests ask about, as a sidecar in front of them reports its requests. */
const pods: Labels = {
  reporter: "destination",
  destination_workload_namespace: "shop",
  destination_workload: "pricing",
  destination_service_name: "pricing",
  destination_canonical_revision: "v2",
};

/** The name of one of Istio's series about requests with this status. */
export function requests(status: string, more: Labels = {}): string {
  return named("istio_requests_total", { ...pods, response_code: status, ...more });
}

/** Istio's buckets of the latency for requests that come at a steady rate and take so long. Unit: milliseconds, and requests between two values. */
export function latencies(each: number, perValue: number, more: Labels = {}): Record<string, string> {
  const ends = ["1", "5", "10", "25", "50", "100", "250", "500", "1000", "+Inf"];
  return Object.fromEntries(
    ends.map((le) => [
      named("istio_request_duration_milliseconds_bucket", { ...pods, response_code: "200", le, ...more }),
      `0+${le === "+Inf" || each <= Number(le) ? perValue : 0}x400`,
    ]),
  );
}

function named(metric: string, labels: Labels): string {
  return `${metric}{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;
}
