import { describe, expect, test } from "vitest";
import { type Destination, errorShare, latencyQuantile, requestCount } from "../../lib/prometheus/istio-metrics";
import { prometheusIsMissing } from "./prometheus";
import { checkRules, testRules } from "./promtool";

const pricing: Destination = { namespace: "shop", workload: "pricing" };

/** A series of Istio's standard metrics, as a sidecar in front of pricing reports it. */
function requests(
  code: string,
  { reporter = "destination", metric = "istio_requests_total", ...more }: Record<string, string> = {},
): string {
  const labels = { reporter, destination_workload_namespace: "shop", destination_workload: "pricing", response_code: code, ...more };
  return `${metric}{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;
}

describe.skipIf(prometheusIsMissing())("the queries about requests", () => {
  const share = errorShare(pricing, "1m");

  test("no error was ever seen: the share is 0, not missing", () => {
    expect(() =>
      testRules(
        [],
        [{ name: "all well", series: { [requests("200")]: "0+10x20" }, answers: [{ at: "3m", query: share, is: { "{}": 0 } }] }],
      ),
    ).not.toThrow();
  });

  test("no traffic yields no series, in particular no NaN", () => {
    const series = { [requests("200")]: "5x20", [requests("500")]: "1x20" };
    const answers = [share, requestCount(pricing, "1m"), latencyQuantile(pricing, 0.99, "1m")].map((query) => ({
      at: "3m",
      query,
      is: {},
    }));
    expect(() => testRules([], [{ name: "no request", series, answers }])).not.toThrow();
    expect(() => testRules([], [{ name: "no series", series: {}, answers }])).not.toThrow();
  });

  test("a helper that finds nothing wrong would find this", () => {
    expect(() => testRules([], [{ name: "the promise", series: {}, answers: [{ at: "1m", query: "vector(1)", is: {} }] }])).toThrow(
      "the-promise",
    );
    expect(() => checkRules([{ name: "wrong", rules: [{ record: "a:b:c", expr: "sum(" }] }])).toThrow("parse error");
  });
});
