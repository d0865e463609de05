import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { IstioControlPlane, type IstioControlPlaneProps } from "../../lib/index";
import { documentsOf, exampleNames, filesBelow, findManifest, type Manifest, manifestsBelow, renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { meshApp } from "../support/tree";
import { engines } from "./engines.mts";
import { evidence } from "./evidence";
import { exampleCases, titleOf } from "./example-cases";
import { isMissing, runEngine } from "./program";

const home = temporaryFolder("istioctl");
const istioctl = (...args: readonly string[]): ReturnType<typeof runEngine> => runEngine(engines.istioctl, args, { home });

describe.skipIf(isMissing(engines.istioctl))("what istioctl makes of the examples", () => {
  test.for(exampleCases)("validates every object of %s %j", async (example, context) => {
    const { manifests } = await renderExample(...example);
    const files = filesBelow(manifests).map((path) => `--filename=${join(manifests, path)}`);
    const { status, stdout, stderr } = istioctl("validate", ...files);
    expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: 0, output: expect.not.stringMatching(/error|warning/i) });
    evidence(context, {
      claim: `\`istioctl validate\` gives nothing on ${titleOf(example)}.`,
      measured: `${manifestsBelow(manifests).length} objects, no error and no warning`,
    });
  });

  test("refuses what is wrong, so its silence above means something", () => {
    const file = join(home, "wrong.yaml");
    const spec = { hosts: ["pricing"], http: [{ route: [{ destination: { host: "pricing" }, weight: -1 }] }] };
    writeFileSync(file, stringify({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: "x" }, spec }));
    expect(istioctl("validate", `--filename=${file}`).status).not.toBe(0);
  });

  test.for(exampleCases.filter(([name]) => name !== "reference-files"))("analyzes %s %j without a finding", async (example, context) => {
    const { manifests } = await renderExample(...example);
    const files = filesBelow(manifests).map((path) => join(manifests, path));
    const { status, stdout, stderr } = istioctl("analyze", "--use-kube=false", ...files);
    expect({ status, output: `${stdout}${stderr}` }).toEqual({
      status: 0,
      output: expect.stringContaining("No validation issues found"),
    });
    evidence(context, {
      claim: `\`istioctl analyze\` gives nothing on ${titleOf(example)}.`,
      measured: `${files.length} files, no finding`,
    });
  });

  test("finds in reference-files the faults that it keeps on purpose, and no other", async (context) => {
    const { manifests, artefacts } = await renderExample("reference-files");
    const files = filesBelow(manifests).map((path) => join(manifests, path));
    const { stdout } = istioctl("analyze", "--use-kube=false", "--output=json", ...files);
    const found = (JSON.parse(stdout) as { code: string; origin: string }[]).map(({ code, origin }) => `${code} ${origin}`);
    const report = JSON.parse(readFileSync(join(artefacts, "report/findings.json"), "utf8")) as { findings: { code: string }[] };
    const ours = new Set(report.findings.map(({ code }) => code));
    const different = new Set(found).size;
    expect(found.filter((finding) => !ours.has(finding.split(" ")[0] ?? ""))).toEqual([]);
    expect([...new Set(found)].sort()).toMatchInlineSnapshot(`
      [
        "IST0101 VirtualService default/pricing-service",
      ]
    `);
    evidence(context, {
      claim: "What `istioctl analyze` finds in reference-files, which is kept as it was published, the library's report names too.",
      measured: `${different === 1 ? "1 finding of istioctl, its code" : `${different} findings of istioctl, their codes all`} in the report`,
    });
  });

  test.each(exampleNames)("generates what the IstioOperator file of %s asks for", async (name) => {
    const { artefacts } = await renderExample(name);
    const [path] = filesBelow(artefacts).filter((file) => file.endsWith("istio-operator.yaml"));
    const { status, stdout, stderr } = istioctl("manifest", "generate", "--filename", join(artefacts, path ?? "none"));
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const generated = documentsOf(stdout).filter((document) => document !== null);
    const gateway = findManifest(generated, "Deployment", "istio-ingressgateway");
    expect(gateway.spec).toMatchObject({
      template: {
        metadata: { labels: { app: "istio-ingressgateway", istio: "ingressgateway" } },
        spec: { serviceAccountName: "istio-ingressgateway-service-account" },
      },
    });
  });

  const generate = (props: IstioControlPlaneProps, add: (mesh: IstioControlPlane) => void = () => {}): readonly Manifest[] => {
    const mesh = new IstioControlPlane(meshApp({ istio: "1.31" }), "mesh", props);
    add(mesh);
    const file = join(temporaryFolder("operator"), "operator.yaml");
    writeFileSync(file, stringify(mesh.istioOperator()));
    const { status, stdout, stderr } = istioctl("manifest", "generate", "--filename", file);
    if (status !== 0) throw new Error(stderr);
    return documentsOf(stdout).filter((document) => document !== null);
  };

  test("installs everything into the namespace that was asked for, and takes it for the mesh's root", () => {
    const objects = generate({ namespace: "mesh-system", cni: true }, (mesh) => void mesh.addIngressGateway("edge"));
    const workloads = objects.filter(({ kind }) => ["Deployment", "DaemonSet", "Service"].includes(kind));
    expect(new Set(workloads.map(({ metadata }) => metadata.namespace))).toEqual(new Set(["mesh-system"]));
    const config = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "istio") as unknown as {
      data: { mesh: string };
    };
    expect(config.data.mesh).toContain("rootNamespace: mesh-system");
  });

  test("installs no gateway that nobody asked for", () => {
    expect(
      generate({})
        .filter(({ kind }) => kind === "Deployment")
        .map(({ metadata }) => metadata.name),
    ).toEqual(["istiod"]);
  });

  test.each(["safe", "none"] as const)("gives a gateway the labels and the account that policies name (defaults: %s)", (defaults) => {
    const objects = generate({ defaults }, (mesh) => void mesh.addIngressGateway("edge"));
    expect(findManifest(objects, "Deployment", "edge").spec).toMatchObject({
      template: { metadata: { labels: { app: "edge", istio: "edge" } }, spec: { serviceAccountName: "edge-service-account" } },
    });
  });

  test("scales the istiod of its revision", () => {
    const objects = generate({ revision: "1-31" });
    const autoscaler = findManifest(objects, "HorizontalPodAutoscaler", "istiod-1-31");
    expect(autoscaler.spec).toMatchObject({ minReplicas: 2, scaleTargetRef: { name: "istiod-1-31" } });
  });

  test("gives istiod, the gateway and the sidecars the resources that oslo-production asks for", async (context) => {
    const { artefacts } = await renderExample("oslo-production");
    const file = join(artefacts, "istio/coolvds-prod-mesh/istio-operator.yaml");
    const generated = documentsOf(istioctl("manifest", "generate", "--filename", file).stdout).filter((document) => document !== null);
    const resourcesOf = (deployment: string): unknown => {
      const template = findManifest(generated, "Deployment", deployment).spec?.template as {
        spec: { containers: { resources: unknown }[] };
      };
      return template.spec.containers[0]?.resources;
    };
    expect(resourcesOf("istiod")).toEqual({ requests: { cpu: "500m", memory: "2048Mi" } });
    expect(resourcesOf("istio-ingressgateway")).toEqual({
      requests: { cpu: "1000m", memory: "1024Mi" },
      // Istio's own: the example names none.
      limits: { cpu: "2000m", memory: "1024Mi" },
    });
    const injector = findManifest(generated, "ConfigMap", "istio-sidecar-injector") as unknown as { data: { values: string } };
    expect(JSON.parse(injector.data.values).global.proxy.resources).toEqual({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "2000m", memory: "1024Mi" },
    });
    const ports = findManifest(generated, "Service", "istio-ingressgateway").spec?.ports as { port: number; targetPort: number }[];
    expect(ports.map(({ port, targetPort }) => [port, targetPort])).toEqual([
      [15021, 15021],
      [80, 8080],
      [443, 8443],
    ]);
    const webhook = findManifest(generated, "ValidatingWebhookConfiguration", "istio-validator-istio-system") as unknown as {
      webhooks: { failurePolicy: string }[];
    };
    expect(webhook.webhooks.map(({ failurePolicy }) => failurePolicy)).toContain("Fail");
    expect(manifestsBelow(artefacts).filter(({ kind }) => kind === "IstioOperator")).toHaveLength(1);
    evidence(context, {
      claim:
        "The IstioOperator file of oslo-production renders. The Deployments of istiod and the gateway carry the resources that were asked for, and the ConfigMap that sidecars are injected by carries those of the sidecars.",
      measured:
        "istiod 500m and 2048Mi, the gateway 1000m and 1024Mi up to Istio's own limits of 2000m and 1024Mi, sidecars 100m and 128Mi up to 2000m and 1024Mi",
    });
  });
});
