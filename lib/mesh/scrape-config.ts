import type { DurationText } from "../core/duration";
import { promDuration } from "../prometheus/duration";
import { proxiesJob } from "../prometheus/mesh-rules";
import type { PodMonitorSpec, Relabeling, ScrapeConfigSpec } from "./prometheus-operator";

/** What is scraped. */
export interface ScrapeProps {
  /** Time between two scrapes. */
  readonly interval: DurationText;
  /** Namespaces with an istiod. */
  readonly controlPlanes: readonly string[];
  /** Where each node's exporter listens; undefined where no nodes are watched. */
  readonly nodeExporterPort?: number | undefined;
  /** Where etcd serves its metrics, on nodes of the control plane; undefined where it is not scraped. */
  readonly etcdMetricsPort?: number | undefined;
}

/** A job of Prometheus'. */
interface Job {
  readonly name: string;
  readonly role: "pod" | "node";
  readonly path: string;
  readonly namespaces?: readonly string[];
  readonly relabelings: readonly Relabeling[];
}

/** The agent in each sidecar and gateway: Envoy's metrics merged with its own and the application's. Never behind mTLS, whatever the mode is. */
const agentPort = 15020;
/** istiod's own metrics. */
const istiodPort = 15014;

const podName = "__meta_kubernetes_pod_name";
const podLabels: readonly Relabeling[] = [
  { action: "replace", sourceLabels: ["__meta_kubernetes_namespace"], targetLabel: "namespace" },
  { action: "replace", sourceLabels: [podName], targetLabel: "pod" },
  { action: "replace", sourceLabels: ["__meta_kubernetes_pod_node_name"], targetLabel: "node" },
];
const running: Relabeling = {
  action: "drop",
  sourceLabels: ["__meta_kubernetes_pod_phase"],
  regex: "Pending|Succeeded|Failed",
};

/**
 * Prometheus' `scrape_configs`, in its own form.
 *
 * Each pod is a target once, however many ports it declares: the targets of a pod become the same one, and Prometheus keeps one of them.
 */
export function scrapeConfigs(props: ScrapeProps): readonly Readonly<Record<string, unknown>>[] {
  return jobs(props).map(({ name, role, path, namespaces, relabelings }) => ({
    job_name: name,
    scrape_interval: promDuration(props.interval),
    metrics_path: path,
    kubernetes_sd_configs: [{ role, ...(namespaces !== undefined && { namespaces: { names: namespaces } }) }],
    relabel_configs: relabelings.map(({ sourceLabels, targetLabel, ...rest }) => ({
      ...(sourceLabels !== undefined && { source_labels: sourceLabels }),
      ...rest,
      ...(targetLabel !== undefined && { target_label: targetLabel }),
    })),
  }));
}

/** The same for the operator: what is found by pods. */
export function podMonitors(props: ScrapeProps): Readonly<Record<string, PodMonitorSpec>> {
  const found = jobs(props).filter(({ role }) => role === "pod");
  const spec = ({ name, path, namespaces, relabelings }: Job): PodMonitorSpec => ({
    namespaceSelector: namespaces === undefined ? { any: true } : { matchNames: namespaces },
    selector: {},
    podMetricsEndpoints: [
      {
        path,
        interval: promDuration(props.interval),
        // The operator would drop what its own idea of a pod's phase says.
        filterRunning: false,
        relabelings: [...relabelings, { action: "replace", targetLabel: "job", replacement: name }],
      },
    ],
  });
  return Object.fromEntries(found.map((job) => [job.name, spec(job)]));
}

/** The same for the operator: what is found by nodes, which have no pods to select where k3s runs etcd itself. */
export function nodeScrapeConfigs(props: ScrapeProps): Readonly<Record<string, ScrapeConfigSpec>> {
  const found = jobs(props).filter(({ role }) => role === "node");
  const spec = ({ name, path, relabelings }: Job): ScrapeConfigSpec => ({
    metricsPath: path,
    scrapeInterval: promDuration(props.interval),
    kubernetesSDConfigs: [{ role: "Node" }],
    relabelings: [...relabelings, { action: "replace", targetLabel: "job", replacement: name }],
  });
  return Object.fromEntries(found.map((job) => [job.name, spec(job)]));
}

function jobs({ controlPlanes, nodeExporterPort, etcdMetricsPort }: ScrapeProps): readonly Job[] {
  return [
    {
      name: proxiesJob,
      role: "pod",
      path: "/stats/prometheus",
      // Init containers are found as well, so a native sidecar is one of these.
      relabelings: [keep("__meta_kubernetes_pod_container_name", "istio-proxy"), running, ...podAddress(agentPort), ...podLabels],
    },
    {
      name: "istiod",
      role: "pod",
      path: "/metrics",
      namespaces: controlPlanes.length === 0 ? ["istio-system"] : controlPlanes,
      relabelings: [
        keep("__meta_kubernetes_pod_label_app", "istiod"),
        keep("__meta_kubernetes_pod_container_name", "discovery"),
        running,
        ...podAddress(istiodPort),
        ...podLabels,
      ],
    },
    ...(nodeExporterPort === undefined ? [] : [nodeJob("node-exporter", nodeExporterPort)]),
    ...(etcdMetricsPort === undefined ? [] : [nodeJob("etcd", etcdMetricsPort, [keepControlPlane])]),
  ];
}

/** k3s and kubeadm alike put this label on nodes of the control plane; its value differs. */
const keepControlPlane = keep("__meta_kubernetes_node_labelpresent_node_role_kubernetes_io_control_plane", "true");

function nodeJob(name: string, port: number, more: readonly Relabeling[] = []): Job {
  const address = "__meta_kubernetes_node_address_InternalIP";
  return {
    name,
    role: "node",
    path: "/metrics",
    relabelings: [
      // Others scrape nodes as well; these are the pools'.
      keep("__meta_kubernetes_node_labelpresent_meshground_io_pool", "true"),
      ...more,
      ...addressOf(address, port),
      { action: "replace", sourceLabels: ["__meta_kubernetes_node_name"], targetLabel: "node" },
      // By it the alerts know which limits a node is held against.
      { action: "replace", sourceLabels: ["__meta_kubernetes_node_label_meshground_io_pool"], targetLabel: "pool" },
    ],
  };
}

function podAddress(port: number): readonly Relabeling[] {
  return addressOf("__meta_kubernetes_pod_ip", port);
}

/** The address with another port; one of IPv6 in brackets. */
function addressOf(label: string, port: number): readonly Relabeling[] {
  const to = { action: "replace", sourceLabels: [label], targetLabel: "__address__" } as const;
  return [
    { ...to, regex: "([^:]+)", replacement: `$1:${port}` },
    { ...to, regex: "(.*:.*)", replacement: `[$1]:${port}` },
  ];
}

function keep(label: string, regex: string): Relabeling {
  return { action: "keep", sourceLabels: [label], regex };
}
