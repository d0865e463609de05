import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scrapeConfigs } from "../../lib/mesh/scrape-config";
import { canaryDashboard } from "../../lib/prometheus/canary-dashboard";
import { meshRuleGroup } from "../../lib/prometheus/mesh-rules";
import { mtlsDashboard } from "../../lib/prometheus/mtls-dashboard";
import { nodeDashboard } from "../../lib/prometheus/node-dashboard";
import { nodeRuleGroup } from "../../lib/prometheus/node-rules";
import type { RuleGroup } from "../../lib/prometheus/rule-group";
import { temporaryFolder } from "../support/temporary";
import { prometheusIsMissing } from "./prometheus";
import { checkRules, type RuleCase, testRules, without } from "./promtool";

const nodes = nodeRuleGroup({
  name: "oslo",
  count: 2,
  iowaitBelowPercent: 5,
  stealBelowPercent: 1,
  fsyncP99BelowMs: 10,
  conntrackMax: 262_144,
});
const own = { pool: "oslo", node: "oslo-1", instance: "10.0.0.1:9100" };
const warning = { ...own, severity: "warning" };

/** A series of node_exporter, or etcd, on a node of the pool. */
function series(metric: string, more: Readonly<Record<string, string>> = {}): string {
  const labels = Object.entries({ ...own, ...more }).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${labels.join(",")}}`;
}

/** What each of two processors did in every 15 s of half an hour. Unit: seconds. */
function cpu(modes: Readonly<Record<string, number>>, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const both = Object.entries(modes).flatMap(([mode, seconds]) => ["0", "1"].map((core) => [core, mode, seconds] as const));
  return Object.fromEntries(
    both.map(([core, mode, seconds]) => [series("node_cpu_seconds_total", { cpu: core, mode, ...more }), `0+${seconds}x120`]),
  );
}

const fires = (alert: string, labels: Readonly<Record<string, string>> = warning, at = "25m"): NonNullable<RuleCase["alerts"]>[number] => ({
  at,
  alert,
  fires: [{ labels }],
});
const silent = (alert: string, at = "25m"): NonNullable<RuleCase["alerts"]>[number] => ({ at, alert, fires: [] });

/** Holds with the rules as they are, and does not without the guard. */
function guarded(group: RuleGroup, one: RuleCase, { guard, instead }: { readonly guard: string; readonly instead?: string }): void {
  expect(() => testRules([group], [one])).not.toThrow();
  expect(() => testRules(without([group], literally(guard), instead), [one])).toThrow();
}

function literally(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}

type Metadata = Readonly<Record<string, string>>;

/** The scrape configuration with targets in place of Kubernetes: its metadata is what labels say. */
function discovering(targets: (job: unknown) => readonly Metadata[]): readonly object[] {
  const configs = scrapeConfigs({ interval: "15s", controlPlanes: ["istio-system"], nodeExporterPort: 9100, etcdMetricsPort: 2381 });
  return configs.map(({ kubernetes_sd_configs: _discovery, ...rest }) => ({
    ...rest,
    static_configs: targets(rest.job_name).map(({ __address__: address, ...labels }) => ({ targets: [address], labels })),
  }));
}

/** What a job scrapes of what was found, as Prometheus itself relabels it: the address, and what tells whose it is. */
function scraped(job: string, found: readonly Metadata[]): readonly string[] {
  const home = temporaryFolder("discovery");
  const configs = discovering((name) => (name === job ? found : []));
  writeFileSync(join(home, "prometheus.yml"), JSON.stringify({ scrape_configs: configs }));
  const { stdout } = spawnSync("promtool", ["check", "service-discovery", "--timeout=1s", "prometheus.yml", job], {
    cwd: home,
    encoding: "utf8",
  });
  const targets = (JSON.parse(stdout) as readonly { readonly labels: Metadata }[]).map(({ labels }) => labels);
  const kept = targets.filter(({ __address__: address }) => address !== undefined);
  const texts = kept.map(({ __scheme__: scheme, __address__: address, __metrics_path__: path, namespace, pod, node, pool }) =>
    [
      `${scheme}://${address}${path}`,
      pod === undefined ? node : `${namespace}/${pod} ${node}`,
      ...(pool === undefined ? [] : ["pool", pool]),
    ].join(" "),
  );
  return [...new Set(texts)].sort();
}

