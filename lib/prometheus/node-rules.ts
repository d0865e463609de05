import { matcher } from "./istio-metrics";
import type { AlertingRule, RuleGroup } from "./rule-group";

/** The nodes of a pool, and what they are held against. */
export interface WatchedPool {
  /** Name of the pool: value of the label `pool` that the scrape configuration gives to the metrics of its nodes. */
  readonly name: string;
  /** How many nodes there are. @default - not known: only the last one is missed */
  readonly count?: number;
  /** Share of the processors' time spent waiting for disks, while the node is idle. Unit: percent. */
  readonly iowaitBelowPercent: number;
  /** Share of the processors' time that the hypervisor gave to others. Unit: percent. */
  readonly stealBelowPercent: number;
  /** 99th percentile of etcd's fdatasync. Unit: milliseconds. @default - etcd is not watched */
  readonly fsyncP99BelowMs?: number;
  /** What the nodes' limit of tracked connections was set to. @default - nobody set it */
  readonly conntrackMax?: number;
}

/** Labels that tell one node from another. */
const node = "pool, node, instance";

/** A node is idle while it has this share of its processors' time to spare. A busy one may well wait for its disks. */
const idleShare = 0.8;

/** Alerts for the nodes of a pool: what the pool was qualified by, watched from then on. */
export function nodeRuleGroup(pool: WatchedPool): RuleGroup {
  const rules = [
    ...missing(pool),
    diskWait(pool),
    steal(pool),
    ...conntrack(pool),
    ...(pool.fsyncP99BelowMs === undefined ? [] : fsync(pool, pool.fsyncP99BelowMs)),
  ];
  return { name: `nodes-${pool.name}`, rules: rules.map((rule) => ({ ...rule, labels: { ...rule.labels, pool: pool.name } })) };
}

/** A node that reports nothing raises no other alert, so that is one of its own. */
function missing(pool: WatchedPool): readonly AlertingRule[] {
  const cpu = `node_cpu_seconds_total{${selector(pool, "idle")}}`;
  const seen = `count(count by (node, instance) (${cpu})) or vector(0)`;
  return [
    {
      alert: "NodeNotMeasured",
      expr: pool.count === undefined ? `absent(${cpu})` : `(${seen}) < ${pool.count}`,
      for: "15m",
      labels: { severity: "warning" },
      annotations: {
        summary: `Nodes of pool ${pool.name} report nothing`,
        description: `node_exporter of ${pool.count === undefined ? "every node" : `one of the ${pool.count} nodes`} is not scraped: no other alert can speak of it.`,
      },
    },
  ];
}

function diskWait(pool: WatchedPool): AlertingRule {
  const spare = `sum by (${node}) (rate(node_cpu_seconds_total{${selector(pool, "idle|iowait")}}[5m])) / count by (${node}) (rate(node_cpu_seconds_total{${selector(pool, "idle")}}[5m]))`;
  return {
    alert: "NodeDiskWaitWhenIdle",
    expr: `${share(pool, "iowait")} > ${pool.iowaitBelowPercent / 100} and ${spare} > ${idleShare}`,
    for: "10m",
    labels: { severity: "warning" },
    annotations: {
      summary: "{{ $labels.instance }} waits for its disks while it is idle",
      description: `{{ $value | humanizePercentage }} of the processors' time, limit ${pool.iowaitBelowPercent} %: the storage is slow, or shared with others.`,
    },
  };
}

function steal(pool: WatchedPool): AlertingRule {
  return {
    alert: "NodeCpuStolen",
    expr: `${share(pool, "steal")} > ${pool.stealBelowPercent / 100}`,
    for: "10m",
    labels: { severity: "warning" },
    annotations: {
      summary: "The hypervisor gives time of {{ $labels.instance }} to others",
      description: `{{ $value | humanizePercentage }} of the processors' time, limit ${pool.stealBelowPercent} %: the p99 of every sidecar on it jitters.`,
    },
  };
}

