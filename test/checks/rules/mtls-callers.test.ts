import { expect, test } from "vitest";
import { mtlsRules } from "../../../lib/checks/rules/mtls-rules";
import { type Around, findingsIn } from "../checked";
import { installation, type Json, type Made, namespace, peer, pods, portModes, service, strict, yaml } from "./mtls-objects";

type Documents = readonly Json[];

/** What is found: severity, code, object and field. */
const found = (documents: Documents, around: Around = {}): readonly string[] =>
  findingsIn(yaml(...documents), mtlsRules, around).map(({ severity, code, path, field }) =>
    [severity, code, path, field].filter(Boolean).join(" "),
  );
const message = (...documents: Documents): string | undefined => findingsIn(yaml(...documents), mtlsRules)[0]?.message;
const shop = [namespace(), strict()];
const door = (type: string) => service("pricing", { type });
const address = (value: string): Made => ({ container: { env: [{ name: "TARGET", value }] } });

test("a load balancer before pods that refuse plaintext is an error, a node's port a warning", () => {
  expect(found([...shop, pods(), door("LoadBalancer")])).toEqual(["error MG0410 Service shop/pricing spec.type"]);
  expect(found([...shop, pods(), door("NodePort")])).toEqual(["warning MG0410 Service shop/pricing spec.type"]);
  expect(found([...shop, pods(), service("pricing", { externalIPs: ["192.0.2.1"] })])).toEqual([
    "warning MG0410 Service shop/pricing spec.externalIPs",
  ]);
  expect(found([...shop, pods(), service()])).toEqual([]);
});

test("a load balancer is told from its ports", () => {
  expect(message(...shop, pods(), door("LoadBalancer"))).toBe(
    "a load balancer sends to it, and Deployment pricing refuses plaintext behind ports 80 and 9090 (PeerAuthentication shop/default): callers without a certificate of the mesh get no answer.",
  );
  expect(found([...shop, pods(), door("LoadBalancer"), portModes({ 8080: "PERMISSIVE" })])).toEqual([
    "warning MG0410 Service shop/pricing spec.type",
  ]);
  expect(found([...shop, pods(), door("LoadBalancer"), portModes({ 8080: "PERMISSIVE", 9090: "PERMISSIVE" })])).toEqual([]);
  const udp = service("pricing", { type: "LoadBalancer", ports: [{ port: 53, protocol: "UDP" }] });
  expect(found([...shop, pods(), udp])).toEqual([]);
});

test("gateways, pods outside the mesh and ports that bypass the sidecar take callers from outside", () => {
  const made: readonly Made[] = [
    { annotations: { "inject.istio.io/templates": "gateway" } },
    { labels: { "sidecar.istio.io/inject": "false" }, kind: "StatefulSet" },
    { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080,9090" } },
  ];
  for (const one of made)
    expect(found([namespace(), strict(), pods("pricing", one), door("LoadBalancer")]).filter((line) => line.includes("MG0410"))).toEqual(
      [],
    );
});

const webhook = (kind: string, failurePolicy?: string) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
  metadata: { name: "check" },
  webhooks: [{ name: "check.example.no", failurePolicy, clientConfig: { service: { namespace: "shop", name: "pricing", port: 80 } } }],
});

test("webhooks whose pods refuse plaintext are errors, those that may be skipped warnings", () => {
  const field = "webhooks[0].clientConfig.service";
  expect(found([...shop, pods(), service(), webhook("MutatingWebhookConfiguration")])).toEqual([
    `error MG0411 MutatingWebhookConfiguration check ${field}`,
  ]);
  expect(found([...shop, pods(), service(), webhook("ValidatingWebhookConfiguration", "Ignore")])).toEqual([
    `warning MG0411 ValidatingWebhookConfiguration check ${field}`,
  ]);
  expect(found([...shop, portModes({ 8080: "PERMISSIVE" }), pods(), service(), webhook("ValidatingWebhookConfiguration")])).toEqual([]);
});

