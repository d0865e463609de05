import { Chart } from "cdk8s";
import { describe, expect, test } from "vitest";
import { Observability, StrictMtlsNamespace } from "../../lib/index";
import { analysisTemplateSpec, trafficTemplateSpec } from "../../lib/mesh/argo-analysis";
import { flaggerObjects } from "../../lib/mesh/flagger";
import type { AbortWhen } from "../../lib/mesh/release-thresholds";
import { type Destination, errorShare, latencyQuantile, requestCount, whereEnough } from "../../lib/prometheus/istio-metrics";
import { ruleGroupsOf } from "../../lib/prometheus/rule-group";
import { meshApp, service, twoVersions } from "../support/tree";
import { latencies, requests } from "./istio-series";
import { prometheusIsMissing } from "./prometheus";
import { checkRules, type RuleCase, testRules } from "./promtool";

const pricing: Destination = { namespace: "shop", workload: "pricing" };
const source = { reporter: "source", source_workload: "checkout" };

/** What each query answers, four minutes after the first request. */
function answers(series: RuleCase["series"], ...asked: readonly (readonly [query: string, is: number | undefined])[]): void {
  const questions = asked.map(([query, is]) => ({ at: "4m", query, is: is === undefined ? {} : { "{}": is } }));
  testRules([], [{ name: expect.getState().currentTestName ?? "", series, answers: questions }]);
  expect(asked.length).toBeGreaterThan(0);
}

/** Series are added up in no certain order: a share is the same to within its last digits only. */
const percent = (query: string): string => `round(100 * (${query}))`;

describe.skipIf(prometheusIsMissing())("the queries about requests", () => {
  const share = percent(errorShare(pricing, "1m"));
  const p99 = latencyQuantile(pricing, 0.99, "1m");
  const count = requestCount(pricing, "1m");

  test("no error was ever seen: the share is 0, not missing", () => {
    answers({ [requests("200")]: "0+10x40" }, [share, 0]);
  });

  test("no request, or none any more, is no series, in particular no NaN", () => {
    answers({}, [share, undefined], [p99, undefined], [count, undefined]);
    const stopped = Object.fromEntries(Object.keys(latencies(50, 1)).map((series) => [series, "5x40"]));
    answers({ [requests("200")]: "5x40", [requests("500")]: "1x40", ...stopped }, [share, undefined], [p99, undefined], [count, undefined]);
  });

  test("nothing but errors is a share of 1", () => {
    answers({ [requests("503")]: "0+10x40" }, [share, 100]);
  });

  test("statuses below 500 are no errors, and those of other pods are not counted", () => {
    const others = [{ destination_workload: "pricing-primary" }, { destination_workload_namespace: "test" }];
    const noise = Object.fromEntries(others.map((labels) => [requests("500", labels), "0+100x40"]));
    answers({ [requests("200")]: "0+6x40", [requests("404")]: "0+2x40", [requests("500")]: "0+2x40", ...noise }, [share, 20]);
  });

  test("of two sides that see different things, the worse one counts", () => {
    const seen = { [requests("200")]: "0+10x40", [requests("200", source)]: "0+5x40", [requests("503", source)]: "0+5x40" };
    answers(seen, [share, 50], [`round(${count})`, 40]);
  });

  test("a try that timed out counts, by the caller's side, which knows the revision and not the version", () => {
    const named: Destination = { namespace: "shop", service: "pricing", version: "v2" };
    const lost = { ...source, destination_app: "unknown", destination_version: "unknown" };
    answers({ [requests("504", lost)]: "0+10x40" }, [percent(errorShare(named, "1m")), 100], [`round(${requestCount(named, "1m")})`, 40]);
  });

  test("a caller that went away before the answer says nothing of errors, and is no answer", () => {
    const seen = { [requests("0")]: "0+90x40", [requests("200")]: "0+9x40", [requests("500")]: "0+1x40" };
    answers(seen, [share, 10], [`round(${count})`, 40], [`round(${requestCount(pricing, "1m", "all")})`, 400]);
    answers({ [requests("0")]: "0+90x40" }, [share, undefined], [count, undefined]);
  });

  test("a gRPC call has its own status beside the 200", () => {
    const call = (status: string): string => requests("200", { grpc_response_status: status });
    const seen = { [call("0")]: "0+6x40", [call("5")]: "0+2x40", [call("14")]: "0+2x40" };
    answers(seen, [percent(errorShare(pricing, "1m", "grpc")), 20], [share, 0]);
  });

  test("the latency lies in the bucket of the requests", () => {
    answers(latencies(40, 10), [`floor(${p99})`, 49]);
    answers(latencies(400, 10), [`floor(${p99})`, 497]);
    answers({ ...latencies(40, 10), ...latencies(400, 10, source) }, [`floor(${p99})`, 497]);
  });

  test("versions and services are told apart", () => {
    const named: Destination = { namespace: "shop", service: "pricing", version: "v2" };
    const others = [
      { destination_canonical_revision: "v1" },
      { destination_service_name: "payment" },
      { destination_workload_namespace: "test" },
    ];
    const noise = Object.fromEntries(others.map((labels) => [requests("500", labels), "0+100x40"]));
    answers({ [requests("200")]: "0+10x40", ...noise }, [percent(errorShare(named, "1m")), 0], [`round(${requestCount(named, "1m")})`, 40]);
  });
});

