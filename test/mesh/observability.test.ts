import { Testing } from "cdk8s";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { artefacts } from "../../lib/core/artefact";
import {
  findings,
  IstioControlPlane,
  type MeshApp,
  Observability,
  type ObservabilityProps,
  StrictMtlsNamespace,
  TunedNodePool,
} from "../../lib/index";
import { type ScrapeProps, scrapeConfigs } from "../../lib/mesh/scrape-config";
import { canaryDashboard } from "../../lib/prometheus/canary-dashboard";
import type { Dashboard } from "../../lib/prometheus/grafana";
import { mtlsDashboard } from "../../lib/prometheus/mtls-dashboard";
import { nodeDashboard } from "../../lib/prometheus/node-dashboard";
import { prometheusOf } from "../../lib/prometheus/prometheus-server";
import { unclaimedRuleFiles } from "../../lib/prometheus/rule-files";
import { declareRuleGroups } from "../../lib/prometheus/rule-group";
import { documentsOf, findManifest, type Manifest } from "../support/examples";
import { meshApp } from "../support/tree";

const prometheus = { address: "http://prometheus.monitoring:9090" } as const;

/** A tree with observability; what else is in it comes after, as in most programs. */
function observed(props: Partial<ObservabilityProps> = {}, app: MeshApp = meshApp()): { app: MeshApp; observability: Observability } {
  return { app, observability: new Observability(app, "monitoring", { prometheus, ...props }) };
}

function objectsIn(app: MeshApp): readonly Manifest[] {
  return app.charts.flatMap((chart) => Testing.synth(chart) as Manifest[]);
}

function textOf(app: MeshApp, path: string): string {
  const found = artefacts(app).find((artefact) => artefact.path === path);
  if (found === undefined) throw new Error(`no artefact ${path}`);
  return found.content;
}

const pool = (app: MeshApp, qualify = {}): TunedNodePool =>
  new TunedNodePool(app, "oslo", {
    nodes: { count: 3, cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country: "NO" },
    distribution: "k3s",
    qualify,
  });

describe("golden", () => {
  test("Prometheus' scrape configuration", async () => {
    const { app } = observed({ nodes: { etcdMetricsPort: 2381 } });
    await expect(textOf(app, "prometheus/scrape-configs.yaml")).toMatchFileSnapshot("../golden/mesh/observability.scrape-configs.yaml");
  });

  test("Kiali's values with nothing asked for", () => {
    const { app } = observed({ kiali: {} });
    expect(textOf(app, "kiali/values.yaml")).toMatchInlineSnapshot(`
      "auth:
        strategy: token
      deployment:
        cluster_wide_access: true
        ingress:
          enabled: false
        pod_labels:
          sidecar.istio.io/inject: "false"
        view_only_mode: true
      external_services:
        grafana:
          enabled: false
        istio:
          root_namespace: istio-system
        prometheus:
          url: http://prometheus.monitoring:9090
        tracing:
          enabled: false
      "
    `);
  });

  test("the rules of a pool", async () => {
    const { app } = observed({ nodes: { etcdMetricsPort: 2381 } });
    pool(app, { iowaitBelow: "4%" });
    await expect(textOf(app, "prometheus/rules/nodes-oslo.yaml")).toMatchFileSnapshot("../golden/mesh/observability.nodes-oslo.yaml");
  });
});

