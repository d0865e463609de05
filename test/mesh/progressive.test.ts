import { ApiObject, type Chart, JsonPatch } from "cdk8s";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { movedFieldsOf } from "../../lib/core/moved-fields";
import { yamlDocuments } from "../../lib/core/yaml";
import {
  CanaryService,
  type CanaryServiceProps,
  checkApp,
  findings,
  IstioControlPlane,
  type MeshApp,
  Release,
  useReleases,
} from "../../lib/index";
import { registerPrometheus } from "../../lib/prometheus/prometheus-server";
import { ruleGroupsOf } from "../../lib/prometheus/rule-group";
import { findManifest, type Manifest } from "../support/examples";
import { meshApp, namespace, objectsOf, plainChart, service, today, twoVersions } from "../support/tree";

const abortWhen = { p99Above: "200ms", errorsAbove: "1%", over: "1m", noTraffic: "hold" } as const;
const image = "registry.example.no/pricing:2.0.0";
const prometheus = "http://prometheus.monitoring:9090";
const argo = { controller: "argo-rollouts", steps: [5, 50], abortWhen, prometheus } as const;
const flagger = { controller: "flagger", steps: [5, 50], abortWhen: { ...abortWhen, noTraffic: "abort" }, prometheus } as const;
const byArgo = Release.progressive({ ...argo, image });
const byFlagger = Release.progressive({ ...flagger, image });

function legacy(scope: Chart, labels: object = { version: "2.0.0" }): ApiObject {
  const template = { metadata: { labels }, spec: { serviceAccountName: "legacy", containers: [{ name: "app", image }] } };
  const spec = { replicas: 3, selector: { matchLabels: { app: "legacy" } }, template };
  return new ApiObject(scope, "legacy", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "legacy" }, spec });
}

const kindsOf = (objects: readonly Manifest[]): readonly string[] => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const movedIn = (app: MeshApp): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    app.charts
      .flatMap((chart) => chart.node.findAll())
      .filter((construct) => movedFieldsOf(construct).length > 0)
      .map((construct) => [`${(construct as ApiObject).kind} ${(construct as ApiObject).name}`, movedFieldsOf(construct)]),
  );

