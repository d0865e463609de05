import { describe, expect, test } from "vitest";
import { deprecated } from "../../../lib/checks/rules/workloads/ist0002-deprecated";
import { type Around, findingsIn } from "../checked";
import { anything, type Fields, istio, yaml } from "./workload-objects";

const found = (object: Fields, around?: Around): readonly string[] =>
  findingsIn(yaml(object), [deprecated], around).map(({ field }) => field ?? "");
const operator = (meshConfig: object): Fields =>
  anything("install.istio.io/v1alpha1", "IstioOperator", { name: "mesh" }, { spec: { meshConfig } });
const provider = (settings: object): Fields => operator({ extensionProviders: [{ name: "a", ...settings }] });
const simple = (simple: string): object => ({ loadBalancer: { simple } });

describe("a deprecated field", () => {
  const table: readonly (readonly [Fields, string])[] = [
    [istio("VirtualService", { http: [{}, { fault: { delay: { percent: 5 } } }] }), "spec.http[1].fault.delay.percent"],
    [istio("VirtualService", { http: [{ corsPolicy: { allowOrigin: ["*"] } }] }), "spec.http[0].corsPolicy.allowOrigin"],
    [istio("DestinationRule", { trafficPolicy: simple("LEAST_CONN") }), "spec.trafficPolicy.loadBalancer.simple"],
    [
      istio("DestinationRule", { subsets: [{ trafficPolicy: { portLevelSettings: [simple("LEAST_CONN")] } }] }),
      "spec.subsets[0].trafficPolicy.portLevelSettings[0].loadBalancer.simple",
    ],
    [istio("Gateway", { servers: [{ port: { number: 80, targetPort: 8080 } }] }), "spec.servers[0].port.targetPort"],
    [istio("Sidecar", { outboundTrafficPolicy: { egressProxy: { host: "a" } } }), "spec.outboundTrafficPolicy.egressProxy"],
    [istio("Sidecar", { ingress: [{ port: { targetPort: 1 } }] }), "spec.ingress[0].port.targetPort"],
    [istio("EnvoyFilter", { configPatches: [{ applyTo: "BOOTSTRAP" }] }), "spec.configPatches[0].applyTo"],
    [operator({ certificates: [{ secretName: "a" }] }), "spec.meshConfig.certificates"],
    [operator({ verifyCertificateAtClient: false }), "spec.meshConfig.verifyCertificateAtClient"],
    [operator({ defaultConfig: { zipkinAddress: "a:1" } }), "spec.meshConfig.defaultConfig.zipkinAddress"],
    [operator({ defaultConfig: { sds: { enabled: true } } }), "spec.meshConfig.defaultConfig.sds"],
    [provider({ lightstep: { service: "a" } }), "spec.meshConfig.extensionProviders[0].lightstep"],
    [provider({ stackdriver: { debug: true } }), "spec.meshConfig.extensionProviders[0].stackdriver.debug"],
    [
      provider({ envoyExtAuthzHttp: { includeHeadersInCheck: ["a"] } }),
      "spec.meshConfig.extensionProviders[0].envoyExtAuthzHttp.includeHeadersInCheck",
    ],
  ];
  test.each(table)("is found: %j", (object, field) => {
    expect(found(object)).toEqual([field]);
  });

  test.each([
    ["a delay of no percent", istio("VirtualService", { http: [{ fault: { delay: { percent: 0 } } }] })],
    ["what has replaced it", istio("VirtualService", { http: [{ fault: { delay: { percentage: { value: 5 } } } }] })],
    ["another value of the field", istio("DestinationRule", { trafficPolicy: simple("LEAST_REQUEST") })],
    ["nothing", provider({ lightstep: null })],
    ["an empty list", istio("VirtualService", { http: [{ corsPolicy: { allowOrigin: [] } }] })],
    ["a port of nothing", istio("Gateway", { servers: [{ port: { targetPort: 0 } }] })],
    ["what validation warns of", istio("DestinationRule", { trafficPolicy: { outlierDetection: { consecutiveErrors: 5 } } })],
    ["an EnvoyFilter's fields of long ago, which nobody reads", istio("EnvoyFilter", { workloadLabels: { a: "b" }, filters: [{}] })],
    ["objects in Kubernetes' namespaces", istio("Gateway", { servers: [{ port: { targetPort: 1 } }] }, { namespace: "kube-system" })],
  ])("is not %s", (_, object) => {
    expect(found(object)).toEqual([]);
  });

  test.each([
    ["1.19", "1.20", istio("Sidecar", { egress: [{ port: { targetPort: 1 } }] })],
    ["1.20", "1.21", istio("EnvoyFilter", { configPatches: [{ applyTo: "BOOTSTRAP" }] })],
    ["1.21", "1.22", provider({ opencensus: { service: "a" } })],
    ["1.23", "1.24", istio("DestinationRule", { trafficPolicy: { loadBalancer: { warmupDurationSecs: "1m" } } })],
  ])("is none in %s, and is in %s: %j", (before, since, object) => {
    expect(found(object, { istio: before })).toEqual([]);
    expect(found(object, { istio: since })).toHaveLength(1);
  });

  test("is told of once for an object, with how often it stands there", () => {
    const delay = { fault: { delay: { percent: 5 } } };
    const [finding, ...others] = findingsIn(yaml(istio("VirtualService", { http: [delay, {}, delay, delay] })), [deprecated]);
    expect(finding).toMatchObject({ field: "spec.http[0].fault.delay.percent", fix: "Use fault.delay.percentage.value." });
    expect(finding?.message).toBe("fault.delay.percent is deprecated. Today it still works. It stands in 2 more places.");
    expect(others).toEqual([]);
  });
});

describe("a CRD that Istio has removed", () => {
  const crd = (group: string, kind: string): Fields =>
    anything("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name: "a" }, { spec: { group, names: { kind } } });

  test.each(["ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"])("is %s", (kind) => {
    expect(found(crd("rbac.istio.io", kind))).toEqual(["spec.names.kind"]);
  });

  test("is none of another group, and no other kind", () => {
    expect(found(crd("rbac.example.com", "ServiceRole"))).toEqual([]);
    expect(found(crd("networking.istio.io", "VirtualService"))).toEqual([]);
  });
});

describe("a Telemetry that traces with a deprecated provider", () => {
  const tracing = (...names: readonly unknown[]): Fields =>
    istio("Telemetry", { tracing: [{ providers: names.map((name) => ({ name })) }] });
  const meshConfig =
    "extensionProviders: [{ name: old, lightstep: {} }, { name: older, opencensus: {} }, { name: new, opentelemetry: {} }]";

  test("is told of once for each provider", () => {
    expect(found(tracing("new", "old", "older", "old"), { meshConfig })).toEqual([
      "spec.tracing[0].providers[1].name",
      "spec.tracing[0].providers[2].name",
    ]);
  });

  test("is judged by the release", () => {
    expect(found(tracing("old", "older"), { meshConfig, istio: "1.21" })).toHaveLength(1);
    expect(found(tracing("old", "older"), { meshConfig, istio: "1.17" })).toEqual([]);
  });

  test("is none where no MeshConfig says what the provider is", () => {
    expect(found(tracing("old"))).toEqual([]);
    expect(found(tracing("new", undefined, 7), { meshConfig })).toEqual([]);
  });
});
