import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { environments } from "../../examples/oslo-production/environment";
import { artefacts } from "../../lib/core/artefact";
import { isRecord } from "../../lib/core/check";
import {
  ArgoCdApplications,
  declareMovedFields,
  IstioControlPlane,
  Observability,
  StrictMtlsNamespace,
  TunedNodePool,
} from "../../lib/index";
import { kialiValues } from "../../lib/mesh/kiali-values";
import { oslo } from "../pulumi/trees";
import { documentsOf, type Manifest } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { meshApp, objectsOf, service } from "../support/tree";
import { type ApiServer, startApiServer } from "./api-server";
import { engines } from "./engines.mts";
import { istioModule } from "./istio-module";
import { isMissing } from "./program";

const missing = [engines.etcd, engines.kubectl, engines.kubeApiserver].map(isMissing).includes(true);

/** A path below a Go module of which only the CRDs are wanted. Fetches the module when it is not there. */
function publishedModule(module: string, path: string): string {
  const answer = execFileSync("go", ["mod", "download", "-json", module], { cwd: temporaryFolder("module"), encoding: "utf8" });
  return join((JSON.parse(answer) as { Dir: string }).Dir, path);
}

/** The newest that this Go may load. */
const argoCd = "github.com/argoproj/argo-cd/v3@v3.5.7";
const operator = "github.com/prometheus-operator/prometheus-operator@v0.85.0";

/** Everything that the kinds of both controllers are made for. */
function everything(): { readonly applications: readonly Manifest[]; readonly objects: readonly Manifest[] } {
  const app = meshApp();
  new Observability(app, "monitoring", {
    namespace: "default",
    prometheus: { address: "http://prometheus.monitoring:9090", managedBy: "operator", selectedBy: { release: "stack" } },
    nodes: { etcdMetricsPort: 2381 },
    dashboards: "ConfigMap",
  });
  new TunedNodePool(app, "oslo", {
    nodes: { count: 3, cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country: "NO" },
    distribution: "k3s",
    qualify: {},
  });
  const mesh = new IstioControlPlane(app, "mesh", { cni: true, mtls: "strict" });
  mesh.addIngressGateway("edge");
  const pricing = service(new StrictMtlsNamespace(app, "shop"), "pricing", { replicas: { min: 2, max: 5 } });
  for (const construct of pricing.node.findAll()) {
    if ("kind" in construct && construct.kind === "VirtualService") declareMovedFields(construct, "spec.http[*].route[*].weight");
  }
  new ArgoCdApplications(app, "argo-cd", {
    name: "oslo",
    repository: "git@git.example.no:platform.git",
    path: "oslo/manifests",
    namespace: "default",
  });
  const texts = artefacts(app).filter(({ path }) => path.startsWith("argo-cd/"));
  const kinds = ["PrometheusRule", "PodMonitor", "ScrapeConfig", "ConfigMap"];
  return {
    applications: texts.flatMap(({ content }) => documentsOf(content)),
    objects: objectsOf(app).filter(({ kind }) => kinds.includes(kind)),
  };
}

describe.skipIf(missing)("the controllers' own CRDs", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    const crds = [
      publishedModule(argoCd, "manifests/crds/application-crd.yaml"),
      ...["prometheusrules", "podmonitors", "scrapeconfigs"].map((kind) =>
        publishedModule(operator, `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`),
      ),
    ];
    for (const crd of crds) expect(server.kubectl("apply", "--server-side", "--filename", crd)).toMatchObject({ status: 0 });
    expect(server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")).toMatchObject({ status: 0 });
  });
  afterAll(() => server?.stop());

  const apply = (object: unknown): string =>
    server.kubectlWith(
      object,
      "apply",
      "--server-side",
      "--validate=strict",
      "--filename",
      "-",
      "--output=jsonpath={.metadata.resourceVersion}",
    );

  test("take every Application, the second time without a change", () => {
    const { applications } = everything();
    expect(applications.map(({ metadata }) => metadata.name)).toEqual([
      "oslo-istio-base",
      "oslo-istio-cni",
      "oslo-istiod",
      "oslo-edge",
      "oslo-manifests",
      "oslo",
    ]);
    const first = applications.map(apply);
    expect(applications.map(apply)).toEqual(first);
  });

  test("take every object for Prometheus and Grafana, the second time without a change", () => {
    const { objects } = everything();
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(["PrometheusRule", "PodMonitor", "ScrapeConfig", "ConfigMap"]));
    const first = objects.map(apply);
    expect(objects.map(apply)).toEqual(first);
  });

  test("take the Applications of the reference system", () => {
    const app = oslo(environments.production);
    server.kubectlWith("", "create", "namespace", "argocd");
    const [applications] = artefacts(app).filter(({ path }) => path === "argo-cd/applications.yaml");
    for (const application of documentsOf(applications?.content ?? "")) expect(apply(application)).toMatch(/^\d+$/);
  });

  test("refuse a field that they do not know, so the above means something", () => {
    const { applications, objects } = everything();
    const [application] = applications;
    expect(() => apply({ ...application, spec: { ...application?.spec, syncWave: 1 } })).toThrow("syncWave");
    const rule = objects.find(({ kind }) => kind === "PrometheusRule");
    expect(() => apply({ ...rule, spec: { ...rule?.spec, rules: [] } })).toThrow("rules");
  });
});

describe("Kiali's configuration, as its chart 2.27 renders it in Istio's own samples", () => {
  test("knows every value that it shows by name", () => {
    const documents = readFileSync(istioModule("samples/addons/kiali.yaml"), "utf8").split(/^---$/m);
    const rendered = documents.map((text): unknown => parse(text)).find((document) => isRecord(document) && document.kind === "ConfigMap");
    const known = parse((rendered as { data: Record<string, string> }).data["config.yaml"] ?? "") as Manifest;
    const values = kialiValues({}, { prometheus: "http://prometheus.monitoring:9090", rootNamespace: "istio-system" });
    // The sample keeps to Kiali's own addresses; the ingress goes by another name in the configuration than among the values.
    expect(unknownPaths(values, known)).toEqual([
      "deployment.ingress.enabled",
      "external_services.grafana",
      "external_services.prometheus.url",
    ]);
  });
});

/** Paths of values that the other side has no place for. */
function unknownPaths(values: Readonly<Record<string, unknown>>, known: unknown, path = ""): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const at = `${path}${name}`;
    if (!isRecord(known) || !(name in known)) return [at];
    return isRecord(value) && name !== "pod_labels" ? unknownPaths(value, known[name], `${at}.`) : [];
  });
}
