import { App, Chart, Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { artefacts } from "../../lib/core/artefact";
import { yamlDocument } from "../../lib/core/yaml";
import { findings, IstioControlPlane, type IstioControlPlaneProps, KernelProfile, TunedNodePool, useReleases } from "../../lib/index";
import { findManifest } from "../support/examples";
import { meshApp, objectsOf } from "../support/tree";

const controlPlane = (props: IstioControlPlaneProps = {}, istio = "1.30.3", kubernetes = "1.33"): IstioControlPlane =>
  new IstioControlPlane(meshApp({ istio, kubernetes }), "mesh", props);
const valuesOf = (mesh: IstioControlPlane, chart: string): unknown =>
  mesh.helmReleases().find((release) => release.chart === chart)?.values;

describe("golden", () => {
  test("the IstioOperator file with no optional props", async () => {
    const mesh = controlPlane();
    mesh.addIngressGateway("istio-ingressgateway");
    await expect(yamlDocument(mesh.istioOperator())).toMatchFileSnapshot("../golden/mesh/istio-operator.defaults.yaml");
  });

  test("every values file with everything asked for", async () => {
    const mesh = controlPlane({
      cni: true,
      distribution: "k3s",
      revision: "1-30",
      outbound: "REGISTRY_ONLY",
      trustDomain: "shop.example",
      probeRewrite: true,
      tracing: { samplingPercent: 5, collector: "otel.observability.svc.cluster.local" },
      pilot: { resources: { requests: { cpu: "500m", memory: "2048Mi" } } },
    });
    mesh.addIngressGateway("edge", { sourceRanges: ["10.0.0.0/8"] });
    const files = mesh.helmReleases().map(({ name, values }) => `# ${name}\n${yamlDocument(values)}`);
    await expect(`${files.join("---\n")}# ${mesh.helmCommands().join("\n# ")}\n`).toMatchFileSnapshot(
      "../golden/mesh/helm-values.full.yaml",
    );
  });
});

describe("the installers' input", () => {
  test("is never among the manifests", () => {
    const app = meshApp();
    new IstioControlPlane(app, "mesh", { mtls: "strict" });
    expect(objectsOf(app).map(({ kind }) => kind)).toEqual(["PeerAuthentication"]);
    expect(artefacts(app).map(({ path }) => path)).toEqual([
      "istio/mesh/istio-operator.yaml",
      "istio/mesh/values-istio-base.yaml",
      "istio/mesh/values-istiod.yaml",
      "istio/mesh/INSTALL.md",
    ]);
  });

  test.each([
    ["1.18.2", "1.26", { pilot: { resources: { requests: { cpu: "1" } } } }],
    ["1.23.6", "1.28", { pilot: { resources: { requests: { cpu: "1" } } } }],
    ["1.24.6", "1.30", { resources: { requests: { cpu: "1" } } }],
    ["1.31.0", "1.36", { resources: { requests: { cpu: "1" } } }],
  ])("names istiod's values as the chart of %s does", (istio, kubernetes, expected) => {
    const mesh = controlPlane({ pilot: { resources: { requests: { cpu: "1" } } }, defaults: "none" }, istio, kubernetes);
    expect(valuesOf(mesh, "istiod")).toEqual(expected);
  });

  test("begins with the webhook policy that istiod would set, where the charts can be told", () => {
    expect(valuesOf(controlPlane(), "base")).toEqual({ base: { validationFailurePolicy: "Fail" } });
    const older = controlPlane({}, "1.29.0", "1.33");
    expect(valuesOf(older, "base")).toEqual({});
    expect(findings(older).map(({ code }) => code)).toEqual(["MG0201"]);
  });

  test("tells the CNI plugin where k3s keeps its directories", () => {
    const directories = (kubernetes: string, istio: string): unknown =>
      valuesOf(controlPlane({ cni: true, distribution: "k3s" }, istio, kubernetes), "cni");
    expect(directories("1.36", "1.30.3")).toEqual({
      cniBinDir: "/var/lib/rancher/k3s/data/cni",
      cniConfDir: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
    });
    expect(directories("1.26", "1.18.2")).toEqual({
      cni: { cniBinDir: "/var/lib/rancher/k3s/data/current/bin", cniConfDir: "/var/lib/rancher/k3s/agent/etc/cni/net.d" },
    });
    expect(valuesOf(controlPlane({ cni: true }), "cni")).toEqual({});
  });

  test("learns from the node pools whether the nodes are k3s, and refuses a mixture", () => {
    const app = meshApp();
    const mesh = new IstioControlPlane(app, "mesh", { cni: true });
    const nodes = { count: 1, cpu: 4, memory: "16Gi", country: "NO" } as const;
    new TunedNodePool(app, "one", { nodes, distribution: "k3s", kernel: KernelProfile.of({}) });
    expect(valuesOf(mesh, "cni")).toMatchObject({ cniBinDir: "/var/lib/rancher/k3s/data/cni" });
    new TunedNodePool(app, "two", { nodes, distribution: "kubeadm", kernel: KernelProfile.of({}) });
    expect(() => app.synthYaml()).toThrow(/\[mesh\] distribution: got node pools and control plane of k3s and kubeadm/);
  });

  test("pins the gateway's account, labels and ports, which differ between the installers", () => {
    const mesh = controlPlane();
    mesh.addIngressGateway("istio-ingressgateway");
    expect(valuesOf(mesh, "gateway")).toMatchObject({
      labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
      serviceAccount: { name: "istio-ingressgateway-service-account" },
      service: { ports: [{ targetPort: 15021 }, { port: 80, targetPort: 8080 }, { port: 443, targetPort: 8443 }] },
    });
  });

  test("scales the istiod of its own revision", () => {
    const target = (props: IstioControlPlaneProps): unknown =>
      (controlPlane(props).istioOperator().spec as { components: { pilot: { k8s: { hpaSpec: { scaleTargetRef: { name: string } } } } } })
        .components.pilot.k8s.hpaSpec.scaleTargetRef.name;
    expect([target({}), target({ revision: "1-30" })]).toEqual(["istiod", "istiod-1-30"]);
  });

  test("asks for the newest patch that is known when only the minor is named", () => {
    expect(controlPlane({}, "1.30").helmCommands()[0]).toContain("--version 1.30.8 ");
    expect(controlPlane({}, "1.30.3").helmCommands()[0]).toContain("--version 1.30.3 ");
  });

  test("is not made for a control plane that exists", () => {
    const app = meshApp();
    new IstioControlPlane(app, "mesh", { existing: true });
    expect(artefacts(app)).toEqual([]);
  });
});

describe("a gateway", () => {
  test("that nobody asked for is not installed by istioctl either", () => {
    const components = (props: IstioControlPlaneProps): unknown =>
      (controlPlane(props).istioOperator().spec as { components: unknown }).components;
    expect(components({})).toMatchObject({ ingressGateways: [{ name: "istio-ingressgateway", enabled: false }] });
    expect(components({ profile: "minimal" })).not.toHaveProperty("ingressGateways");
    expect(components({ defaults: "none" })).toEqual({});
  });

  test("has a name of its own in the whole tree, and not one of the control plane's Helm releases", () => {
    const mesh = controlPlane();
    mesh.addIngressGateway("edge");
    expect(() => mesh.addEgressGateway("edge")).toThrow(/a name that no other gateway of the namespace has/);
    expect(() => mesh.addIngressGateway("istiod")).toThrow(/other than those of the control plane's own Helm releases/);
  });

  test("that is there already may have another account and other labels", () => {
    const gateway = controlPlane({ existing: true }).addIngressGateway("edge", {
      serviceAccountName: "edge",
      podSelector: { istio: "edge" },
    });
    expect([gateway.serviceAccountName, gateway.podSelector]).toEqual(["edge", { istio: "edge" }]);
    expect(() => controlPlane().addIngressGateway("edge", { serviceAccountName: "edge" })).toThrow(
      /is for a gateway of a control plane that is existing/,
    );
  });

  test("lists the status port once, whoever names it", () => {
    const mesh = controlPlane();
    mesh.addIngressGateway("edge", {
      ports: [
        { name: "status", port: 15021, targetPort: 15021 },
        { name: "https", port: 443, targetPort: 8443 },
      ],
    });
    expect((valuesOf(mesh, "gateway") as { service: { ports: { port: number }[] } }).service.ports.map(({ port }) => port)).toEqual([
      15021, 443,
    ]);
  });
});

describe("mesh-wide settings", () => {
  test("go into the root namespace by the Telemetry API", () => {
    const app = meshApp();
    new IstioControlPlane(app, "mesh", { accessLog: "errors", tracing: { samplingPercent: 1, collector: "otel.example.no" } });
    expect(findManifest(objectsOf(app), "Telemetry", "mesh-default")).toMatchObject({
      apiVersion: "telemetry.istio.io/v1",
      metadata: { namespace: "istio-system" },
      spec: {
        accessLogging: [{ providers: [{ name: "envoy" }], filter: { expression: "response.code >= 400" } }],
        tracing: [{ providers: [{ name: "meshground-tracing" }], randomSamplingPercentage: 1 }],
      },
    });
  });

  test("work in a chart of anybody's plain app", () => {
    const chart = new Chart(new App(), "infra", { namespace: "platform" });
    useReleases(chart, { istio: "1.18.2", kubernetes: "1.26" });
    new IstioControlPlane(chart, "mesh", { mtls: "strict" });
    expect(Testing.synth(chart)).toEqual([
      {
        apiVersion: "security.istio.io/v1beta1",
        kind: "PeerAuthentication",
        metadata: { name: "default", namespace: "istio-system" },
        spec: { mtls: { mode: "STRICT" } },
      },
    ]);
  });
});

describe("bad input", () => {
  test("names every invalid prop at once", () => {
    const wrong = {
      mtls: "on",
      trustDomain: "a b",
      pilot: { resources: { requests: { cpu: "two" } } },
      tracing: { samplingPercent: 101, collector: "x" },
    };
    expect(() => controlPlane(wrong as unknown as IstioControlPlaneProps)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: mesh: 5 invalid props
        mtls: got "on", expected one of "permissive", "strict".
        pilot.resources.requests.cpu: got "two", expected an amount of cpu such as "500m" or "2".
        tracing.collector: got "x", expected a full host name such as otel-collector.observability.svc.cluster.local.
        tracing.samplingPercent: got 101, expected a number from 0 to 100.
        trustDomain: got "a b", expected a host name such as shop.example.no.]
    `);
  });

  test("is an amount that Kubernetes refuses beside what Istio's charts set", () => {
    const sidecar = { requests: { cpu: "3", memory: "2Gi" }, limits: { memory: "2Gi" } } as const;
    const pilot = { resources: { limits: { cpu: "250m" } } } as const;
    expect(() => controlPlane({ sidecar, pilot })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: mesh: 2 invalid props
        pilot.resources.limits.cpu: got "250m", expected at least what Istio's charts request, 500m. Set requests.cpu too.
        sidecar.requests.cpu: got "3", expected at most the limit of Istio's charts, 2. Set limits.cpu too.]
    `);
    expect(() => controlPlane().addIngressGateway("edge", { resources: sidecar })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: mesh.ingressGateway("edge"): 1 invalid prop
        resources.requests.cpu: got "3", expected at most the limit of Istio's charts, 2. Set limits.cpu too.]
    `);
    expect(() => controlPlane({ sidecar: { limits: { memory: "100Mi" } } })).toThrow("sidecar.limits.memory");
    expect(() => controlPlane({ sidecar: { requests: { cpu: "2", memory: "1Gi" } }, pilot: { resources: sidecar } })).not.toThrow();
    expect(() => controlPlane({ profile: "demo", sidecar: { limits: { memory: "100Mi" } }, pilot })).not.toThrow();
    expect(() => controlPlane({ existing: true, sidecar })).not.toThrow();
  });

  test("of a gateway is refused before it is added", () => {
    const mesh = controlPlane();
    mesh.addIngressGateway("edge");
    expect(() => mesh.addEgressGateway("edge", { ports: [{ name: "http", port: 80, targetPort: 0 }] })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: mesh.egressGateway("edge"): 1 invalid prop
        ports[0].targetPort: got 0, expected a whole number from 1 to 65535.]
    `);
  });
});