test("a webhook calls port 443 unless it says otherwise, and one whose Service is not there is not judged", () => {
  const call = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "check" },
    webhooks: [{ clientConfig: { service: { namespace: "shop", name: "pricing" } } }],
  };
  expect(found([...shop, pods(), service(), call])).toEqual([]);
  expect(found([...shop, pods(), call])).toEqual([]);
  expect(found([...shop, pods(), service("pricing", { ports: [{ port: 443, targetPort: 8443 }] }), call])).toHaveLength(1);
});

test("the API server calls API services and converters as well", () => {
  const api = {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1.prices" },
    spec: { service: { namespace: "shop", name: "pricing", port: 80 } },
  };
  const clientConfig = { service: { namespace: "shop", name: "pricing", port: 80 } };
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "prices" },
    spec: { conversion: { webhook: { clientConfig } } },
  };
  expect(found([...shop, pods(), service(), api, crd])).toEqual([
    "error MG0411 APIService v1.prices spec.service",
    "error MG0411 CustomResourceDefinition prices spec.conversion.webhook.clientConfig.service",
  ]);
});

const scraped = (annotations: Record<string, string> = {}): Made => ({
  annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090", ...annotations },
});
const unmerged = { "prometheus.istio.io/merge-metrics": "false" };
const scrapeField = 'spec.template.metadata.annotations["prometheus.io/scrape"]';

test("scrapes of pods are told only where their metrics are not merged", () => {
  const pod = (annotations?: Record<string, string>) => found([...shop, pods("pricing", scraped(annotations))]);
  expect(pod()).toEqual([]);
  expect(pod(unmerged)).toEqual([`warning MG0412 Deployment shop/pricing ${scrapeField}`]);
  expect(pod({ ...unmerged, "prometheus.io/scrape": "false" })).toEqual([]);
  expect(pod({ ...unmerged, "prometheus.io/scheme": "https" })).toEqual([]);
  expect(pod({ ...unmerged, "prometheus.io/port": "15020" })).toEqual([]);
});

test("merging may be off for the whole mesh, and does not exist in the ambient one", () => {
  const off = { meshConfig: "enablePrometheusMerge: false" };
  expect(found([...shop, pods("pricing", scraped())], off)).toEqual([`warning MG0412 Deployment shop/pricing ${scrapeField}`]);
  expect(found([...shop, pods("pricing", scraped({ "prometheus.istio.io/merge-metrics": "true" }))], off)).toEqual([]);
  expect(found([namespace("shop", { "istio.io/dataplane-mode": "ambient" }), strict(), pods("pricing", scraped())])).toHaveLength(1);
});

test("without a port every declared one is scraped", () => {
  const made = { annotations: { "prometheus.io/scrape": "true", ...unmerged } };
  expect(message(...shop, portModes({ 9090: "PERMISSIVE" }), pods("pricing", made))).toContain("scrape port 8080, which refuses");
});

test("annotations of a Service are never merged", () => {
  const metadata = { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" } };
  expect(found([...shop, pods(), service("pricing", {}, metadata)])).toEqual([
    'warning MG0412 Service shop/pricing metadata.annotations["prometheus.io/scrape"]',
  ]);
  expect(found([...shop, portModes({ 9090: "PERMISSIVE" }), pods(), service("pricing", {}, metadata)])).toEqual([]);
});

const monitor = (endpoint: Record<string, unknown>, spec: Record<string, unknown> = {}, place = "shop") => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "ServiceMonitor",
  metadata: { name: "pricing", namespace: place },
  spec: { selector: { matchLabels: { app: "pricing" } }, endpoints: [endpoint], ...spec },
});
const podMonitor = (endpoint: Record<string, unknown>) => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PodMonitor",
  metadata: { name: "pricing", namespace: "shop" },
  spec: { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["pricing"] }] }, podMetricsEndpoints: [endpoint] },
});