describe("a release that Argo Rollouts moves", () => {
  test("is a Rollout and its analysis, beside the service's own routes", async () => {
    const app = meshApp();
    service(namespace({}, app), "pricing", { release: byArgo });
    const objects = objectsOf(app);
    const rendered = objects.filter(({ kind }) => kind === "Rollout" || kind === "AnalysisTemplate");
    const short = rendered.map((object) => (object.kind === "Rollout" ? withoutPods(object) : object));
    await expect(yamlDocuments(short)).toMatchFileSnapshot("../golden/mesh/argo-rollouts.image.yaml");
    expect(kindsOf(objects.filter(({ metadata }) => metadata.name.startsWith("pricing")))).toEqual([
      "DestinationRule pricing",
      "VirtualService pricing",
      "Service pricing",
      "AnalysisTemplate pricing",
      "AnalysisTemplate pricing-traffic",
      "Rollout pricing",
      "ServiceAccount pricing",
      "PodDisruptionBudget pricing",
    ]);
  });

  test("takes over a running Deployment, which is scaled down by the controller", async () => {
    const app = meshApp();
    const shop = namespace({}, app);
    service(shop, "pricing", { release: Release.progressive({ ...argo, workload: legacy(shop) }) });
    const rollout = findManifest(objectsOf(app), "Rollout", "pricing");
    await expect(yamlDocuments([rollout])).toMatchFileSnapshot("../golden/mesh/argo-rollouts.workload.yaml");
    expect(movedIn(app)["Deployment legacy"]).toEqual(["spec.replicas"]);
    const { template } = findManifest(objectsOf(app), "Deployment", "legacy").spec as { template: { metadata: { labels: object } } };
    expect(template.metadata.labels).toEqual({ version: "2.0.0", "meshground.io/service": "pricing" });
  });

  test("has two subsets of the same pods, which the controller tells apart, with all the traffic on the stable one", () => {
    const { virtualService, destinationRule } = service(namespace(), "pricing", { release: byArgo });
    const labels = { "meshground.io/service": "pricing" };
    expect(destinationRule?.toJson().spec.subsets).toEqual([
      { name: "stable", labels },
      { name: "canary", labels },
    ]);
    expect(virtualService?.toJson().spec.http).toEqual([
      {
        name: "weighted",
        route: [
          { destination: { host: "pricing", subset: "stable" }, weight: 100 },
          { destination: { host: "pricing", subset: "canary" }, weight: 0 },
        ],
      },
    ]);
  });

  test("ejects pods of the canary down to the last one, and of the stable version only some", () => {
    const { destinationRule } = service(namespace(), "pricing", {
      release: byArgo,
      circuitBreaker: { eject: { after5xx: 5, for: "30s" } },
    });
    const subsets = destinationRule?.toJson().spec.subsets as readonly { readonly trafficPolicy: { readonly outlierDetection: object } }[];
    expect(subsets.map(({ trafficPolicy }) => trafficPolicy.outlierDetection)).toMatchObject([
      { maxEjectionPercent: 50 },
      { maxEjectionPercent: 100 },
    ]);
  });

  test("leaves to the controller what it moves, and nothing else", () => {
    const app = meshApp();
    const control = new IstioControlPlane(app, "istio", {});
    const pricing = service(namespace({}, app), "pricing", { release: byArgo, replicas: { min: 2, max: 9 } });
    control.addIngressGateway("edge").expose(pricing, { host: "pay.example.no", tls: "none" });
    expect(movedIn(app)).toEqual({
      "DestinationRule pricing": ['spec.subsets[*].labels["rollouts-pod-template-hash"]'],
      "Rollout pricing": ["spec.replicas"],
      "VirtualService pricing": ["spec.http[*].route[*].weight"],
      "VirtualService pricing-edge-pay-example-no": ["spec.http[*].route[*].weight"],
    });
    const objects = objectsOf(app);
    expect(findManifest(objects, "Rollout", "pricing").spec?.replicas).toBeUndefined();
    expect(findManifest(objects, "HorizontalPodAutoscaler", "pricing").spec?.scaleTargetRef).toEqual({
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      name: "pricing",
    });
  });

  test("changes the pods' version and the analysis' argument together, and no template of an analysis", () => {
    const rendered = (tag: string): readonly Manifest[] => {
      const app = meshApp();
      service(namespace({}, app), "pricing", { release: Release.progressive({ ...argo, image: `registry.example.no/pricing:${tag}` }) });
      return objectsOf(app);
    };
    const [before, after] = [rendered("1"), rendered("2")];
    const changed = after.filter((object, index) => JSON.stringify(object) !== JSON.stringify(before[index]));
    expect(kindsOf(changed)).toEqual(["Rollout pricing"]);
    const text = JSON.stringify(changed[0]);
    const version = /"version":"(2-[0-9a-f]{10})"/.exec(text)?.[1];
    expect([...text.matchAll(/"name":"version","value":"([^"]*)"/g)].map((match) => match[1])).toEqual([version, version, version]);
  });

  test("works with the address of Prometheus that is known when the tree is complete, and says when there is none", () => {
    const { prometheus: _none, ...without } = argo;
    const app = meshApp();
    const shop = namespace({}, app);
    const pricing = service(shop, "pricing", { release: Release.progressive({ ...without, image }) });
    expect(pricing.node.validate()).toEqual([
      'release.prometheus: got nothing, expected the address of Prometheus, as the controller reaches it. Say prometheus: "http://prometheus.monitoring:9090", or add an Observability to the tree.',
    ]);
    registerPrometheus(app, { address: "http://elsewhere:9090", interval: "15s" });
    expect(pricing.node.validate()).toEqual([]);
    const template = findManifest(objectsOf(app), "AnalysisTemplate", "pricing");
    expect(JSON.stringify(template)).toContain('"address":"http://elsewhere:9090"');
  });

  test("under Flagger waits with hooks that Flagger knows", () => {
    const app = meshApp();
    const shop = namespace({}, app);
    service(shop, "pricing", { release: byFlagger });
    const deployment = findManifest(objectsOf(app), "Deployment", "pricing");
    expect(deployment.spec).toMatchObject({
      template: { spec: { containers: [{ lifecycle: { preStop: { exec: { command: ["sleep", "10"] } } } }] } },
    });
    const own = legacy(shop);
    own.addJsonPatch(JsonPatch.add("/spec/template/spec/containers/0/lifecycle", { preStop: { sleep: { seconds: 5 } } }));
    const adopting = service(shop, "adopting", { release: Release.progressive({ ...flagger, workload: own }) });
    expect(adopting.node.findAll().flatMap((construct) => construct.node.validate())).toEqual([
      'release.workload: legacy has a hook of kind sleep, which Flagger leaves out of its copy: its pods could not start. Use exec: { command: ["sleep", "10"] }, in an image that has it.',
    ]);
  });

  test("is measured over a window in which Prometheus scrapes often enough", () => {
    const app = meshApp();
    const { prometheus: _none, ...without } = argo;
    registerPrometheus(app, { address: prometheus, interval: "30s" });
    const pricing = service(namespace({}, app), "pricing", { release: Release.progressive({ ...without, image }) });
    expect(pricing.node.validate()).toEqual([
      'release.abortWhen.over: got "1m", expected at least four times the time between two scrapes. Prometheus scrapes every 30s: in a shorter window it may see nothing. Lengthen it, or set the Observability\'s interval.',
    ]);
    registerPrometheus(app, { address: prometheus, interval: "15s" });
    expect(pricing.node.validate()).toEqual([]);
  });

  const routed = fc.record(
    {
      retries: fc.constantFrom<NonNullable<CanaryServiceProps["retries"]>>(
        { attempts: 2, perTryTimeout: "100ms", on: ["gateway-error"], methods: ["GET", "HEAD"] },
        { attempts: 2, perTryTimeout: "100ms", on: ["gateway-error"], methods: "all" },
        { attempts: 0, perTryTimeout: "100ms", on: ["gateway-error"], methods: ["GET"] },
      ),
      extraPorts: fc.constant([
        { name: "http-admin", port: 9000, targetPort: 9000 },
        { name: "tcp-db", port: 9001, targetPort: 9001 },
      ]),
      testers: fc.constantFrom({ header: "x-tester", value: "yes", to: "canary" }, { header: "x-tester", value: "yes", to: "stable" }),
      circuitBreaker: fc.constant({ eject: { after5xx: 5, for: "30s" } } as const),
    },
    { requiredKeys: [] },
  );

  test("names every route between the two versions, in every VirtualService, and no other route", () => {
    fc.assert(
      fc.property(routed, fc.boolean(), (props, exposed) => {
        const app = meshApp();
        const control = new IstioControlPlane(app, "istio", {});
        const pricing = service(namespace({}, app), "pricing", {
          release: byArgo,
          timeout: "2s",
          suppress: { MG0303: "a test" },
          ...props,
        });
        if (exposed) control.addIngressGateway("edge").expose(pricing, { host: "pay.example.no", tls: "none" });
        const objects = objectsOf(app);
        const listed = listedRoutes(findManifest(objects, "Rollout", "pricing"));
        const between = objects
          .filter(({ kind }) => kind === "VirtualService")
          .map(({ metadata, spec }) => ({ name: metadata.name, routes: routesBetween(spec as unknown as Routes) }));
        expect(listed).toEqual(between);
        expect(listed.every(({ routes }) => new Set(routes).size === routes.length && routes.length > 0)).toBe(true);
      }),
    );
  });
});

describe("a release that Flagger moves", () => {
  test("is a Deployment, a Canary and its metrics, without a Service or routes of ours", () => {
    const app = meshApp();
    const pricing = service(namespace({}, app), "pricing", { release: byFlagger, replicas: { min: 2, max: 9 } });
    const objects = objectsOf(app).filter(({ metadata }) => metadata.name.startsWith("pricing"));
    expect(kindsOf(objects)).toEqual([
      "Deployment pricing",
      "HorizontalPodAutoscaler pricing",
      "ServiceAccount pricing",
      "PodDisruptionBudget pricing",
      "Canary pricing",
      "MetricTemplate pricing-errors",
      "MetricTemplate pricing-p99",
    ]);
    expect([pricing.virtualService, pricing.destinationRule]).toEqual([undefined, undefined]);
    expect(movedIn(app)).toEqual({ "Deployment pricing": ["spec.replicas"] });
    expect(findManifest(objects, "Canary", "pricing").spec?.autoscalerRef).toMatchObject({ name: "pricing" });
  });

  test("selects the Deployment's pods by the label that Flagger rewrites, and everything else by one that it leaves", () => {
    const app = meshApp();
    service(namespace({}, app), "pricing", { release: byFlagger });
    const objects = objectsOf(app);
    const { selector, template } = findManifest(objects, "Deployment", "pricing").spec as {
      selector: object;
      template: { metadata: { labels: object } };
    };
    expect(selector).toEqual({ matchLabels: { app: "pricing" } });
    expect(template.metadata.labels).toMatchObject({ app: "pricing", "meshground.io/service": "pricing" });
    expect(findManifest(objects, "PodDisruptionBudget", "pricing").spec?.selector).toEqual({
      matchLabels: { "meshground.io/service": "pricing" },
    });
  });

  test("takes the user's own Deployment by its name", () => {
    const app = meshApp();
    const shop = namespace({}, app);
    service(shop, "pricing", { release: Release.progressive({ ...flagger, workload: legacy(shop) }) });
    const canary = findManifest(objectsOf(app), "Canary", "pricing");
    expect(canary.spec).toMatchObject({ targetRef: { name: "legacy" }, service: { name: "pricing" } });
    expect(movedIn(app)).toEqual({ "Deployment legacy": ["spec.replicas"] });
  });

  test("is exposed by Flagger's own route, and its gateway let in", () => {
    const app = meshApp();
    const control = new IstioControlPlane(app, "istio", {});
    const pricing = service(namespace({}, app), "pricing", { release: byFlagger });
    control.addIngressGateway("edge").expose(pricing, { host: "pay.example.no", tls: "none" });
    const objects = objectsOf(app);
    expect(findManifest(objects, "Canary", "pricing").spec?.service).toMatchObject({
      hosts: ["pay.example.no"],
      gateways: ["istio-system/edge-pay-example-no", "mesh"],
    });
    expect(kindsOf(objects)).not.toContainEqual(expect.stringContaining("VirtualService"));
    expect(kindsOf(objects)).toContain("AuthorizationPolicy pricing-callers");
  });
});

describe("the checks", () => {
  test.each([
    ["Argo Rollouts", { release: Release.progressive({ ...argo, steps: [0, 5, 50], image }), replicas: { min: 2, max: 9 } }],
    ["Flagger", { release: byFlagger }],
  ] satisfies [string, Partial<CanaryServiceProps>][])("find nothing in a tree that %s moves", (_controller, props) => {
    const app = meshApp();
    const control = new IstioControlPlane(app, "istio", {});
    const shop = namespace({ stage: "strict", networkPolicies: "calls" }, app);
    const pricing = service(shop, "pricing", { timeout: "1s", ...props });
    const web = service(shop, "web", { timeout: "2s" }).calls(pricing);
    control.addIngressGateway("edge").expose(web, { host: "shop.example.no", tls: "none" });
    control.addIngressGateway("inner").expose(pricing, { host: "pay.example.no", tls: "none" });
    expect(checkApp(app).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  });
});

describe("bad input", () => {
  const refused = (release: object, props: Partial<CanaryServiceProps> = {}): (() => unknown) => {
    const shop = namespace();
    return () => service(shop, "pricing", { release: Release.progressive(release as never), ...props });
  };

  test("is named all at once, with its path", () => {
    const bad = { controller: "argo-rollouts", steps: [50, 5, 101], pause: "10ms", prometheus: "http://me:secret@prometheus" };
    expect(
      refused({ ...bad, abortWhen: { over: "1s", every: "1ms", noTraffic: "wait" }, webhooks: {} }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/pricing: 7 invalid props
        release.abortWhen.every: got "1ms", expected a duration of at least 1s, such as "500ms", "2s" or "1m".
        release.abortWhen.noTraffic: got "wait", expected one of "hold", "promote", "abort".
        release.abortWhen.over: got "1s", expected a duration of at least 10s, such as "500ms", "2s" or "1m".
        release.pause: got "10ms", expected a duration from 1s to 8760h, such as "500ms", "2s" or "1m".
        release.prometheus: expected an http:// or https:// address without user, password and #. What is there is not shown: it may hold a password.
        release.steps[2]: got 101, expected a whole number from 0 to 100.
        release.webhooks: unknown prop. Known: kind, image, workload, steps, prometheus, controller, pause, abortWhen.]
    `);
  });

  test.each([
    ["no source", { ...argo }, {}, "release: expected exactly one of image and workload, got 0."],
    ["two sources", { ...argo, image, workload: {} }, {}, "release: expected exactly one of image and workload, got 2."],
    [
      "weights that do not rise",
      { ...argo, image, steps: [5, 5] },
      {},
      "release.steps[1]: got 5, expected more than the step before it, 5.",
    ],
    ["no weight above 0", { ...argo, image, steps: [0] }, {}, "release.steps: got [0], expected at least one weight above 0."],
    ["no step", { ...argo, image, steps: [] }, {}, "release.steps: got [], expected at least one item."],
    ["an unknown controller", { ...argo, image, controller: "argo" }, {}, "release.controller"],
    ["webhooks for Argo Rollouts", { ...argo, image, webhooks: {} }, {}, "release.webhooks: unknown prop."],
    ["rollBack", { ...argo, image, rollBack: true }, {}, "release.rollBack: unknown prop."],
    ["no threshold", { ...argo, image, abortWhen: { over: "1m", noTraffic: "hold" } }, {}, "expected p99Above, errorsAbove or both."],
    ["Flagger that cannot hold", { ...flagger, image, abortWhen }, {}, "release.webhooks.confirmTrafficIncrease: got nothing"],
    ["a webhook that is no address", { ...flagger, image, webhooks: { confirmRollout: "gate:80" } }, {}, "release.webhooks.confirmRollout"],
    [
      "a webhook with a password",
      { ...flagger, image, webhooks: { loadTest: { url: "http://a:b@c", command: "hey" } } },
      {},
      "release.webhooks.loadTest.url",
    ],
    ["a Prometheus on two lines", { ...argo, image, prometheus: "http://a\n:9090" }, {}, "release.prometheus"],
    [
      "a tester of a pinned version",
      { ...argo, image },
      { testers: { header: "x", value: "1", to: "v2" } },
      'testers.to: got "v2", expected "canary" or "stable".',
    ],
    ["a mirror", { ...argo, image }, { mirror: { to: "canary", percent: 1 } }, "mirror: is for Release.pinned"],
    ["a mirror for Flagger", { ...flagger, image }, { mirror: { to: "canary", percent: 1 } }, "mirror: Flagger makes the route itself"],
    ["a selector that changes", { ...argo, image }, { podSelector: { version: "1" } }, "podSelector.version"],
    ["a selector that Flagger rewrites", { ...flagger, image }, { podSelector: { app: "pricing" } }, "podSelector.app"],
    ["no pods", { ...argo, image }, { replicas: 0 }, "replicas: got 0, expected at least 1"],
    ["a workload that is no Deployment", { ...argo, workload: {} }, {}, "release.workload"],
  ] as const)("refuses %s", (_what, release, props, message) => {
    expect(refused(release, props as Partial<CanaryServiceProps>)).toThrow(message);
  });

  test("refuses a Deployment whose pods have no version, and what it says itself", () => {
    const shop = namespace();
    const release = Release.progressive({ ...argo, workload: legacy(shop, { app: "legacy" }) });
    expect(() => service(shop, "pricing", { release, env: { A: "1" }, serviceAccountName: "other" })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/pricing: 3 invalid props
        env: is for a release with an image: a Deployment of one's own says it itself.
        release.workload.serviceAccountName: got "legacy", expected other, the service's own: policies would name an account that the pods do not run as.
        release.workload.version: got nothing, expected a label version on the Deployment's pods, another one at each release: Istio's metrics tell the canary from the stable version by it.]
    `);
  });

  test("refuses a chart without a namespace, by which metrics are picked", () => {
    const chart = plainChart();
    useReleases(chart, today);
    expect(() => service(chart, "pricing", { release: byArgo })).toThrow("release: got nothing, expected a chart with a namespace");
    const alerting = Release.pinned({ ...twoVersions, alertWhen: { errorsAbove: "1%", over: "1m" } });
    expect(() => service(chart, "other", { release: alerting })).toThrow(
      "release.alertWhen: got nothing, expected a chart with a namespace",
    );
  });

  test("does not compile where the type can tell", () => {
    // @ts-expect-error going back is the former image
    Release.progressive({ ...argo, image, rollBack: true });
    // @ts-expect-error an image or a workload
    Release.progressive({ ...argo, image, workload: {} });
    // @ts-expect-error one of them
    Release.progressive({ ...argo });
    // @ts-expect-error webhooks are Flagger's
    Release.progressive({ ...argo, image, webhooks: { confirmRollout: "http://gate" } });
    // @ts-expect-error a share has its sign
    Release.progressive({ ...argo, image, abortWhen: { ...abortWhen, errorsAbove: "1" } });
    // @ts-expect-error what happens without traffic must be said
    Release.progressive({ ...argo, image, abortWhen: { p99Above: "1s", over: "1m" } });
    expect(() => CanaryService).not.toThrow();
  });
});

describe("a pinned release", () => {
  test("with alertWhen brings alerts that name every VirtualService to take back", () => {
    const app = meshApp();
    const control = new IstioControlPlane(app, "istio", {});
    const release = Release.pinned({ ...twoVersions, alertWhen: { errorsAbove: "1%", over: "1m" } });
    const pricing = service(namespace({}, app), "pricing", { release });
    control.addIngressGateway("edge").expose(pricing, { host: "pay.example.no", tls: "none" });
    const group = ruleGroupsOf(app).find(({ name }) => name === "meshground-release-shop-pricing");
    const text = JSON.stringify(group);
    expect(text).toContain("patch virtualservice pricing ");
    expect(text).toContain("patch virtualservice pricing-edge-pay-example-no ");
  });

  test("says that weights break session affinity, as a progressive one does", () => {
    const shop = namespace();
    service(shop, "pricing", { release: byArgo, sessionAffinity: { by: "cookie", name: "s", ttl: "1h" } });
    expect(findings(shop).map(({ code }) => code)).toEqual(["MG0305"]);
  });
});

interface Routes {
  readonly http: readonly { readonly name?: string; readonly route: readonly { readonly destination: { readonly subset: string } }[] }[];
}

/** Names of the routes between the two versions; a route without a name is a hole in the list. */
function routesBetween({ http }: Routes): readonly (string | undefined)[] {
  return http.filter(({ route }) => new Set(route.map(({ destination }) => destination.subset)).size === 2).map(({ name }) => name);
}

function listedRoutes({ spec }: Manifest): readonly { readonly name: string; readonly routes: readonly string[] }[] {
  const { strategy } = spec as {
    strategy: { canary: { trafficRouting: { istio: { virtualServices: { name: string; routes: string[] }[] } } } };
  };
  return strategy.canary.trafficRouting.istio.virtualServices;
}

/** A Rollout without its pods' spec, which is a Deployment's. */
function withoutPods(rollout: Manifest): Manifest {
  const { template, ...spec } = rollout.spec as { template: { metadata: object } };
  return { ...rollout, spec: { ...spec, template: { metadata: template.metadata } } };
}
