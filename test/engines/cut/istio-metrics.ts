import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../support/temporary";
import type { Mesh } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";
import { type Prometheus, startPrometheus } from "../prometheus";

/** Annotation with which a sidecar keeps Envoy's own statistics of what comes in: Istio's bootstrap leaves them out. */
export const keepsInboundStats = { "sidecar.istio.io/statsInclusionRegexps": "http\\.inbound_.*" } as const;

/** Port of the sidecar's own listener for scrapes. It is not redirected, so mTLS does not meet it. */
const statsPort = 15_090;

/**
 * Starts a Prometheus beside a mesh's control plane that scrapes every sidecar each second. The mesh stops it.
 *
 * Envoy's own build has no filter of Istio's, so nothing counts `istio_requests_total`. What Envoy itself measures of the requests that come in is
 * given the names and labels that Istio's metrics have; who the pod is, Istio's filter knows from the pod's labels, and here the scrape does.
 */
export async function startIstioMetrics(mesh: Mesh): Promise<Prometheus> {
  const targets = join(temporaryFolder("targets"), "pods.json");
  mesh.onPods((pods) => {
    // Renamed when it is whole: Prometheus reads the file as soon as it changes.
    writeFileSync(`${targets}.new`, JSON.stringify(pods.map(targetOf)));
    renameSync(`${targets}.new`, targets);
  });
  const job = {
    job_name: "sidecars",
    metrics_path: "/stats/prometheus",
    file_sd_configs: [{ files: [targets] }],
    metric_relabel_configs: relabelings,
  };
  const config = { global: { scrape_interval: "1s", scrape_timeout: "1s" }, scrape_configs: [job] };
  const prometheus = await startPrometheus({ config, inside: mesh.control.inside(), port: prometheusPort });
  mesh.own({ stop: () => prometheus.stop(3_000) });
  return prometheus;
}

const prometheusPort = 9_090;

/** Where the controllers find it. */
export const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;

function targetOf({ name, object: { metadata }, namespace: { address } }: Pod): object {
  const { labels: own = {}, namespace } = metadata;
  const { "rollouts-pod-template-hash": hash = "", app = "", "meshground.io/service": service = app, version = "" } = own;
  const labels = {
    reporter: "destination",
    destination_workload_namespace: namespace,
    // A pod's name is that of its Deployment or Rollout, in between the hash of a ReplicaSet, and a number.
    destination_workload: name.replace(/-\d+$/, "").replace(new RegExp(`-${hash}$`), ""),
    destination_canonical_revision: version,
    destination_service_name: service,
    pod: name,
  };
  return { targets: [`${address}:${statsPort}`], labels };
}

const requests = "envoy_http_downstream_rq";
const buckets = "envoy_http_downstream_rq_time_bucket";

/** Envoy's counters of its listener for what comes in, under the names of Istio's metrics; all else is dropped. */
const relabelings = [
  {
    source_labels: ["__name__", "http_conn_manager_prefix"],
    regex: `(${requests}|${buckets});inbound_.*`,
    action: "keep",
  },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Prometheus' own form
  { source_labels: ["response_code_class"], regex: "(\\d)xx", replacement: "${1}00", target_label: "response_code" },
  { source_labels: ["__name__"], regex: requests, replacement: "istio_requests_total", target_label: "__name__" },
  { source_labels: ["__name__"], regex: buckets, replacement: "istio_request_duration_milliseconds_bucket", target_label: "__name__" },
];
