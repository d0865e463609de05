import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { IstioControlPlane, type IstioControlPlaneProps } from "../../lib/index";
import { documentsOf, exampleNames, filesBelow, findManifest, type Manifest, manifestsBelow, renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { meshApp } from "../support/tree";
import { engines } from "./engines.mts";
import { isMissing, runEngine } from "./program";

const home = temporaryFolder("istioctl");
const istioctl = (...args: readonly string[]): ReturnType<typeof runEngine> => runEngine(engines.istioctl, args, { home });

describe.skipIf(isMissing(engines.istioctl))("istioctl", () => {
  test.each(exampleNames)("validates every object of %s", async (name) => {
    const { manifests } = await renderExample(name);
    const files = filesBelow(manifests).map((path) => `--filename=${join(manifests, path)}`);
    expect(istioctl("validate", ...files)).toMatchObject({ status: 0, stderr: expect.not.stringContaining("rror") });
  });

  test("refuses what is wrong, so its silence above means something", () => {
    const file = join(home, "wrong.yaml");
    const spec = { hosts: ["pricing"], http: [{ route: [{ destination: { host: "pricing" }, weight: -1 }] }] };
    writeFileSync(file, stringify({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: "x" }, spec }));
    expect(istioctl("validate", `--filename=${file}`).status).not.toBe(0);
  });

  test.each(["quickstart", "oslo-production"] as const)("analyzes %s without a finding", async (name) => {
    const { manifests } = await renderExample(name);
    const files = filesBelow(manifests).map((path) => join(manifests, path));
    const { status, stdout, stderr } = istioctl("analyze", "--use-kube=false", ...files);
    expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: 0, output: expect.stringContaining("No validation issues found") });
  });

  test.each(["quickstart", "reference-files", "oslo-production"] as const)(
    "generates what the IstioOperator file of %s asks for",
    async (name) => {
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
    },
  );

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

  test("gives istiod, the gateway and the sidecars the resources that oslo-production asks for", async () => {
    const { artefacts } = await renderExample("oslo-production");
    const file = join(artefacts, "istio/coolvds-prod-mesh/istio-operator.yaml");
    const generated = documentsOf(istioctl("manifest", "generate", "--filename", file).stdout).filter((document) => document !== null);
    const resourcesOf = (deployment: string): unknown => {
      const template = findManifest(generated, "Deployment", deployment).spec?.template as {
        spec: { containers: { resources: unknown }[] };
      };
      return template.spec.containers[0]?.resources;
    };
    expect(resourcesOf("istiod")).toMatchObject({ requests: { cpu: "500m", memory: "2048Mi" } });
    expect(resourcesOf("istio-ingressgateway")).toMatchObject({ requests: { cpu: "1000m", memory: "1024Mi" } });
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
  });
});