function conntrack(pool: WatchedPool): readonly AlertingRule[] {
  const limit = `node_nf_conntrack_entries_limit{${selector(pool)}}`;
  const used = `node_nf_conntrack_entries{${selector(pool)}} / (${limit} > 0)`;
  const filling = (above: number, severity: string): AlertingRule => ({
    alert: "NodeConntrackFilling",
    expr: `${used} > ${above}`,
    for: severity === "critical" ? "1m" : "5m",
    labels: { severity },
    annotations: {
      summary: "The table of tracked connections of {{ $labels.instance }} is {{ $value | humanizePercentage }} full",
      description:
        "When it is full, new connections are dropped without a word. Pods' own tables have the same limit and are not seen here.",
    },
  });
  return [filling(0.75, "warning"), filling(0.9, "critical"), unmeasuredConntrack(pool, limit), ...loweredConntrack(pool, limit)];
}

/** Without the module, or without the collector, there is no series to compare, and silence would look like an empty table. */
function unmeasuredConntrack(pool: WatchedPool, limit: string): AlertingRule {
  return {
    alert: "NodeConntrackNotMeasured",
    expr: `count by (${node}) (node_cpu_seconds_total{${selector(pool, "idle")}}) unless on (${node}) ${limit}`,
    for: "15m",
    labels: { severity: "warning" },
    annotations: {
      summary: "{{ $labels.instance }} does not say how full its table of tracked connections is",
      description: "nf_conntrack is not loaded there, or node_exporter runs without its conntrack collector.",
    },
  };
}

/** kube-proxy and k3s write a limit of their own when they start. */
function loweredConntrack({ conntrackMax }: WatchedPool, limit: string): readonly AlertingRule[] {
  if (conntrackMax === undefined) return [];
  return [
    {
      alert: "NodeConntrackLimitLowered",
      expr: `${limit} < ${conntrackMax}`,
      for: "10m",
      labels: { severity: "warning" },
      annotations: {
        summary: "Somebody lowered net.netfilter.nf_conntrack_max of {{ $labels.instance }} to {{ $value }}",
        description: `The pool sets ${conntrackMax}. kube-proxy does that when its configuration does not say conntrack.maxPerCore: 0.`,
      },
    },
  ];
}

function fsync(pool: WatchedPool, below: number): readonly AlertingRule[] {
  const buckets = `etcd_disk_wal_fsync_duration_seconds_bucket{${selector(pool)}}`;
  return [
    {
      alert: "EtcdFsyncSlow",
      expr: `histogram_quantile(0.99, sum by (${node}, le) (rate(${buckets}[5m]))) > ${below / 1_000}`,
      for: "10m",
      labels: { severity: "warning" },
      annotations: {
        summary: "etcd on {{ $labels.instance }} waits {{ $value | humanizeDuration }} for its disk (p99)",
        description: `Limit ${below} ms: slower disks cost etcd its heartbeats, and the cluster its leader.`,
      },
    },
    {
      alert: "EtcdFsyncNotMeasured",
      expr: `absent(${buckets})`,
      for: "15m",
      labels: { severity: "warning" },
      annotations: {
        summary: `No etcd of pool ${pool.name} is scraped`,
        description: "Its disk may be slow, and nobody would know. Let etcd serve its metrics where Prometheus reaches them.",
      },
    },
  ];
}

/** Share of a node's processors' time that went into a mode. */
function share(pool: WatchedPool, mode: string): string {
  return `avg by (${node}) (rate(node_cpu_seconds_total{${selector(pool, mode)}}[5m]))`;
}

function selector({ name }: WatchedPool, mode?: string): string {
  const modes = mode?.includes("|") ? matcher("mode", "=~", mode) : mode && matcher("mode", "=", mode);
  return [matcher("pool", "=", name), ...(modes === undefined ? [] : [modes])].join(",");
}