const abortWhen = { p99Above: "200ms", errorsAbove: "5%", over: "1m" } as const;
const bad = { [requests("200")]: "0+9x40", [requests("500")]: "0+1x40", ...latencies(400, 10) };
const good = { [requests("200")]: "0+10x40", ...latencies(40, 10) };
/** Seven requests a minute, all of them bad. */
const rare = { [requests("500")]: "0+1.75x40", ...latencies(400, 1.75) };

/** What Flagger asks, the errors first. */
function flaggerQueries(
  noTraffic: AbortWhen["noTraffic"],
): readonly { readonly name: string; readonly spec: { readonly query: string } }[] {
  return flaggerObjects({
    service: { serviceName: "pricing", ports: [{ name: "http", port: 80, targetPort: 8080 }] },
    namespace: "shop",
    release: { controller: "flagger", image: "x", steps: [5], abortWhen: { ...abortWhen, noTraffic } },
    traffic: { istioMutual: false, replicas: 2 },
    deployment: "pricing",
    prometheus: "http://prometheus:9090",
    protocol: "http",
  }).metricTemplates;
}

function flaggerQuery(noTraffic: AbortWhen["noTraffic"]): string {
  return percent(`(${flaggerQueries(noTraffic)[0]?.spec.query}) / 100`);
}

describe.skipIf(prometheusIsMissing())("what Flagger asks", () => {
  const asks = (noTraffic: AbortWhen["noTraffic"]): readonly string[] =>
    flaggerQueries(noTraffic).map(({ name, spec }) => `${name.endsWith("p99") ? "floor" : "round"}(${spec.query})`);
  const asked = (noTraffic: AbortWhen["noTraffic"], ...is: readonly (number | undefined)[]): [string, number | undefined][] =>
    asks(noTraffic).map((query, index) => [query, is[index]]);

  test("is the share in percent and the latency in milliseconds", () => {
    answers(bad, ...asked("abort", 10, 497), ...asked("promote", 10, 497), ...asked("hold", 10, 497));
    answers(good, ...asked("abort", 0, 49), ...asked("promote", 0, 49), ...asked("hold", 0, 49));
  });

  test("has no answer without traffic where that ends a release, and 0 where it does not", () => {
    answers({}, ...asked("abort"), ...asked("promote", 0, 0), ...asked("hold", 0, 0));
  });

  test("judges nothing by a handful of requests", () => {
    answers(rare, ...asked("abort"), ...asked("promote", 0, 0), ...asked("hold", 0, 0));
  });
});

