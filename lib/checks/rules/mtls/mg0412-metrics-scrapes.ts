import { join } from "../../../core/problem";
import { isFalse, isTrue } from "../../graph/allow-policies";
import { membershipOf } from "../../graph/membership";
import { meshConfig } from "../../graph/mesh-config";
import { plaintextRefusal, serviceRefusal } from "../../graph/plaintext";
import { running } from "../../graph/running";
import { declaredPorts, servicePorts } from "../../graph/service-pods";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { meshedShop, strictPolicy } from "./example-parts";
import { policyName, portNames, workloadName } from "./naming";

const metrics = (merge: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9090"
${merge}    spec:
      serviceAccountName: pricing
      containers:
        - name: app
          image: registry.example.no/pricing:1.4.0
`;

/** Prometheus has no certificate of the mesh unless its scrape job is given one. */
export const metricsScrapes: Rule = {
  code: "MG0412",
  title: "scrape of a port that refuses plaintext",
  severity: "warning",
  consequence:
    "Prometheus scrapes in plaintext and the sidecar resets it: the target is down, the metrics and every alert on them are gone, and nothing else shows it.",
  fix: "Let Istio merge the metrics: annotate the pods (not the Service), and leave prometheus.istio.io/merge-metrics and enablePrometheusMerge on; the merged metrics stay open to plaintext on port 15020. Else give the scrape job Istio's certificates, or let the port take plaintext (portLevelMtls: PERMISSIVE).",
  see: ["https://istio.io/latest/docs/ops/integrations/prometheus/"],
  example: {
    bad: meshedShop + strictPolicy + metrics(`        prometheus.istio.io/merge-metrics: "false"\n`),
    good: meshedShop + strictPolicy + metrics(""),
  },
  *check(graph) {
    for (const workload of graph.derive(running)) yield* podScrapes(graph, workload);
    for (const service of graph.of("Service")) yield* serviceScrapes(graph, service);
  },
};

function* podScrapes(graph: ObjectGraph, workload: Workload): Iterable<RuleFinding> {
  const { object, annotations, template } = workload;
  const scrape = scrapeOf(annotations);
  const off = scrape === undefined ? undefined : unmerged(graph, workload);
  if (scrape === undefined || off === undefined) return;
  const ports = scrape.port === undefined ? declaredPorts(workload).map(({ number }) => number) : [scrape.port];
  const refusing = ports.filter((port) => plaintextRefusal(graph, workload, port) !== undefined);
  const [first] = refusing;
  if (first === undefined) return;
  const policy = plaintextRefusal(graph, workload, first);
  const by = policy === undefined ? "" : ` (PeerAuthentication ${policyName(policy)})`;
  yield {
    object,
    field: join(template === "" ? "metadata.annotations" : `${template}.metadata.annotations`, scrape.key),
    message: `Prometheus is told to scrape ${portNames(refusing)}, which refuses plaintext${by}, and ${off}.`,
  };
}

function* serviceScrapes(graph: ObjectGraph, service: MeshObject): Iterable<RuleFinding> {
  const scrape = scrapeOf(service.annotations);
  if (scrape === undefined) return;
  const ports = scrape.port === undefined ? servicePorts(service) : [{ number: scrape.port, target: scrape.port }];
  const refusing = ports.map((port) => serviceRefusal(graph, service, port)).filter((refusal) => refusal !== undefined);
  const [first] = refusing;
  if (first === undefined) return;
  const where = portNames(refusing.map(({ port }) => port));
  const message = `Prometheus is told to scrape ${workloadName(first.workload)} on ${where}, which refuses plaintext (PeerAuthentication ${policyName(first.policy)}). Istio merges metrics by the annotations of pods only.`;
  yield { object: service, field: join("metadata.annotations", scrape.key), message };
}

interface Scrape {
  /** The annotation that asks for it. */
  readonly key: string;
  /** @default - every port that is declared */
  readonly port: number | undefined;
}

/** What annotations ask Prometheus for. Over TLS: the job may have certificates, which cannot be seen. */
function scrapeOf(annotations: Readonly<Record<string, string>>): Scrape | undefined {
  const key = keyOf(annotations, "prometheus_io_scrape");
  if (key === undefined || !isTrue(annotations[key] ?? "")) return undefined;
  if (annotations[keyOf(annotations, "prometheus_io_scheme") ?? ""] === "https") return undefined;
  const port = annotations[keyOf(annotations, "prometheus_io_port") ?? ""] ?? "";
  return { key, port: /^\d{1,5}$/.test(port) ? Number(port) : undefined };
}

/** Prometheus reads every sign that is no letter or digit as `_`. */
function keyOf(annotations: Readonly<Record<string, string>>, label: string): string | undefined {
  return Object.keys(annotations).find((key) => key.replace(/[^A-Za-z0-9]/g, "_") === label);
}

/** Why the metrics of pods are not merged; undefined where they are. Only the injector merges them. */
function unmerged(graph: ObjectGraph, workload: Workload): string | undefined {
  if (membershipOf(graph, workload) === "ambient") return "metrics are merged in sidecars only";
  const own = workload.annotations["prometheus.istio.io/merge-metrics"] ?? "";
  if (isTrue(own)) return undefined;
  if (isFalse(own)) return "prometheus.istio.io/merge-metrics keeps Istio from offering the metrics on port 15020";
  const { data } = graph.derive(meshConfig);
  return data.enablePrometheusMerge === false ? "enablePrometheusMerge is off in the MeshConfig" : undefined;
}