test("monitors without certificates are told of ports that refuse plaintext", () => {
  const around = [...shop, pods(), service()];
  const told = ["warning MG0413 ServiceMonitor shop/pricing spec.endpoints[0]"];
  expect(found([...around, monitor({ port: "http-metrics" })])).toEqual(told);
  expect(found([...around, monitor({ targetPort: 9090 })])).toEqual(told);
  expect(found([...around, monitor({ port: "other" })])).toEqual([]);
  expect(
    found([...around, monitor({ port: "http-metrics", scheme: "https", tlsConfig: { certFile: "/etc/prom-certs/cert-chain.pem" } })]),
  ).toEqual([]);
  expect(found([...around, monitor({ port: "http-metrics" }, { scrapeClass: "istio" })])).toEqual([]);
  expect(found([...around, portModes({ 9090: "PERMISSIVE" }), monitor({ port: "http-metrics" })])).toEqual([]);
});

test("a key that Kubernetes keeps is a certificate too", () => {
  const tlsConfig = { cert: { secret: { name: "prometheus" } }, keySecret: { name: "prometheus" } };
  expect(found([...shop, pods(), service(), monitor({ port: "http-metrics", tlsConfig })])).toEqual([]);
  expect(found([...shop, pods(), service(), monitor({ port: "http-metrics", tlsConfig: { insecureSkipVerify: true } })])).toHaveLength(1);
});

test.each([
  [{ key: "app", operator: "Exists" }, 1],
  [{ key: "none", operator: "Exists" }, 0],
  [{ key: "none", operator: "DoesNotExist" }, 1],
  [{ key: "app", operator: "DoesNotExist" }, 0],
  [{ key: "app", operator: "NotIn", values: ["pricing"] }, 0],
  [{ key: "app", operator: "NotIn", values: ["other"] }, 1],
  [{ key: "app", operator: "In", values: ["other"] }, 0],
  [{ key: "app", operator: "Like", values: ["pricing"] }, 0],
] as const)("monitors select by %j", (condition, count) => {
  const spec = { selector: { matchExpressions: [condition] } };
  expect(found([...shop, pods(), service(), monitor({ port: "http-metrics" }, spec)])).toHaveLength(count);
});

test("monitors look into the namespaces that they name", () => {
  const around = [...shop, pods(), service()];
  expect(found([...around, monitor({ port: "http-metrics" }, {}, "monitoring")])).toEqual([]);
  expect(found([...around, monitor({ port: "http-metrics" }, { namespaceSelector: { matchNames: ["shop"] } }, "monitoring")])).toHaveLength(
    1,
  );
  expect(found([...around, monitor({ port: "http-metrics" }, { namespaceSelector: { any: true } }, "monitoring")])).toHaveLength(1);
});

test("a PodMonitor that names a number scrapes it only where a container declares it", () => {
  expect(found([...shop, pods(), podMonitor({ portNumber: 9999 })])).toEqual([]);
});

test("monitors of pods are told too, unless they go to the merged metrics", () => {
  expect(found([...shop, pods(), podMonitor({ port: "http-metrics" })])).toEqual([
    "warning MG0413 PodMonitor shop/pricing spec.podMetricsEndpoints[0]",
  ]);
  expect(found([...shop, pods(), podMonitor({ portNumber: 9090 })])).toHaveLength(1);
  expect(found([...shop, pods(), podMonitor({ path: "/stats/prometheus" })])).toEqual([]);
  expect(found([...shop, pods(), podMonitor({ port: "http-envoy-prom" })])).toEqual([]);
  expect(found([...shop, pods(), podMonitor({ port: "http-metrics", relabelings: [{ targetLabel: "__address__" }] })])).toEqual([]);
});

const rewriteOff = { "sidecar.istio.io/rewriteAppHTTPProbers": "false" };
const probed = (container: Record<string, unknown>, annotations: Record<string, string> = rewriteOff) =>
  found([...shop, pods("pricing", { annotations, container })]);
const probeField = (name: string): string => `Deployment shop/pricing spec.template.spec.containers[0].${name}`;

test("probes fail on a port that refuses plaintext once they are not rewritten", () => {
  expect(probed({ readinessProbe: { httpGet: { port: "http" } } })).toEqual([`error MG0414 ${probeField("readinessProbe.httpGet")}`]);
  expect(probed({ ports: [], livenessProbe: { grpc: { port: 8080 } } })).toEqual([`error MG0414 ${probeField("livenessProbe.grpc")}`]);
  expect(probed({ lifecycle: { preStop: { httpGet: { port: 8080 } } } })).toEqual([
    `error MG0414 ${probeField("lifecycle.preStop.httpGet")}`,
  ]);
});