describe("an Observability", () => {
  test("tells the tree where its Prometheus is", () => {
    const { app } = observed({ prometheus: { address: "http://prometheus.monitoring:9090/" } });
    expect(prometheusOf(app)).toEqual({ address: "http://prometheus.monitoring:9090", interval: "15s" });
  });

  test("puts nothing into the cluster unless asked", () => {
    const { app } = observed({ kiali: {} });
    expect(objectsIn(app)).toEqual([]);
    expect(artefacts(app).map(({ path }) => path)).toEqual([
      "prometheus/scrape-configs.yaml",
      "prometheus/rules/mesh-metrics.yaml",
      "grafana/meshground-canary.json",
      "grafana/meshground-mtls.json",
      "grafana/meshground-nodes.json",
      "kiali/values.yaml",
    ]);
  });

  test("hands the operator objects, with the labels that it selects by, and no files", () => {
    const { app } = observed({
      prometheus: { ...prometheus, managedBy: "operator", selectedBy: { release: "stack" } },
      dashboards: "none",
    });
    const objects = objectsIn(app);
    expect(objects.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace, metadata.labels])).toEqual([
      ["PrometheusRule", "meshground", "monitoring", { release: "stack" }],
      ["PodMonitor", "istio-proxies", "monitoring", { release: "stack" }],
      ["PodMonitor", "istiod", "monitoring", { release: "stack" }],
      ["ScrapeConfig", "node-exporter", "monitoring", { release: "stack" }],
    ]);
    expect(artefacts(app)).toEqual([]);
  });

  test("brings rules that are declared after it", () => {
    const { app } = observed({ prometheus: { ...prometheus, managedBy: "operator" } });
    declareRuleGroups(app, () => [{ name: "later", rules: [{ record: "a:b:c", expr: "vector(1)" }] }]);
    pool(app);
    const groups = findManifest(objectsIn(app), "PrometheusRule", "meshground").spec?.groups as readonly { name: string }[];
    expect(groups.map(({ name }) => name)).toEqual(["mesh-metrics", "nodes-oslo", "later"]);
  });

  test("looks for istiod where the tree's control planes are", () => {
    const { app } = observed({ prometheus: { ...prometheus, managedBy: "operator" } });
    new IstioControlPlane(app, "mesh", { namespace: "istio-control" });
    const { spec } = findManifest(objectsIn(app), "PodMonitor", "istiod");
    expect(spec).toMatchObject({ namespaceSelector: { matchNames: ["istio-control"] } });
  });

  test("gives Grafana's sidecar ConfigMaps with its label", () => {
    const { app } = observed({ dashboards: "ConfigMap" });
    const found = objectsIn(app).filter(({ kind }) => kind === "ConfigMap");
    expect(found.map(({ metadata }) => [metadata.name, metadata.labels])).toEqual(
      ["canary", "mtls", "nodes"].map((name) => [`meshground-${name}`, { grafana_dashboard: "1" }]),
    );
    for (const { data, metadata } of found) {
      const text = (data as Record<string, string>)[`${metadata.name}.json`] ?? "";
      expect(JSON.parse(text)).toMatchObject({ uid: metadata.name });
    }
  });

  test("is one in a tree", () => {
    const { app } = observed();
    expect(() => new Observability(app, "again", { prometheus })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: again: 1 invalid prop
        is the second of its tree. One Prometheus judges a mesh.]
    `);
  });

  test("names every invalid prop at once", () => {
    const props = {
      prometheus: { address: "prometheus:9090", interval: "1s" },
      kiali: { auth: { clientId: "", issuer: "http://login.example.no" } },
      dashboards: "grafana",
    } as unknown as ObservabilityProps;
    expect(() => new Observability(meshApp(), "monitoring", props)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: monitoring: 5 invalid props
        dashboards: got "grafana", expected one of "files", "ConfigMap", "none".
        kiali.auth.clientId: got "", expected text on one line, not empty, without control characters.
        kiali.auth.issuer: expected an address with https: whoever is on the way could log in as anybody. What is there is not shown: it may hold a password.
        prometheus.address: expected an address such as http://prometheus.monitoring:9090, without a login, a query or a fragment. What is there is not shown: it may hold a password.
        prometheus.interval: got "1s", expected a duration from 5s to 2m, such as "500ms", "2s" or "1m".]
    `);
  });

  test.each([
    "http://user:secret@prometheus:9090",
    "ftp://prometheus",
    "http://prometheus:9090?x=1",
    "http://prom etheus",
    "http:\\\\prometheus",
    "",
    9090,
  ])("refuses %j as an address", (address) => {
    expect(() => observed({ prometheus: { address: address as string } })).toThrow("prometheus.address");
  });
});

test("the checks find nothing in it, in a mesh that is strict throughout", () => {
  const app = meshApp({ checks: { strict: true } });
  new IstioControlPlane(app, "mesh", { mtls: "strict", outbound: "REGISTRY_ONLY" });
  new StrictMtlsNamespace(app, "prometheus", { name: "monitoring", stage: "strict", networkPolicies: "calls" });
  observed({ prometheus: { ...prometheus, managedBy: "operator" }, dashboards: "ConfigMap", kiali: { inMesh: true } }, app);
  expect(documentsOf(app.synthYaml()).map(({ kind }) => kind)).toEqual(expect.arrayContaining(["PrometheusRule", "ScrapeConfig"]));
  expect(findings(app)).toEqual([]);
});