describe.skipIf(prometheusIsMissing())("promtool", () => {
  test("takes every rule", () => {
    expect(() =>
      checkRules([nodes, meshRuleGroup(), nodeRuleGroup({ name: "bare", iowaitBelowPercent: 5, stealBelowPercent: 1 })]),
    ).not.toThrow();
  });

  // Debian builds Prometheus without the discovery of Kubernetes, so that one setting is judged by nobody here; all others are.
  test("takes the scrape configuration", () => {
    const home = temporaryFolder("scrape");
    writeFileSync(join(home, "prometheus.yml"), JSON.stringify({ scrape_configs: discovering(() => []) }));
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "config", "prometheus.yml"], { cwd: home, encoding: "utf8" });
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stderr: "" });
  });

  test("reads every query of the dashboards", () => {
    const queries = [canaryDashboard(), mtlsDashboard(), nodeDashboard()].flatMap(({ panels }) =>
      panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    );
    expect(queries.length).toBeGreaterThan(10);
    const plain = queries.map((expr) => expr.replace(/\$__(?:rate_interval|range)/g, "5m"));
    expect(() => checkRules([{ name: "queries", rules: plain.map((expr, index) => ({ record: `query:${index}`, expr })) }])).not.toThrow();
  });
});

describe.skipIf(prometheusIsMissing())("Prometheus' own relabeling", () => {
  const pod = (name: string, container: string, more: Metadata = {}): Metadata => ({
    __address__: "10.0.0.7:8080",
    __meta_kubernetes_namespace: "shop",
    __meta_kubernetes_pod_name: name,
    __meta_kubernetes_pod_ip: "10.0.0.7",
    __meta_kubernetes_pod_node_name: "oslo-1",
    __meta_kubernetes_pod_phase: "Running",
    __meta_kubernetes_pod_container_name: container,
    ...more,
  });

  test("finds each sidecar once, in a container or an init container, and never an application's port", () => {
    const found = scraped("istio-proxies", [
      pod("pricing-1", "app"),
      pod("pricing-1", "istio-proxy", { __address__: "10.0.0.7:15090" }),
      pod("native-1", "istio-proxy", { __meta_kubernetes_pod_ip: "10.0.0.8", __meta_kubernetes_pod_container_init: "true" }),
      pod("six-1", "istio-proxy", { __meta_kubernetes_pod_ip: "fd00::9", __address__: "[fd00::9]:15090" }),
      pod("job-1", "istio-proxy", { __meta_kubernetes_pod_phase: "Succeeded" }),
      pod("plain-1", "app"),
      // A gateway declares several ports.
      ...["15090", "15021", "8443"].map((port) =>
        pod("edge-1", "istio-proxy", { __meta_kubernetes_pod_ip: "10.0.0.9", __address__: `10.0.0.9:${port}` }),
      ),
    ]);
    expect(found).toEqual([
      "http://10.0.0.7:15020/stats/prometheus shop/pricing-1 oslo-1",
      "http://10.0.0.8:15020/stats/prometheus shop/native-1 oslo-1",
      "http://10.0.0.9:15020/stats/prometheus shop/edge-1 oslo-1",
      "http://[fd00::9]:15020/stats/prometheus shop/six-1 oslo-1",
    ]);
  });

  test("finds istiod, of whatever revision, and nodes of pools", () => {
    const istiod = { __meta_kubernetes_pod_label_app: "istiod", __meta_kubernetes_namespace: "istio-system" };
    expect(scraped("istiod", [pod("istiod-1-30-x", "discovery", istiod), pod("edge-1", "istio-proxy")])).toEqual([
      "http://10.0.0.7:15014/metrics istio-system/istiod-1-30-x oslo-1",
    ]);
    const node = {
      __address__: "10.0.0.1:10250",
      __meta_kubernetes_node_address_InternalIP: "10.0.0.1",
      __meta_kubernetes_node_name: "oslo-1",
    };
    const ofPool = {
      ...node,
      __meta_kubernetes_node_label_meshground_io_pool: "oslo",
      __meta_kubernetes_node_labelpresent_meshground_io_pool: "true",
    };
    const server = { ...ofPool, __meta_kubernetes_node_labelpresent_node_role_kubernetes_io_control_plane: "true" };
    expect(scraped("node-exporter", [node, ofPool])).toEqual(["http://10.0.0.1:9100/metrics oslo-1 pool oslo"]);
    expect(scraped("etcd", [node, ofPool, server])).toEqual(["http://10.0.0.1:2381/metrics oslo-1 pool oslo"]);
  });
});