test("a TCP probe that is not rewritten only ever sees the sidecar", () => {
  expect(probed({ livenessProbe: { tcpSocket: { port: 8080 } } })).toEqual([`warning MG0414 ${probeField("livenessProbe.tcpSocket")}`]);
});

test("probes that are rewritten, run a command, ask elsewhere or name no port are left alone", () => {
  expect(probed({ readinessProbe: { httpGet: { port: 8080 } } }, {})).toEqual([]);
  expect(probed({ readinessProbe: { exec: { command: ["true"] } } })).toEqual([]);
  expect(probed({ readinessProbe: { httpGet: { port: 8080, host: "192.0.2.1" } } })).toEqual([]);
  expect(probed({ readinessProbe: { httpGet: { port: "nowhere" } } })).toEqual([]);
});

test("the installation can leave all probes alone, and a pod can have its own rewritten again", () => {
  const off = installation({ values: { sidecarInjectorWebhook: { rewriteAppHTTPProbe: false } } });
  const container = { readinessProbe: { httpGet: { port: 8080 } } };
  expect(found([off, ...shop, pods("pricing", { container })])).toEqual([`error MG0414 ${probeField("readinessProbe.httpGet")}`]);
  expect(found([off, ...shop, pods("pricing", { container, annotations: { "sidecar.istio.io/rewriteAppHTTPProbers": "true" } })])).toEqual(
    [],
  );
});

test("the kubelet's probes of ambient pods pass", () => {
  const ambient = namespace("shop", { "istio.io/dataplane-mode": "ambient" });
  const container = { readinessProbe: { httpGet: { port: 8080 } } };
  expect(found([ambient, strict(), pods("pricing", { annotations: rewriteOff, container })])).toEqual([]);
});

const onHost = (made: Made = {}) => pods("agent", { kind: "DaemonSet", spec: { hostNetwork: true }, ...made });
const target = [pods(), service()];

test("pods on the node's network are told of the calls that can be seen", () => {
  const env = "spec.template.spec.containers[0].env[0].value";
  expect(found([...shop, ...target, onHost(address("http://pricing/"))])).toEqual([`warning MG0415 DaemonSet shop/agent ${env}`]);
  expect(found([...shop, ...target, onHost(address("http://elsewhere/"))])).toEqual([
    "note MG0415 DaemonSet shop/agent spec.template.spec.hostNetwork",
  ]);
  expect(found([namespace(), ...target, onHost(address("http://pricing/"))])).toEqual([
    "note MG0415 DaemonSet shop/agent spec.template.spec.hostNetwork",
  ]);
});

test("a policy that selects pods on the node's network is told of them", () => {
  const selecting = peer("agent", { selector: { matchLabels: { app: "agent" } }, mtls: { mode: "STRICT" } });
  expect(found([namespace("shop", {}), selecting, onHost()])).toEqual([
    "warning MG0415 DaemonSet shop/agent spec.template.spec.hostNetwork",
  ]);
});

test("pods on the node's network outside the mesh, or that say so themselves, are left alone", () => {
  expect(found([namespace("shop", {}), onHost()])).toEqual([]);
  expect(found([namespace(), onHost({ labels: { "sidecar.istio.io/inject": "false" } })])).toEqual([]);
  expect(found([namespace("kube-system"), onHost({ namespace: "kube-system" })])).toEqual([]);
});

const job = (made: Made = {}) => pods("report", { kind: "CronJob", labels: { "sidecar.istio.io/inject": "false" }, ...made });

test("a Job without a sidecar is told of the calls that can be seen, else that nothing can", () => {
  const env = "spec.jobTemplate.spec.template.spec.containers[0].env[0].value";
  expect(found([...shop, ...target, job(address("http://pricing.shop:80/"))])).toEqual([`warning MG0416 CronJob shop/report ${env}`]);
  expect(found([...shop, ...target, job()])).toEqual(["note MG0416 CronJob shop/report"]);
  expect(found([namespace(), ...target, job(address("http://pricing.shop:80/"))])).toEqual([]);
});

