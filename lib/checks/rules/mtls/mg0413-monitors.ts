import { type Data, list, record, records, text, texts } from "../../fields";
import { LabelIndex } from "../../graph/label-index";
import { selection } from "../../graph/label-selection";
import { plaintextRefusal, type Refusal, serviceRefusal } from "../../graph/plaintext";
import { containerPort, declaredPorts, type ServicePort, servicePorts } from "../../graph/service-pods";
import { type Workload, workloads } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { pricingPods, pricingService, strictShop } from "./example-parts";
import { policyName, workloadName } from "./naming";

const monitor = (client: string): string => `---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  endpoints:
    - port: http-metrics
${client}`;

/** The Prometheus operator's monitors scrape ports themselves: what Istio merges is not what they look at. */
export const monitors: Rule = {
  code: "MG0413",
  title: "monitor of a port that refuses plaintext, without Istio's certificates",
  severity: "warning",
  consequence:
    "Prometheus scrapes in plaintext and the sidecar resets it: the target is down, the metrics and every alert on them are gone, and nothing else shows it.",
  fix: "Give the endpoint scheme: https and a tlsConfig with the certificates that Prometheus's own sidecar writes (certFile, keyFile, caFile, insecureSkipVerify: true), scrape the merged metrics on port 15020 with a PodMonitor, or let the port take plaintext (portLevelMtls: PERMISSIVE).",
  see: ["https://istio.io/latest/docs/ops/integrations/prometheus/#tls-settings"],
  example: {
    bad: strictShop + pricingPods + pricingService + monitor(""),
    good:
      strictShop +
      pricingPods +
      pricingService +
      monitor(`      scheme: https
      tlsConfig:
        caFile: /etc/prom-certs/root-cert.pem
        certFile: /etc/prom-certs/cert-chain.pem
        keyFile: /etc/prom-certs/key.pem
        insecureSkipVerify: true
`),
  },
  *check(graph) {
    for (const object of graph.of("ServiceMonitor", group)) yield* serviceMonitor(graph, object);
    for (const object of graph.of("PodMonitor", group)) yield* podMonitor(graph, object);
  },
};

const group = "monitoring.coreos.com";

function* serviceMonitor(graph: ObjectGraph, object: MeshObject): Iterable<RuleFinding> {
  const endpoints = plaintextEndpoints(object, "endpoints");
  const services = endpoints.length === 0 ? [] : chosen(object, graph.derive(serviceIndexes), ({ labels }) => labels);
  for (const { endpoint, field } of endpoints) {
    const { port, targetPort: target } = endpoint;
    const ports = (service: MeshObject): readonly Pick<ServicePort, "number" | "target">[] =>
      target === undefined ? servicePorts(service).filter(({ name }) => name === port) : [{ number: undefined, target }];
    yield* first(services, (service) => refusalOfAny(graph, service, ports(service)), { object, field });
  }
}

function refusalOfAny(
  graph: ObjectGraph,
  service: MeshObject,
  ports: readonly Pick<ServicePort, "number" | "target">[],
): Refusal | undefined {
  for (const port of ports) {
    const refusal = serviceRefusal(graph, service, port);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function* podMonitor(graph: ObjectGraph, object: MeshObject): Iterable<RuleFinding> {
  const endpoints = plaintextEndpoints(object, "podMetricsEndpoints");
  const pods = endpoints.length === 0 ? [] : chosen(object, graph.derive(podIndexes), ({ labels }) => labels);
  for (const { endpoint, field } of endpoints) {
    const { port, portNumber, targetPort: target } = endpoint;
    const named = port ?? portNumber ?? target;
    if (named === undefined) continue;
    yield* first(pods, (workload) => refusalOf(graph, workload, monitored(named, workload)), { object, field });
  }
}

/** A port by the name that a container gives it. Without one nothing is scraped, as an undeclared number is. */
function monitored(port: unknown, workload: Workload): number | undefined {
  const number = containerPort(port, workload);
  return typeof port === "string" || declaredPorts(workload).some((one) => one.number === number) ? number : undefined;
}

/** Endpoints that are scraped as they stand, without a client certificate. */
function plaintextEndpoints(object: MeshObject, name: string): readonly { readonly endpoint: Data; readonly field: string }[] {
  if (text(object.spec.scrapeClass) !== undefined) return [];
  return records(object.spec[name])
    .map((endpoint, index) => ({ endpoint, field: `spec.${name}[${index}]` }))
    .filter(({ endpoint }) => !hasCertificate(record(endpoint.tlsConfig)) && !isRedirected(endpoint));
}

function hasCertificate({ certFile, cert, keySecret }: Data): boolean {
  return certFile !== undefined || cert !== undefined || keySecret !== undefined;
}

/** Whether relabelling sends the scrape somewhere else: to the merged metrics, as a rule. */
function isRedirected({ relabelings }: Data): boolean {
  return records(relabelings).some(({ targetLabel }) => targetLabel === "__address__" || targetLabel === "__scheme__");
}

/** Where to look for what a monitor selects: by namespace, and everywhere. */
interface Indexes<Item> {
  readonly within: LabelIndex<Item>;
  readonly everywhere: LabelIndex<Item>;
}

function serviceIndexes(graph: ObjectGraph): Indexes<MeshObject> {
  return indexes(graph.of("Service"), ({ labels }) => labels);
}

function podIndexes(graph: ObjectGraph): Indexes<Workload> {
  return indexes(graph.derive(workloads), ({ labels }) => labels);
}

function indexes<Item extends { readonly namespace: string }>(
  items: readonly Item[],
  labelsOf: (item: Item) => Readonly<Record<string, string>>,
): Indexes<Item> {
  return {
    within: new LabelIndex(items, labelsOf, ({ namespace }) => namespace),
    everywhere: new LabelIndex(items, labelsOf, () => ""),
  };
}

/** What the selector of a monitor selects, in the namespaces that it looks into. */
function chosen<Item>(
  { spec, namespace }: MeshObject,
  { within, everywhere }: Indexes<Item>,
  labelsOf: (item: Item) => Readonly<Record<string, string>>,
): readonly Item[] {
  const wanted = selection(spec.selector);
  if (wanted === undefined) return [];
  const { any, matchNames } = record(spec.namespaceSelector);
  const places = list(matchNames).length === 0 ? [namespace] : texts(matchNames);
  const found = any === true ? everywhere.select("", wanted.labels) : places.flatMap((place) => within.select(place, wanted.labels));
  return found.filter((item) => wanted.holds(labelsOf(item)));
}

function refusalOf(graph: ObjectGraph, workload: Workload, port: number | undefined): Refusal | undefined {
  const policy = port === undefined ? undefined : plaintextRefusal(graph, workload, port);
  return policy === undefined ? undefined : { workload, port, policy };
}

/** Says what refuses the scrape, once for an endpoint. */
function* first<Item>(
  items: readonly Item[],
  refusalOfItem: (item: Item) => Refusal | undefined,
  place: Pick<RuleFinding, "object" | "field">,
): Iterable<RuleFinding> {
  for (const item of items) {
    const refusal = refusalOfItem(item);
    if (refusal?.port === undefined) continue;
    const { workload, port, policy } = refusal;
    const message = `scrapes ${workloadName(workload)} on port ${port} without a client certificate, and the port refuses plaintext (PeerAuthentication ${policyName(policy)}).`;
    yield { ...place, message };
    return;
  }
}
