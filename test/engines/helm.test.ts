import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { documentsOf, exampleNames, filesBelow, findManifest, type Manifest, renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { engines } from "./engines.mts";
import { evidence } from "./evidence";
import { istioModule } from "./istio-module";
import { isMissing, runEngine } from "./program";

const home = temporaryFolder("helm");

const chartPaths = { base: "base", cni: "istio-cni", istiod: "istio-control/istio-discovery", gateway: "gateway" } as const;

function template(chart: keyof typeof chartPaths, release: string, values: string): readonly Manifest[] {
  const args = [
    "template",
    release,
    istioModule(join("manifests/charts", chartPaths[chart])),
    "--namespace",
    "istio-system",
    "--values",
    values,
  ];
  const { status, stdout, stderr } = runEngine(engines.helm, args, { home });
  if (status !== 0) throw new Error(stderr);
  return documentsOf(stdout).filter((document) => document !== null);
}

const missing = isMissing(engines.helm) || isMissing(engines.istioctl);

const chartOf = (file: string): keyof typeof chartPaths =>
  /values-istio-base/.test(file) ? "base" : /values-istio-cni/.test(file) ? "cni" : /values-istiod/.test(file) ? "istiod" : "gateway";

test.skipIf(missing).each(exampleNames)("Istio's charts of 1.31 take every values file of %s", async (name) => {
  const { artefacts } = await renderExample(name);
  const files = filesBelow(artefacts).filter((path) => /\/values-.*\.yaml$/.test(path));
  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const file of files) {
    const release = /values-(.*)\.yaml$/.exec(file)?.[1] ?? "none";
    expect(template(chartOf(file), release, join(artefacts, file)).length).toBeGreaterThan(0);
  }
});

describe.skipIf(missing)("Istio's charts of 1.31 take the values files of oslo-production", () => {
  const render = async (): Promise<(chart: keyof typeof chartPaths, release: string) => readonly Manifest[]> => {
    const { artefacts } = await renderExample("oslo-production");
    return (chart, release) => template(chart, release, join(artefacts, "istio/coolvds-prod-mesh", `values-${release}.yaml`));
  };

  test("base: its webhook begins with the policy that istiod would set", async () => {
    const webhook = (await render())("base", "istio-base").find(({ kind }) => kind === "ValidatingWebhookConfiguration");
    expect(webhook?.webhooks).toMatchObject([{ failurePolicy: "Fail" }]);
  });

  test("cni: it is a DaemonSet", async () => {
    expect(findManifest((await render())("cni", "istio-cni"), "DaemonSet", "istio-cni-node").kind).toBe("DaemonSet");
  });

  test("istiod: resources, number of pods, outbound policy, CNI", async (context) => {
    const objects = (await render())("istiod", "istiod");
    expect(resourcesOf(objects, "istiod")).toEqual({ requests: { cpu: "500m", memory: "2048Mi" } });
    expect(findManifest(objects, "HorizontalPodAutoscaler", "istiod").spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 });
    const mesh = findManifest(objects, "ConfigMap", "istio") as unknown as { data: { mesh: string } };
    expect(documentsOf(mesh.data.mesh)[0]).toMatchObject({ outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
    const injector = findManifest(objects, "ConfigMap", "istio-sidecar-injector") as unknown as { data: { values: string } };
    const values = JSON.parse(injector.data.values);
    expect(values).toMatchObject({ pilot: { cni: { enabled: true } } });
    expect(values.global.proxy.resources).toEqual({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "2000m", memory: "1024Mi" },
    });
    evidence(context, {
      claim:
        "The values file for istiod's chart of 1.31 renders. Its Deployment carries the resources that oslo-production asks for, and the ConfigMap that sidecars are injected by carries those of the sidecars.",
      measured: "istiod 500m and 2048Mi, sidecars 100m and 128Mi up to 2000m and 1024Mi",
    });
  });

  test("gateway: the account, labels and ports are those of istioctl", async (context) => {
    const objects = (await render())("gateway", "istio-ingressgateway");
    expect(findManifest(objects, "Deployment", "istio-ingressgateway").spec).toMatchObject({
      template: {
        metadata: { labels: { app: "istio-ingressgateway", istio: "ingressgateway" } },
        spec: {
          serviceAccountName: "istio-ingressgateway-service-account",
        },
      },
    });
    expect(resourcesOf(objects, "istio-ingressgateway")).toEqual({
      requests: { cpu: "1000m", memory: "1024Mi" },
      // Istio's own: the example names none.
      limits: { cpu: "2000m", memory: "1024Mi" },
    });
    const ports = findManifest(objects, "Service", "istio-ingressgateway").spec?.ports as { port: number; targetPort: number }[];
    expect(ports.map(({ port, targetPort }) => [port, targetPort])).toEqual([
      [15021, 15021],
      [80, 8080],
      [443, 8443],
    ]);
    evidence(context, {
      claim:
        "The values file for the gateway's chart renders: its Deployment carries the resources, account and labels that were asked for, and its Service the ports.",
      measured: "1000m and 1024Mi up to Istio's own limits of 2000m and 1024Mi; ports 15021, 80 to 8080, 443 to 8443",
    });
  });
});

/** What a Deployment's first container asks for. */
function resourcesOf(objects: readonly Manifest[], deployment: string): unknown {
  const { template } = findManifest(objects, "Deployment", deployment).spec as {
    template: { spec: { containers: { resources: unknown }[] } };
  };
  return template.spec.containers[0]?.resources;
}