describe.skipIf(prometheusIsMissing())("alerts about nodes", () => {
  test("waiting for disks counts on an idle node, not on a busy one", () => {
    const cases: RuleCase[] = [
      { name: "idle", series: cpu({ idle: 13.5, iowait: 1.2, user: 0.3 }), alerts: [fires("NodeDiskWaitWhenIdle")] },
      { name: "quick", series: cpu({ idle: 14.5, iowait: 0.2, user: 0.3 }), alerts: [silent("NodeDiskWaitWhenIdle")] },
    ];
    expect(() => testRules([nodes], cases)).not.toThrow();
    const busy = { name: "busy", series: cpu({ idle: 3, iowait: 1.2, user: 10.8 }), alerts: [silent("NodeDiskWaitWhenIdle")] };
    guarded(nodes, busy, { guard: " > 0.8", instead: " > 0" });
  });

  test("time taken by the hypervisor", () => {
    const cases: RuleCase[] = [
      { name: "stolen", series: cpu({ idle: 14, steal: 0.3, user: 0.7 }), alerts: [fires("NodeCpuStolen")] },
      { name: "own", series: cpu({ idle: 14, steal: 0.1, user: 0.9 }), alerts: [silent("NodeCpuStolen")] },
      // One core alone does not make a node's share.
      {
        name: "elsewhere",
        series: cpu({ idle: 14, steal: 0.3, user: 0.7 }, { pool: "bergen" }),
        alerts: [silent("NodeCpuStolen")],
      },
    ];
    expect(() => testRules([nodes], cases)).not.toThrow();
  });

  test("a table of tracked connections that fills up, at 75 and at 90 %", () => {
    const filled = (entries: number): Record<string, string> => ({
      [series("node_nf_conntrack_entries")]: `${entries}x120`,
      [series("node_nf_conntrack_entries_limit")]: "262144x120",
    });
    const critical = { ...own, severity: "critical" };
    const cases: RuleCase[] = [
      { name: "half", series: filled(131_072), alerts: [silent("NodeConntrackFilling")] },
      { name: "filling", series: filled(200_000), alerts: [fires("NodeConntrackFilling")] },
      {
        name: "full",
        series: filled(240_000),
        alerts: [{ at: "25m", alert: "NodeConntrackFilling", fires: [{ labels: warning }, { labels: critical }] }],
      },
    ];
    expect(() => testRules([nodes], cases)).not.toThrow();
    // 1 / 0 is infinite, and above any limit.
    const none = {
      name: "no limit",
      series: { [series("node_nf_conntrack_entries")]: "1x120", [series("node_nf_conntrack_entries_limit")]: "0x120" },
      alerts: [silent("NodeConntrackFilling")],
    };
    const open: RuleGroup = { ...nodes, rules: nodes.rules.map((rule) => ({ ...rule, expr: rule.expr.replace(" > 0)", ")") })) };
    expect(() => testRules([nodes], [none])).not.toThrow();
    expect(() => testRules([open], [none])).toThrow();
  });

  test("a limit that somebody lowered", () => {
    const cases = [262_144, 524_288].map((limit) => ({
      name: `limit ${limit}`,
      series: { [series("node_nf_conntrack_entries_limit")]: `${limit}x120` },
      alerts: [silent("NodeConntrackLimitLowered")],
    }));
    const lowered = {
      name: "lowered",
      series: { [series("node_nf_conntrack_entries_limit")]: "131072x120" },
      alerts: [fires("NodeConntrackLimitLowered")],
    };
    expect(() => testRules([nodes], [...cases, lowered])).not.toThrow();
  });

  test("a node without a table is told from one with an empty table", () => {
    const measured = { ...cpu({ idle: 15 }), [series("node_nf_conntrack_entries_limit")]: "262144x120" };
    guarded(
      nodes,
      { name: "measured", series: measured, alerts: [silent("NodeConntrackNotMeasured")] },
      { guard: ' unless on (pool, node, instance) node_nf_conntrack_entries_limit{pool="oslo"}' },
    );
    expect(() =>
      testRules([nodes], [{ name: "not measured", series: cpu({ idle: 15 }), alerts: [fires("NodeConntrackNotMeasured")] }]),
    ).not.toThrow();
  });

  test("etcd's slow disk, and an etcd that nobody scrapes", () => {
    const fsync = (slow: number): Record<string, string> => ({
      [series("etcd_disk_wal_fsync_duration_seconds_bucket", { le: "0.008" })]: `0+${100 - slow}x120`,
      [series("etcd_disk_wal_fsync_duration_seconds_bucket", { le: "0.064" })]: "0+100x120",
      [series("etcd_disk_wal_fsync_duration_seconds_bucket", { le: "+Inf" })]: "0+100x120",
    });
    const quiet = Object.fromEntries(Object.keys(fsync(5)).map((name) => [name, "100x120"]));
    const cases: RuleCase[] = [
      { name: "quick", series: fsync(0.5), alerts: [silent("EtcdFsyncSlow"), silent("EtcdFsyncNotMeasured")] },
      { name: "slow", series: fsync(5), alerts: [fires("EtcdFsyncSlow")] },
      // Nothing was written: the quantile of nothing is no number, and not above the limit.
      { name: "quiet", series: quiet, alerts: [silent("EtcdFsyncSlow"), silent("EtcdFsyncNotMeasured")] },
      { name: "none", series: {}, alerts: [silent("EtcdFsyncSlow"), fires("EtcdFsyncNotMeasured", { pool: "oslo", severity: "warning" })] },
    ];
    expect(() => testRules([nodes], cases)).not.toThrow();
  });

  test("one node of two is missing, or both", () => {
    const missing = fires("NodeNotMeasured", { pool: "oslo", severity: "warning" });
    const second = cpu({ idle: 15 }, { node: "oslo-2", instance: "10.0.0.2:9100" });
    const cases: RuleCase[] = [
      { name: "both there", series: { ...cpu({ idle: 15 }), ...second }, alerts: [silent("NodeNotMeasured")] },
      { name: "one there", series: cpu({ idle: 15 }), alerts: [missing] },
    ];
    expect(() => testRules([nodes], cases)).not.toThrow();
    // A count of nothing is nothing, not 0.
    guarded(nodes, { name: "none there", series: {}, alerts: [missing] }, { guard: " or vector(0)" });
  });
});

describe.skipIf(prometheusIsMissing())("alerts about the mesh's metrics", () => {
  const up = (value: string): Record<string, string> => ({ 'up{job="istio-proxies",namespace="shop",pod="pricing-1"}': value });

  test("no sidecar is scraped, whether there is no target or none that answers", () => {
    const critical = { severity: "critical" };
    expect(() =>
      testRules(
        [meshRuleGroup()],
        [
          { name: "no target", series: {}, alerts: [fires("MeshNotMeasured", critical)] },
          { name: "scraped", series: up("1x120"), alerts: [silent("MeshNotMeasured"), silent("SidecarNotMeasured")] },
        ],
      ),
    ).not.toThrow();
    guarded(
      meshRuleGroup(),
      {
        name: "no answer",
        series: up("0x120"),
        alerts: [fires("MeshNotMeasured", critical), fires("SidecarNotMeasured", { severity: "warning", namespace: "shop" })],
      },
      { guard: " == 1" },
    );
  });
});
