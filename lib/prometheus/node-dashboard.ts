import { type Dashboard, dashboard } from "./grafana";
import { matcher } from "./istio-metrics";

const pool = matcher("pool", "=~", "$pool");
const node = "pool, node, instance";
const legend = "{{instance}}";

const unseen = `node_exporter looks at the host's own network namespace. **Each pod has one of its own**, and of those it shows nothing:

- the pod's table of tracked connections. The limit (net.netfilter.nf_conntrack_max) is one for the machine, the entries are counted in each namespace: a pod can be full while the line here is flat
- net.core.somaxconn, net.ipv4.tcp_max_syn_backlog, net.ipv4.tcp_tw_reuse, net.ipv4.ip_local_port_range: a pod keeps the kernel's values, whatever the node says
- dropped SYNs and overflowing accept queues of the application and its sidecar (\`nstat\` inside the pod's namespace shows them)

Inside a pod: \`kubectl debug -it POD --image=… --target=istio-proxy -- cat /proc/sys/net/core/somaxconn /proc/sys/net/netfilter/nf_conntrack_count\`.`;

/** Node tuning: what a pool was qualified and tuned for, as it is now, and what cannot be seen from outside a pod. */
export function nodeDashboard(): Dashboard {
  return dashboard({
    uid: "meshground-nodes",
    title: "Node tuning",
    variables: [["pool", "label_values(node_cpu_seconds_total, pool)"]],
    panels: [
      { title: "What is not seen here", text: unseen },
      {
        title: "Tracked connections against their limit",
        description: "At 1 new connections are dropped without a word.",
        lines: { [legend]: `node_nf_conntrack_entries{${pool}} / (node_nf_conntrack_entries_limit{${pool}} > 0)` },
        unit: "percentunit",
        redFrom: 0.9,
      },
      {
        title: "Limit of tracked connections",
        description: "A step down is kube-proxy, which sets a limit of its own when it starts.",
        lines: { [legend]: `node_nf_conntrack_entries_limit{${pool}}` },
        unit: "short",
      },
      {
        title: "Time taken by the hypervisor (steal)",
        description: "Every per cent of it is jitter in the p99.",
        lines: { [legend]: mode("steal") },
        unit: "percentunit",
        redFrom: 0.01,
      },
      {
        title: "Time spent waiting for disks (iowait)",
        description: "Over 5 % on an idle node, the storage is bad.",
        lines: { [legend]: mode("iowait") },
        unit: "percentunit",
        redFrom: 0.05,
      },
      {
        title: "etcd's fdatasync, p99",
        description: "etcd wants less than 10 ms. No line: etcd is not scraped.",
        lines: {
          [legend]: `histogram_quantile(0.99, sum by (${node}, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket{${pool}}[$__rate_interval])))`,
        },
        unit: "s",
        redFrom: 0.01,
      },
      {
        title: "SYNs that found the queue full, in the host's namespace",
        description: "Of daemons and hostNetwork pods only.",
        lines: { [legend]: `rate(node_netstat_TcpExt_ListenDrops{${pool}}[$__rate_interval])` },
        unit: "short",
      },
    ],
  });
}

function mode(name: string): string {
  return `avg by (${node}) (rate(node_cpu_seconds_total{${pool},${matcher("mode", "=", name)}}[$__rate_interval]))`;
}