test("a port that takes plaintext is no reason to complain of a Job that calls it", () => {
  expect(found([...shop, ...target, portModes({ 8080: "PERMISSIVE" }), job(address("pricing:80"))])).toEqual([
    "note MG0416 CronJob shop/report",
  ]);
});

const calls = (from: string) => ({
  apiVersion: "meshground.io/v1",
  kind: "CallGraph",
  metadata: { name: "calls", namespace: "shop" },
  spec: { calls: [{ from: { name: from, namespace: "legacy" }, to: { name: "pricing", port: 80 } }] },
});
const legacy = (made: Made = {}) => [pods("old", { namespace: "legacy", ...made }), service("old", {}, { namespace: "legacy" })];

test("a declared call from pods without a sidecar is an error", () => {
  expect(found([...shop, ...target, namespace("legacy", {}), ...legacy(), calls("old")])).toEqual(["error MG0429 Deployment legacy/old"]);
  expect(found([...shop, ...target, namespace("legacy"), ...legacy(), calls("old")])).toEqual([]);
  expect(found([...shop, ...target, ...legacy(), calls("old")])).toEqual([]);
});

test("an address on another port than the Service's is no call, and one without a port is one where every port refuses", () => {
  const old = (value: string) =>
    found([...shop, ...target, portModes({ 9090: "PERMISSIVE" }), namespace("legacy", {}), ...legacy(address(value))]);
  expect(old("http://pricing.shop:81/")).toEqual([]);
  expect(old("pricing.shop.svc")).toEqual([]);
  expect(old("http://pricing.shop/")).toHaveLength(1);
});

test("an address of pods that refuse plaintext is a warning for pods without a sidecar", () => {
  const env = "spec.template.spec.containers[0].env[0].value";
  expect(found([...shop, ...target, namespace("legacy", {}), ...legacy(address("http://pricing.shop/"))])).toEqual([
    `warning MG0429 Deployment legacy/old ${env}`,
  ]);
  expect(found([...shop, ...target, namespace("legacy", {}), ...legacy(address("http://pricing/"))])).toEqual([]);
});

const older: Around = { istio: "1.26", kubernetes: "1.33" };
const nightly = (made: Made = {}) => pods("report", { kind: "Job", ...made });

test("a Job with a sidecar never ends where sidecars are ordinary containers", () => {
  const told = ["warning MG0417 Job shop/report"];
  expect(found([namespace(), nightly()], older)).toEqual(told);
  expect(found([namespace(), nightly()], { istio: "1.28", kubernetes: "1.32" })).toEqual(told);
  expect(found([namespace(), nightly()], { istio: "1.28", kubernetes: "1.33" })).toEqual([]);
  expect(found([namespace("shop", {}), nightly()], older)).toEqual([]);
  expect(found([nightly()], older)).toEqual([]);
  expect(found([namespace(), pods()], older)).toEqual([]);
});

test("a pod or the installation may choose the kind of sidecar", () => {
  const native = (value: string): Made => ({ annotations: { "sidecar.istio.io/nativeSidecar": value } });
  const env = (value: string) => installation({ values: { pilot: { env: { ENABLE_NATIVE_SIDECARS: value } } } });
  expect(found([namespace(), nightly(native("true"))], older)).toEqual([]);
  expect(found([namespace(), nightly(native("true"))], { istio: "1.26", kubernetes: "1.28" })).toHaveLength(1);
  expect(found([namespace(), nightly(native("true"))], { istio: "1.20", kubernetes: "1.29" })).toHaveLength(1);
  expect(found([namespace(), nightly(native("false"))])).toHaveLength(1);
  expect(found([env("true"), namespace(), nightly()], older)).toEqual([]);
  expect(found([env("false"), namespace(), nightly()])).toHaveLength(1);
});

