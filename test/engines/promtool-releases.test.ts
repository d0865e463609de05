import { describe, expect, test } from "vitest";
import { releaseAlerts, releaseSeries } from "../../lib/mesh/release-alerts";
import type { WeightedVersion } from "../../lib/mesh/release-strategy";
import { latencies, requests } from "./istio-series";
import { prometheusIsMissing } from "./prometheus";
import { checkRules, type RuleCase, testRules, without } from "./promtool";

const versions: readonly WeightedVersion[] = [
  { version: { name: "v1", deployed: "elsewhere" }, weight: 95, role: "stable" },
  { version: { name: "v2", deployed: "elsewhere" }, weight: 5, role: "canary" },
];
const route = [
  { destination: { host: "pricing", subset: "v1" }, weight: 95 },
  { destination: { host: "pricing", subset: "v2" }, weight: 5 },
];
const group = releaseAlerts({
  namespace: "shop",
  serviceName: "pricing",
  protocol: "http",
  versions,
  alertWhen: { p99Above: "200ms", errorsAbove: "5%", over: "1m" },
  virtualServices: [{ namespace: "shop", name: "pricing", http: [{ route }] }],
});
const who = { namespace: "shop", service: "pricing", version: "v2" };
const labels = '{namespace="shop", service="pricing", version="v2"}';
const severities = {
  ReleaseErrors: "critical",
  ReleaseLatency: "critical",
  ReleaseErrorsLasting: "critical",
  ReleaseErrorsSlow: "warning",
} as const;

type AlertName = keyof typeof severities;

/** The alerts that fire at a time; all others do not. */
function firing(at: string, names: readonly AlertName[], { series, every }: Pick<RuleCase, "series" | "every">): RuleCase {
  const alerts = Object.entries(severities).map(([alert, severity]) => ({
    at,
    alert,
    fires: names.includes(alert as AlertName) ? [{ labels: { ...who, severity } }] : [],
  }));
  return { name: expect.getState().currentTestName ?? "", series, alerts, ...(every !== undefined && { every }) };
}

/** Asserts which alerts fire at a time. */
function fires(...told: Parameters<typeof firing>): void {
  expect(() => testRules([group], [firing(...told)])).not.toThrow();
}

