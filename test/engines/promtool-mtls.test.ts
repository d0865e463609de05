import { beforeAll, describe, expect, test } from "vitest";
import { plaintextRules } from "../../lib/prometheus/mtls-rules";
import { plaintextCounts } from "../../lib/prometheus/plaintext";
import type { RuleGroup } from "../../lib/prometheus/rule-group";
import { answering } from "../prometheus/answering";
import { prometheusIsMissing } from "./prometheus";
import { checkRules, type ExpectedAlert, type RuleCase, testRules } from "./promtool";

const rules = (stage: "permissive" | "strict"): readonly RuleGroup[] => {
  const from = ["10.0.5.0/24"];
  return [
    plaintextRules({
      name: "shop",
      stage,
      plaintext: [{ workloads: ["pricing-v1", "pricing-v1.2"], port: 9090, from, reason: "the old monitor" }],
    }),
  ];
};

interface Series {
  readonly metric?: string;
  readonly workload?: string;
  readonly port?: string;
  readonly policy?: string;
  readonly pod?: string;
  readonly reporter?: string;
}

/** A series as a sidecar exports it. */
function series({
  metric = "istio_requests_total",
  workload = "pricing-v1",
  port = "8080",
  policy = "none",
  pod = "a",
  reporter,
}: Series = {}): string {
  const labels = {
    reporter: reporter ?? "destination",
    destination_workload_namespace: "shop",
    destination_workload: workload,
    destination_port: port,
    connection_security_policy: policy,
    pod,
  };
  return `${metric}{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",")}}`;
}

const opened = "istio_tcp_connections_opened_total";

describe.skipIf(prometheusIsMissing())("the alerts about plaintext", () => {
  /** Whether an alert fires at a time, by 20 scrapes a five minutes. */
  function fires(seen: RuleCase["series"], at: string, expected: readonly string[], stage: "permissive" | "strict" = "permissive"): void {
    const severity = stage === "strict" ? "critical" : "warning";
    const alertsOf = (name: string): readonly ExpectedAlert[] =>
      expected
        .filter((one) => one.startsWith(`${name} `))
        .map((one) => {
          const [, workload = "", port = ""] = one.split(" ");
          const labels = { severity, destination_workload_namespace: "shop", destination_workload: workload };
          return { labels: { ...labels, ...(port !== "" && { destination_port: port }) } };
        });
    const alerts = ["PlaintextRequests", "PlaintextConnections"].map((alert) => ({ at, alert, fires: alertsOf(alert) }));
    testRules(rules(stage), [{ name: expect.getState().currentTestName ?? "", series: seen, alerts }]);
    expect(alerts).toHaveLength(2);
  }

  test.each(["permissive", "strict"] as const)("stand in rules that promtool finds nothing in: %s", (stage) => {
    expect(() => checkRules(rules(stage))).not.toThrow();
  });

  test("a single request of a caller that came for the first time raises one", () => {
    fires({ [series()]: "_x40 1x40" }, "11m", ["PlaintextRequests pricing-v1 8080"]);
  });

  test("so does one that comes again", () => {
    fires({ [series()]: "5x79 6x80" }, "21m", ["PlaintextRequests pricing-v1 8080"]);
  });

  test("what came long ago raises none, whether Prometheus was there all the time or away for half an hour", () => {
    fires({ [series()]: "5x80" }, "15m", []);
    fires({ [series()]: "5x80 _x120 5x80" }, "51m", []);
  });

  test("mTLS raises none, nor does what a caller's sidecar says, to which the policy is always unknown", () => {
    fires({ [series({ policy: "mutual_tls" })]: "0+10x80", [series({ policy: "unknown", reporter: "source" })]: "0+10x80" }, "15m", []);
  });

  test("the declared port of the declared workload raises none, any other does", () => {
    const seen = [
      { port: "9090" },
      { workload: "pricing-v1.2", port: "9090" },
      { workload: "pricing-v1x2", port: "9090" },
      { port: "9091" },
    ];
    const expected = ["PlaintextRequests pricing-v1x2 9090", "PlaintextRequests pricing-v1 9091"];
    fires(Object.fromEntries(seen.map((one) => [series(one), "0+10x80"])), "15m", expected);
  });

  test("a TCP connection raises one of its own", () => {
    fires({ [series({ metric: opened })]: "_x40 1x40" }, "11m", ["PlaintextConnections pricing-v1 8080"]);
  });

  test("in a strict namespace it is critical, with or without the port", () => {
    const seen = { [series({ port: "" })]: "0+10x80", [series({ port: "9090" })]: "0+10x80" };
    fires(seen, "15m", ["PlaintextRequests pricing-v1"], "strict");
  });
});

describe.skipIf(prometheusIsMissing())("the queries of the status", () => {
  let [requests, tcpOpened, tcpOpen, watched]: (string | undefined)[] = [];
  beforeAll(async () => {
    const server = await answering(() => []);
    await plaintextCounts({ url: server.url }, { over: "10m", namespaces: ["shop"] });
    [requests, tcpOpened, tcpOpen, watched] = server.asked.map(({ query }) => query);
    server.close();
  });

  function answer(query: string | undefined, seen: RuleCase["series"], is: Readonly<Record<string, number>>, at: string = "20m"): void {
    testRules([], [{ name: expect.getState().currentTestName ?? "", series: seen, answers: [{ at, query: `round(${query})`, is }] }]);
    expect(query).toContain("shop");
  }
  const port = (policy: string): string =>
    `{connection_security_policy="${policy}",destination_port="8080",destination_workload="pricing-v1",destination_workload_namespace="shop"}`;

  test("count what came within the window, by policy, over all pods", () => {
    const seen = {
      [series({ policy: "mutual_tls" })]: "0+1x80",
      [series({ policy: "mutual_tls", pod: "b" })]: "0+1x80",
      [series()]: "7x80",
    };
    answer(requests, seen, { [port("mutual_tls")]: 80, [port("none")]: 0 });
  });

  test("count a request that made its own series, and one of a pod that is gone", () => {
    answer(requests, { [series()]: "_x60 1x20", [series({ pod: "b" })]: "_x50 2x2" }, { [port("none")]: 3 });
  });

  test("count no request of a time before the window, even if it was not seen just when the window began", () => {
    answer(requests, { [series()]: "7x16 _x44 7x20" }, { [port("none")]: 0 });
  });

  test("count connections that are open since before the window", () => {
    const seen = { [series({ metric: opened })]: "3x80", [series({ metric: "istio_tcp_connections_closed_total" })]: "1x80" };
    answer(tcpOpened, seen, { [port("none")]: 0 });
    answer(tcpOpen, seen, { [port("none")]: 2 });
    answer(tcpOpen, { [series({ metric: opened })]: "3x80" }, { [port("none")]: 3 });
  });

  test("know whether there was anything when the window began", () => {
    const shop = '{destination_workload_namespace="shop"}';
    answer(watched, { [series({ metric: opened })]: "3x80" }, { [shop]: 1 });
    answer(watched, { [series()]: "_x60 3x20" }, {});
  });
});