test("a Job that ends its sidecar, or holds one already, is taken as it is written", () => {
  const quit = { container: { command: ["sh", "-c", "report && curl -XPOST localhost:15020/quitquitquit"] } };
  expect(found([namespace(), nightly(quit)], older)).toEqual([]);
  expect(
    found([namespace(), nightly({ container: { env: [{ name: "ISTIO_QUIT_API", value: "http://localhost:15020" }] } })], older),
  ).toEqual([]);
  const proxy = { name: "istio-proxy", image: "proxyv2:1.26" };
  expect(found([nightly({ spec: { initContainers: [proxy] } })], older)).toEqual([]);
  const beside = { spec: { initContainers: [{ name: "prepare", image: "app" }] }, container: quit.container };
  expect(found([namespace(), nightly(beside)], older)).toEqual([]);
  expect(found([nightly({ spec: { containers: [{ name: "app", image: "app" }, proxy] } })])).toHaveLength(1);
});

test("STRICT for a namespace without sidecars is told on the policy", () => {
  expect(found([namespace("shop", {}), strict(), pods()])).toEqual(["warning MG0418 PeerAuthentication shop/default spec.mtls.mode"]);
  expect(found([namespace("shop", { "istio-injection": "disabled" }), strict(), pods()])).toHaveLength(1);
  expect(found([namespace("shop", { "istio.io/dataplane-mode": "ambient" }), strict(), pods()])).toEqual([]);
  expect(found([strict(), pods()])).toEqual([]);
  expect(found([namespace("shop", {}), peer("default", { mtls: { mode: "PERMISSIVE" } }), pods()])).toEqual([]);
});

test("STRICT without sidecars says why there are none", () => {
  const told = (labels: Record<string, string>) => message(namespace("shop", labels), strict(), pods());
  const rest = "STRICT changes nothing for those who call them, and their own calls stay plaintext.";
  expect(told({})).toBe(`no pod of shop has a sidecar, because nothing asks for one: ${rest}`);
  expect(told({ "istio-injection": "disabled" })).toBe(`no pod of shop has a sidecar, because the namespace refuses them: ${rest}`);
});

test("a gateway in the namespace is no sidecar of the others", () => {
  const edge = pods("edge", { annotations: { "inject.istio.io/templates": "gateway" }, labels: { "sidecar.istio.io/inject": "true" } });
  expect(found([namespace("shop", {}), strict(), pods(), edge])).toEqual(["warning MG0418 PeerAuthentication shop/default spec.mtls.mode"]);
});

test("single pods without a sidecar under STRICT are a note", () => {
  const out = pods("old", { labels: { "sidecar.istio.io/inject": "false" } });
  expect(found([...shop, pods(), out])).toEqual(["note MG0418 PeerAuthentication shop/default spec.mtls.mode"]);
  expect(message(...shop, pods(), out)).toBe(
    "Deployment old of shop has no sidecar: plaintext is still taken there, and calls to other pods of the namespace are reset.",
  );
});

test("a namespace that says nothing, and whose pods ask for sidecars themselves, is in the mesh", () => {
  const own = pods("own", { namespace: "legacy", labels: { "sidecar.istio.io/inject": "true" } });
  const around = [strict("istio-system"), namespace(), pods(), namespace("legacy", {})];
  expect(found([...around, own, pods("old", { namespace: "legacy" })])).toEqual([]);
});

test("STRICT for the whole mesh tells of namespaces that say nothing, and warns where nobody is in the mesh", () => {
  const mesh = strict("istio-system");
  const field = "PeerAuthentication istio-system/default spec.mtls.mode";
  expect(found([mesh, namespace("shop", {}), pods()])).toEqual([`warning MG0418 ${field}`]);
  expect(found([mesh, namespace(), pods(), namespace("legacy", {}), pods("old", { namespace: "legacy" })])).toEqual([
    `note MG0418 ${field}`,
  ]);
  expect(
    found([mesh, namespace(), pods(), namespace("legacy", { "istio-injection": "disabled" }), pods("old", { namespace: "legacy" })]),
  ).toEqual([]);
  expect(found([mesh, namespace(), pods(), pods("istiod", { namespace: "istio-system" })])).toEqual([]);
  const own = peer("default", { mtls: { mode: "PERMISSIVE" } }, { namespace: "legacy" });
  expect(found([mesh, namespace(), pods(), namespace("legacy", {}), pods("old", { namespace: "legacy" }), own])).toEqual([]);
});