describe.skipIf(prometheusIsMissing())("the rules of a pinned release", () => {
  test("are rules to Prometheus, whatever the window is", () => {
    for (const over of ["10s", "1m", "300s", "6h", "36h"] as const) {
      const alertWhen = { p99Above: "1.5s", errorsAbove: "0.125%", over } as const;
      const input = { namespace: "shop", serviceName: "pricing", protocol: "grpc", versions, virtualServices: [] } as const;
      expect(() => checkRules([releaseAlerts({ ...input, alertWhen })])).not.toThrow();
    }
  });

  test("are silent without traffic, and record nothing", () => {
    fires("30m", [], { series: {} });
    fires("30m", [], { series: { [requests("500")]: "7x200" } });
    const answers = [releaseSeries.errorShare("1m"), releaseSeries.requests("1m"), releaseSeries.p99("1m")].map((query) => ({
      at: "30m",
      query,
      is: {},
    }));
    expect(() => testRules([group], [{ name: "no traffic", series: { [requests("500")]: "7x200" }, answers }])).not.toThrow();
  });

  test("record 0 where no error was ever seen", () => {
    const query = releaseSeries.errorShare("5m");
    const answers = [{ at: "10m", query, is: { [`${query}${labels}`]: 0 } }];
    expect(() => testRules([group], [{ name: "all well", series: { [requests("200")]: "0+10x100" }, answers }])).not.toThrow();
  });

  test("are silent while all is well", () => {
    fires("30m", [], { series: { [requests("200")]: "0+99x200", [requests("500")]: "0+1x200", ...latencies(40, 100) } });
  });

  test("raise an alert above the share, within the window", () => {
    const series = { [requests("200")]: "0+10x20 210+9x100", [requests("500")]: "0x20 1+1x100" };
    fires("5m", [], { series });
    fires("7m", ["ReleaseErrors"], { series });
  });

  test("raise an alert above the latency", () => {
    fires("3m", ["ReleaseLatency"], { series: { ...latencies(400, 10), [requests("200")]: "0+10x100" } });
  });

  test("leave the stable version and other services out", () => {
    const others = [
      { destination_canonical_revision: "v1" },
      { destination_service_name: "payment" },
      { destination_workload_namespace: "test" },
    ];
    const series = Object.fromEntries(
      others.flatMap((labels) => [[requests("500", labels), "0+100x200"], ...Object.entries(latencies(400, 100, labels))]),
    );
    fires("30m", [], { series: { [requests("200")]: "0+10x200", ...series } });
  });

  test("find what stays below the threshold for hours", () => {
    const series = { [requests("200")]: "0+970x500", [requests("500")]: "0+30x500" };
    fires("7h", ["ReleaseErrorsSlow"], { series, every: "1m" });
  });

  test("call nothing lasting after hours without errors", () => {
    const worse = { [requests("200")]: "0+1000x360 360900+900x60", [requests("500")]: "0x360 100+100x60" };
    fires("6h15m", ["ReleaseErrors"], { series: worse, every: "1m" });
  });

  test("call nothing lasting of a version that is minutes old", () => {
    const series = { [requests("200")]: "0+9x100", [requests("500")]: "0+1x100" };
    fires("4m", ["ReleaseErrors"], { series });
    fires("10m", ["ReleaseErrors", "ReleaseErrorsLasting"], { series });
  });

  test("let go of what stays below 5/12 of the threshold", () => {
    fires("7h", [], { series: { [requests("200")]: "0+980x500", [requests("500")]: "0+20x500" }, every: "1m" });
  });

  test("find what goes above the threshold for moments only, again and again", () => {
    // 30 % of the requests of every fourth minute, and of the others none: 7.5 % of all, and at 1h59m none for two minutes.
    const minutes = Array.from({ length: 121 }, (_, minute) => ({ all: 1000 * minute, failed: 300 * Math.floor((minute + 3) / 4) }));
    fires("1h59m", ["ReleaseErrorsLasting", "ReleaseErrorsSlow"], {
      series: {
        [requests("200")]: minutes.map(({ all, failed }) => all - failed).join(" "),
        [requests("500")]: minutes.map(({ failed }) => failed).join(" "),
      },
      every: "1m",
    });
  });

  test("let go soon after the errors end, though the hour is still bad", () => {
    const series = { [requests("200")]: "0+80x60 4900+100x60", [requests("500")]: "0+20x60 1200x60" };
    fires("1h", ["ReleaseErrors", "ReleaseErrorsLasting", "ReleaseErrorsSlow"], { series, every: "1m" });
    fires("1h10m", ["ReleaseErrorsSlow"], { series, every: "1m" });
  });

  test("tell people what failed, and the line that takes it back", () => {
    const annotations = {
      summary: "Version v2 of pricing in shop fails too many requests",
      description:
        "10% of its requests failed within 1m, and 5% are allowed. The line in rollback sends all requests to the stable version; rollBack: true in the release keeps it so.",
      rollback:
        'kubectl --namespace shop patch virtualservice pricing --type=json --patch=\'[{"op":"test","path":"/spec/http/0/route/0/destination/subset","value":"v1"},{"op":"replace","path":"/spec/http/0/route/0/weight","value":100},{"op":"test","path":"/spec/http/0/route/1/destination/subset","value":"v2"},{"op":"replace","path":"/spec/http/0/route/1/weight","value":0}]\'',
    };
    const alerts = [{ at: "5m", alert: "ReleaseErrors", fires: [{ labels: { ...who, severity: "critical" }, annotations }] }];
    const series = { [requests("200")]: "0+9x100", [requests("500")]: "0+1x100" };
    expect(() => testRules([group], [{ name: "annotations", series, alerts }])).not.toThrow();
  });
});