describe("Kiali", () => {
  test("without a login is refused, unless somebody says why", () => {
    expect(() => observed({ kiali: { auth: "anonymous" } })).toThrow("MG0710");
    const { app } = observed({ kiali: { auth: "anonymous" }, suppress: { MG0710: "a sandbox without data" } });
    expect(parse(textOf(app, "kiali/values.yaml"))).toMatchObject({ auth: { strategy: "anonymous" } });
    expect(findings(app)).toMatchObject([{ code: "MG0710", suppressed: "a sandbox without data" }]);
  });

  test("logs in by an OpenID provider, as users of Kubernetes", () => {
    const { app } = observed({
      kiali: {
        auth: { clientId: "kiali", issuer: "https://login.example.no/realms/platform" },
        grafana: { url: "https://grafana.example.no", internalUrl: "http://grafana.monitoring:3000" },
        signingKey: { secret: "kiali-signing-key", key: "key" },
      },
    });
    expect(parse(textOf(app, "kiali/values.yaml"))).toMatchObject({
      auth: { strategy: "openid", openid: { client_id: "kiali", disable_rbac: false } },
      external_services: { grafana: { internal_url: "http://grafana.monitoring:3000" } },
      login_token: { signing_key: "secret:kiali-signing-key:key" },
    });
  });

  test("is told of a Prometheus that may be behind STRICT, once", () => {
    const { app } = observed({ kiali: {} });
    new StrictMtlsNamespace(app, "prometheus", { name: "monitoring", stage: "strict" });
    app.synthYaml();
    app.synthYaml();
    expect(findings(app).filter(({ code }) => code === "MG0711")).toHaveLength(1);
  });

  test.each([
    ["in a namespace that is not of the tree", {}, "shop", "strict"],
    ["in a permissive namespace", {}, "monitoring", "permissive"],
    ["that is asked from inside the mesh", { inMesh: true }, "monitoring", "strict"],
  ] as const)("is told nothing of a Prometheus %s", (_where, kiali, name, stage) => {
    const { app } = observed({ kiali });
    new StrictMtlsNamespace(app, "prometheus", { name, stage });
    app.synthYaml();
    expect(findings(app).filter(({ code }) => code === "MG0711")).toEqual([]);
  });
});

/** The steps of relabeling that write the address, of every job. */
function addressSteps(props: Partial<ScrapeProps> = {}): readonly { readonly regex: string; readonly replacement: string }[] {
  return scrapeConfigs({ interval: "15s", controlPlanes: [], ...props }).flatMap(({ relabel_configs: steps }) =>
    (steps as { target_label?: string; regex: string; replacement: string }[]).filter(({ target_label: label }) => label === "__address__"),
  );
}

describe("a scrape", () => {
  test("never goes to a port that is behind mTLS", () => {
    expect(addressSteps({ nodeExporterPort: 9100, etcdMetricsPort: 2381 }).map(({ replacement }) => replacement)).toEqual(
      [15020, 15014, 9100, 2381].flatMap((port) => [`$1:${port}`, `[$1]:${port}`]),
    );
  });

  test("writes any address with its port, one of IPv6 in brackets", () => {
    const steps = addressSteps().slice(0, 2);
    const addressOf = (ip: string): string =>
      steps.reduce((address, { regex, replacement }) => {
        const match = new RegExp(`^(?:${regex})$`).exec(ip);
        return match === null ? address : replacement.replace("$1", match[1] ?? "");
      }, "");
    expect(addressOf("10.0.0.7")).toBe("10.0.0.7:15020");
    fc.assert(fc.property(fc.ipV4(), (ip) => addressOf(ip) === `${ip}:15020`));
    fc.assert(fc.property(fc.ipV6(), (ip) => addressOf(ip) === `[${ip}]:15020`));
  });
});

describe("rules of a tree", () => {
  const group = (name: string): { name: string; rules: [{ record: string; expr: string }] } => ({
    name,
    rules: [{ record: "a:b:c", expr: "vector(1)" }],
  });

  test("are written as files where nobody brings them to Prometheus", () => {
    const app = meshApp();
    declareRuleGroups(app, () => [group("shop/pricing canary")]);
    const [file] = unclaimedRuleFiles(app);
    expect(file?.path).toBe("prometheus/rules/shop-pricing-canary.yaml");
    expect(documentsOf(file?.content ?? "")).toEqual([{ groups: [group("shop/pricing canary")] }]);
    observed({}, app);
    expect(unclaimedRuleFiles(app)).toEqual([]);
  });

  test("are refused where two groups would be one file", () => {
    const app = meshApp();
    declareRuleGroups(app, () => [group("shop/pricing"), group("Shop-Pricing")]);
    expect(() => unclaimedRuleFiles(app)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: rules: 1 invalid prop
        name: got "Shop-Pricing", expected a group whose file is not that of "shop/pricing".]
    `);
  });
});

describe("each dashboard", () => {
  test.each<Dashboard>([canaryDashboard(), mtlsDashboard(), nodeDashboard()])(
    "$title: panels neither overlap nor leave the grid",
    ({ panels }) => {
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
      expect(panels.map(({ id }) => id)).toEqual(panels.map((_, index) => index + 1));
    },
  );

  test("the nodes' says what cannot be seen from outside a pod", () => {
    const text = JSON.stringify(nodeDashboard().panels.filter(({ type }) => type === "text"));
    expect(text).toContain("net.core.somaxconn");
    expect(text).toContain("nf_conntrack_max");
  });
});