describe.skipIf(prometheusIsMissing())("what Argo Rollouts asks", () => {
  const input = {
    namespace: "shop",
    serviceName: "pricing",
    protocol: "http",
    release: { abortWhen: { ...abortWhen, noTraffic: "abort" } },
    prometheus: "http://prometheus:9090",
  } as const;
  const queries = Object.fromEntries(
    [...analysisTemplateSpec(input).metrics, ...trafficTemplateSpec(input).metrics].map(({ name, provider }) => [
      name,
      provider.prometheus.query.replaceAll("{{args.version}}", "v2"),
    ]),
  );
  const asked = (p99?: number, errors?: number, traffic?: number): [string, number | undefined][] => [
    [`floor(${queries.p99})`, p99],
    [percent(`${queries.errors}`), errors],
    [`round(${queries.traffic})`, traffic],
  ];

  test("is the latency, the share of errors and the number of requests", () => {
    answers(bad, ...asked(497, 10, 40));
    answers(good, ...asked(49, 0, 40));
  });

  test("has no answer without traffic", () => {
    answers({}, ...asked());
  });

  test("judges nothing by a handful of requests", () => {
    answers(rare, ...asked(undefined, undefined, 7));
  });
});

describe.skipIf(prometheusIsMissing())("each guard in what a controller asks is needed", () => {
  const share = percent(errorShare(pricing, "1m"));
  const judged = percent(whereEnough(errorShare(pricing, "1m"), requestCount(pricing, "1m"), 10));
  const p99 = latencyQuantile(pricing, 0.99, "1m");
  const count = requestCount(pricing, "1m");
  const stopped = { [requests("200")]: "5x40", [requests("500")]: "1x40" };
  const stalled = Object.fromEntries(Object.keys(latencies(50, 1)).map((series) => [series, "5x40"]));

  test.each<[guard: string, query: string, what: RegExp, promise: { series: RuleCase["series"]; is: number | undefined }]>([
    ["0 where no error was seen", share, / or sum[^*]*\* 0/, { series: { [requests("200")]: "0+10x40" }, is: 0 }],
    ["no NaN of errors without traffic", share, / > 0(?=\)\)\)\)$)/, { series: stopped, is: undefined }],
    ["no NaN of latency without traffic", p99, / >= 0(?=\)$)/, { series: stalled, is: undefined }],
    ["no count of 0", count, / > 0(?=\)$)/, { series: stopped, is: undefined }],
    ["enough requests", judged, / and on\(\).*>= 10/, { series: rare, is: undefined }],
    ["an answer without traffic, for Flagger", flaggerQuery("promote"), / or vector\(0\)/, { series: {}, is: 0 }],
    ["none where Flagger shall take that for a failure", flaggerQuery("abort"), /(?<=>= 10)(?=\) \/ 100)/, { series: {}, is: undefined }],
  ])("%s", (_guard, query, guard, { series, is }) => {
    answers(series, [query, is]);
    // Only a look-around matches nothing: there is nothing to leave out, but something that must not be there.
    const instead = guard.source.startsWith("(?<=") ? " or vector(0)" : "";
    expect(query).toMatch(guard);
    expect(() => answers(series, [query.replace(guard, instead), is])).toThrow("FAILED");
  });
});

describe.skipIf(prometheusIsMissing())("the rules of a whole tree", () => {
  test("are rules to Prometheus, each group under a name of its own", () => {
    const app = meshApp();
    const release = { ...twoVersions, alertWhen: { errorsAbove: "1%", p99Above: "200ms", over: "1m" } } as const;
    const shop = new StrictMtlsNamespace(app, "shop", { stage: "permissive" });
    for (const id of ["pricing", "payment"]) service(shop, id, { release });
    service(new Chart(app, "test", { namespace: "test" }), "pricing", { release });
    new Observability(app, "monitoring", { prometheus: { address: "http://prometheus.monitoring:9090" } });
    const groups = ruleGroupsOf(app);
    expect(groups.map(({ name }) => name)).toEqual(expect.arrayContaining(["meshground-release-test-pricing", "meshground-mtls-shop"]));
    expect(() => checkRules(groups)).not.toThrow();
  });
});

describe.skipIf(prometheusIsMissing())("what runs promtool", () => {
  test("throws where a promise is not kept, and where a rule is wrong", () => {
    const broken: RuleCase = { name: "the promise", series: {}, answers: [{ at: "1m", query: "vector(1)", is: {} }] };
    expect(() => testRules([], [broken])).toThrow("the-promise");
    expect(() => checkRules([{ name: "wrong", rules: [{ record: "a:b:c", expr: "sum(" }] }])).toThrow("parse error");
    const twice = { record: "a:b:c", expr: "vector(1)" };
    expect(() => checkRules([{ name: "twice", rules: [twice, twice] }])).toThrow("duplicate");
  });
});