describe.skipIf(prometheusIsMissing())("each guard in the rules of a pinned release is needed", () => {
  const selector = String.raw`\{[^}]*\}`;
  const stopped = { [requests("200")]: "5x200", [requests("500")]: "7x200" };
  const stalled = Object.fromEntries(Object.keys(latencies(400, 1)).map((series) => [series, "5x200"]));
  const other = (labels: Record<string, string>): RuleCase["series"] => ({
    [requests("200")]: "0+10x200",
    [requests("500", labels)]: "0+100x200",
  });
  const calm = { [requests("200")]: "0+1000x360 360970+970x60", [requests("500")]: "0x360 30+30x60" };
  const over = { [requests("200")]: "0+80x60 4900+100x60", [requests("500")]: "0+20x60 1200x60" };
  const young = { [requests("200")]: "0+9x100", [requests("500")]: "0+1x100" };
  const record = (query: string, is: Readonly<Record<string, number>>, series: RuleCase["series"]): RuleCase => ({
    name: query,
    series,
    answers: [{ at: "30m", query, is }],
  });
  const share = releaseSeries.errorShare("5m");

  test.each<[string, RegExp, () => RuleCase]>([
    ["0 where no error was seen", / or sum[^*]*\* 0/, () => record(share, { [`${share}${labels}`]: 0 }, { [requests("200")]: "0+10x200" })],
    ["no NaN of errors without traffic", /(?<=\[5m\]\)\)) > 0(?=\)\))/, () => record(share, {}, stopped)],
    ["no NaN of latency without traffic", / >= 0(?=\)$)/, () => record(releaseSeries.p99("1m"), {}, stalled)],
    ["no count of 0", / > 0(?=\)$)/, () => record(releaseSeries.requests("5m"), {}, stopped)],
    [
      "the Service",
      /,destination_service_name="pricing"/,
      () => firing("5m", [], { series: other({ destination_service_name: "payment" }) }),
    ],
    [
      "the version",
      /,destination_canonical_revision="v2"/,
      () => firing("5m", [], { series: other({ destination_canonical_revision: "v1" }) }),
    ],
    [
      "enough requests for a threshold",
      new RegExp(` and meshground:release_requests:1m${selector} >= 10`),
      () => firing("3m", [], { series: { ...latencies(400, 0.5), [requests("500")]: "0+0.5x100" } }),
    ],
    [
      "enough requests for a pair of windows",
      new RegExp(` and meshground:release_requests:30m${selector} >= 10`),
      () => firing("7h", [], { series: { [requests("500")]: "0+0.25x500" }, every: "1m" }),
    ],
    [
      "the long window",
      new RegExp(`^meshground:release_error_share:(?:1h|6h)${selector} > [0-9.]+ and `),
      () => firing("6h58m", [], { series: calm, every: "1m" }),
    ],
    [
      "the short window",
      new RegExp(` and meshground:release_error_share:5m${selector} > [0-9.]+`),
      () => firing("1h10m", ["ReleaseErrorsSlow"], { series: over, every: "1m" }),
    ],
  ])("%s", (_guard, guard, made) => {
    expect(() => testRules([group], [made()])).not.toThrow();
    expect(() => testRules(without([group], guard), [made()])).toThrow("FAILED");
  });

  test("the time that a pair of windows must hold", () => {
    const hasty = group.rules.map((rule) => ("alert" in rule ? { ...rule, for: "0s" } : rule));
    const minutesOld = firing("4m", ["ReleaseErrors"], { series: young });
    expect(() => testRules([group], [minutesOld])).not.toThrow();
    expect(() => testRules([{ ...group, rules: hasty }], [minutesOld])).toThrow("FAILED");
  });
});
