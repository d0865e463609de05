import { App, Chart, Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { yamlDocuments } from "../../lib/core/yaml";
import { CanaryService, type CanaryServiceProps, findings, IstioControlPlane, MeshApp, Release, useReleases } from "../../lib/index";
import { findManifest, type Manifest } from "../support/examples";
import { meshApp, namespace, objectsOf, plainChart, service, twoVersions } from "../support/tree";

const kindsOf = (objects: readonly Manifest[]): readonly string[] => objects.map(({ kind }) => kind);

describe("golden", () => {
  test("with no optional props: what makes it reachable, and what runs it", async () => {
    const shop = namespace({ access: "open" });
    const { serviceName } = service(shop);
    const objects = (Testing.synth(shop) as Manifest[]).filter(({ metadata }) => metadata.name === serviceName);
    await expect(yamlDocuments(objects)).toMatchFileSnapshot("../golden/mesh/canary-service.defaults.yaml");
    const deployment = findManifest(Testing.synth(shop) as Manifest[], "Deployment", "pricing-v1");
    await expect(yamlDocuments([deployment])).toMatchFileSnapshot("../golden/mesh/canary-service.deployment.yaml");
  });

  test("traffic with everything asked for", async () => {
    const shop = namespace();
    const full = service(shop, "payment-service", {
      replicas: { min: 3, max: 10 },
      timeout: "2s",
      retries: { attempts: 3, perTryTimeout: "400ms", on: ["gateway-error", "connect-failure"], methods: ["GET"] },
      circuitBreaker: { maxPendingRequests: 100, eject: { after5xx: 5, for: "30s" } },
      testers: { header: "x-release", value: "v2", to: "v2" },
    });
    await expect(yamlDocuments([full.destinationRule?.toJson()])).toMatchFileSnapshot(
      "../golden/mesh/canary-service.destination-rule.yaml",
    );
    await expect(yamlDocuments([full.virtualService?.toJson()])).toMatchFileSnapshot("../golden/mesh/canary-service.virtual-service.yaml");
  });
});

describe("a service", () => {
  test("rolls back without touching a pod", () => {
    const rendered = (rollBack: boolean): readonly Manifest[] => {
      const app = meshApp();
      service(namespace({}, app), "pricing", { release: Release.pinned({ ...twoVersions, rollBack }) });
      return objectsOf(app);
    };
    const [before, after] = [rendered(false), rendered(true)];
    const changed = after.filter((object, index) => JSON.stringify(object) !== JSON.stringify(before[index]));
    expect(kindsOf(changed)).toEqual(["VirtualService"]);
    expect(changed[0]?.spec).toMatchObject({ http: [{ route: [{ weight: 100 }, { weight: 0 }] }] });
  });

  test("selects pods by a label of its own, which delivery controllers do not rewrite", () => {
    const shop = namespace();
    service(shop);
    const objects = Testing.synth(shop) as Manifest[];
    expect(findManifest(objects, "Service", "pricing").spec?.selector).toEqual({ "meshground.io/service": "pricing" });
    expect(findManifest(objects, "Deployment", "pricing-v1").spec?.selector).toEqual({
      matchLabels: { "meshground.io/service": "pricing", version: "v1" },
    });
  });

  test("adds nothing that was not asked for when defaults are none", () => {
    const chart = plainChart();
    useReleases(chart, { istio: "1.18.2", kubernetes: "1.26" });
    service(chart, "pricing", { defaults: "none" });
    const objects = Testing.synth(chart) as Manifest[];
    expect(kindsOf(objects)).toEqual(["DestinationRule", "VirtualService", "Service", "Deployment", "Deployment"]);
    expect(findManifest(objects, "Deployment", "pricing-v1").spec).toEqual({
      selector: { matchLabels: { "meshground.io/service": "pricing", version: "v1" } },
      template: {
        metadata: { labels: { app: "pricing", "meshground.io/service": "pricing", version: "v1" } },
        spec: {
          containers: [{ name: "pricing", image: "registry.example.no/pricing:1.8.0", ports: [{ name: "http", containerPort: 8080 }] }],
        },
      },
    });
  });

  test("works directly under a plain cdk8s app, in a chart of its own", () => {
    const app = new App();
    useReleases(app, { istio: "1.22.0", kubernetes: "1.29" });
    const { virtualService } = service(app as unknown as Chart);
    expect(virtualService?.apiVersion).toBe("networking.istio.io/v1");
    expect(objectsOf(app).length).toBeGreaterThan(5);
  });

  test("needs to know the releases", () => {
    expect(() => service(plainChart())).toThrow(/useReleases|MeshApp/);
  });

  test("stops and starts without losing a request, by the means of the release", () => {
    const podOf = (istio: string, kubernetes: string): { annotations: Record<string, string>; lifecycle: unknown } => {
      const app = new MeshApp({ istio, kubernetes });
      service(namespace({}, app));
      const { template } = findManifest(objectsOf(app), "Deployment", "pricing-v1").spec as {
        template: { metadata: { annotations: Record<string, string> }; spec: { containers: { lifecycle: unknown }[] } };
      };
      return { annotations: template.metadata.annotations, lifecycle: template.spec.containers[0]?.lifecycle };
    };
    expect(podOf("1.18.2", "1.26")).toEqual({
      annotations: { "proxy.istio.io/config": '{"holdApplicationUntilProxyStarts":true,"terminationDrainDuration":"25s"}' },
      lifecycle: { preStop: { exec: { command: ["sleep", "10"] } } },
    });
    expect(podOf("1.30.3", "1.36")).toEqual({
      annotations: { "proxy.istio.io/config": '{"holdApplicationUntilProxyStarts":true,"terminationDrainDuration":"25s"}' },
      lifecycle: { preStop: { sleep: { seconds: 10 } } },
    });
  });

  test("makes callers use mTLS once its namespace is strict, and not before", () => {
    const tlsIn = (stage: "permissive" | "strict"): unknown => service(namespace({ stage })).destinationRule?.toJson().spec.trafficPolicy;
    expect(tlsIn("strict")).toEqual({ tls: { mode: "ISTIO_MUTUAL" } });
    expect(tlsIn("permissive")).toBeUndefined();
  });

  test("says that weights break session affinity", () => {
    const shop = namespace();
    service(shop, "pricing", { sessionAffinity: { by: "cookie", name: "s", ttl: "1h" } });
    expect(findings(shop).map(({ code, path }) => [code, path])).toEqual([["MG0305", "shop/pricing"]]);
  });

  test("runs on its pool, tolerates its taints and carries its sysctls", () => {
    const shop = namespace();
    const pool = {
      poolName: "oslo",
      nodeSelector: { "meshground.io/pool": "oslo" },
      taints: [{ key: "dedicated", value: "shop", effect: "NoSchedule" as const }],
      podSysctls: [{ name: "net.ipv4.ip_local_port_range", value: "32768 60999" }],
    };
    service(shop, "pricing", { pool });
    const deployment = findManifest(Testing.synth(shop) as Manifest[], "Deployment", "pricing-v1");
    expect(deployment.spec).toMatchObject({
      template: {
        spec: {
          nodeSelector: pool.nodeSelector,
          tolerations: [{ key: "dedicated", operator: "Equal", value: "shop", effect: "NoSchedule" }],
          securityContext: { sysctls: pool.podSysctls, runAsNonRoot: true },
        },
      },
    });
  });
});

describe("bad input", () => {
  test("names every invalid prop at once, and creates nothing", () => {
    const chart = namespace();
    const before = chart.node.findAll().length;
    const wrong = {
      port: 0,
      timeout: "2",
      replicas: { min: 5, max: 2 },
      retry: {},
      release: Release.pinned({ stable: { name: "V1", image: "a b" }, canary: { name: "v2", image: "x", weight: 101 } }),
    } as unknown as ConstructorParameters<typeof CanaryService>[2];
    expect(() => new CanaryService(chart, "pricing", wrong)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/pricing: 7 invalid props
        port: got 0, expected a whole number from 1 to 65535.
        release.canary.weight: got 101, expected a whole number from 0 to 100.
        release.stable.image: got "a b", expected an image such as registry.example.no/shop/pricing:2.4.1 or …@sha256:….
        release.stable.name: got "V1", expected a name of at most 63 characters (RFC 1123): lower-case letters, digits and dashes, starting and ending with a letter or digit.
        replicas.min: got 5, expected at most max, 2.
        retry: unknown prop. Known: name, port, targetPort, protocol, extraPorts, podSelector, serviceAccountName, release, replicas, pool, nodeSelector, timeout, retries, circuitBreaker, testers, mirror, sessionAffinity, sidecar, tls, env, resources, health, defaults, suppress.
        timeout: got "2", expected a duration of at least 1ms, such as "500ms", "2s" or "1m".]
    `);
    expect(chart.node.findAll().length - before).toBeLessThanOrEqual(1);
  });

  test.each([
    [
      "the same version twice",
      { release: Release.pinned({ stable: { name: "v1", image: "x" }, canary: { name: "v1", image: "y", weight: 5 } }) },
      /a name that no other version has/,
    ],
    [
      "weights above 100",
      {
        release: Release.pinned({
          stable: { name: "a", image: "x" },
          canary: [
            { name: "b", image: "x", weight: 60 },
            { name: "c", image: "x", weight: 60 },
          ],
        }),
      },
      /weights of at most 100 in all/,
    ],
    [
      "testers of no version",
      { testers: { header: "x", value: "y", to: "v9" } },
      /testers\.to: got "v9", expected a version of the release: v1, v2/,
    ],
    ["one of four sidecar amounts", { sidecar: { cpu: "100m" } as never }, /sidecar\.memory: got nothing/],
    [
      "retries that cannot run",
      { timeout: "2s", retries: { attempts: 3, perTryTimeout: "2s", on: "default", methods: "all" } } as const,
      /MG0302[\s\S]*MG0301/,
    ],
    ["a header that smuggles another", { testers: { header: "x", value: "a\r\nb: c", to: "v2" } }, /testers\.value/],
    ["a suppression of what it never shows", { suppress: { MG0601: "x" } }, /suppress\.MG0601: got "MG0601", expected one of "MG0301"/],
    [
      "a workload that is no Deployment",
      { release: Release.pinned({ stable: { name: "a", workload: {} }, canary: { name: "b", image: "x", weight: 1 } }) },
      /release\.stable\.workload/,
    ],
  ])("refuses %s", (_what, props, message) => {
    expect(() => service(namespace(), "pricing", props)).toThrow(message);
  });

  test("does not compile where the type can tell", () => {
    const stable = { name: "v1", image: "x" } as const;
    // @ts-expect-error a duration has a unit
    expect(() => service(namespace(), "a", { timeout: "2" })).toThrow();
    const canary = { name: "v2", image: "x", weight: 1 } as const;
    // @ts-expect-error a version has an image or a workload, not both
    const both: Parameters<typeof Release.pinned>[0] = { canary, stable: { ...stable, workload: {} } };
    expect(() => service(namespace(), "b", { release: Release.pinned(both) })).toThrow();
    // @ts-expect-error retries say what and which methods
    expect(() => service(namespace(), "c", { retries: { attempts: 3, perTryTimeout: "1s" } })).toThrow();
  });
});

describe("what would not work in production", () => {
  const pinned = (version: object): CanaryServiceProps["release"] =>
    Release.pinned({ stable: { name: "v1", image: "x:1", ...version }, canary: { name: "v2", image: "x:2", weight: 5 } });

  test.each<[string, Partial<CanaryServiceProps>, RegExp]>([
    [
      "traffic to a version without pods",
      { release: pinned({ replicas: 0 }) },
      /version v1 gets 95 percent of the traffic and has no pods/,
    ],
    [
      "retries by method on gRPC, where every call is a POST",
      { protocol: "grpc", timeout: "2s", retries: { attempts: 1, perTryTimeout: "400ms", on: ["5xx"], methods: ["GET"] } },
      /every gRPC call is a POST/,
    ],
    [
      "an autoscaler without anything to measure against",
      { replicas: { min: 1, max: 2 }, resources: { limits: { memory: "1Gi" } } },
      /resources\.requests\.cpu: got nothing/,
    ],
    ["a port that the sidecar listens on itself", { targetPort: 15006 }, /a port that the sidecar does not use itself/],
    [
      "a port name that does not tell the protocol",
      { extraPorts: [{ name: "metrics", port: 9090, targetPort: 9090 }] },
      /begins with the protocol, such as http-metrics/,
    ],
    ["the name of the sidecar's container", { name: "istio-proxy" }, /not one of the sidecar's containers/],
    ["a timeout that Go cannot count", { timeout: "999999999h" }, /timeout: got "999999999h"/],
    [
      "resources for pods that are not made here",
      {
        resources: {},
        release: Release.pinned({
          stable: { name: "v1", deployed: "elsewhere" },
          canary: { name: "v2", deployed: "elsewhere", weight: 1 },
        }),
      },
      /is for versions with an image/,
    ],
  ])("refuses %s", (_what, props, message) => {
    expect(() => service(namespace(), "pricing", props)).toThrow(message);
  });

  test("is kept from testers and copies too when the release is rolled back", () => {
    const rolledBack = Release.pinned({ ...twoVersions, rollBack: true });
    const props = { testers: { header: "x", value: "y", to: "v2" }, mirror: { to: "v2", percent: 10 } };
    const { spec } = service(namespace(), "pricing", { release: rolledBack, ...props }).virtualService?.toJson() ?? {};
    expect(JSON.stringify(spec)).not.toMatch(/mirror|headers/);
  });

  test("is a variable that the kubelet would expand", () => {
    const shop = namespace();
    service(shop, "pricing", { env: { A: "$(B) costs $$1" } });
    expect(findManifest(Testing.synth(shop) as Manifest[], "Deployment", "pricing-v1").spec).toMatchObject({
      template: { spec: { containers: [{ env: [{ name: "A", value: "$$(B) costs $$$$1" }] }] } },
    });
  });

  test("is a service beside its StrictMtlsNamespace, whose default deny would still cover it", () => {
    const app = meshApp();
    namespace({}, app);
    service(new Chart(app, "beside", { namespace: "shop" }));
    expect(() => app.synthYaml()).toThrow(/\[beside\/pricing\] stands outside the StrictMtlsNamespace shop/);
  });

  test("is an account that two services share, once a policy names it", () => {
    const app = meshApp();
    const shop = namespace({}, app);
    const [one, two] = ["one", "two"].map((name) => service(shop, name, { serviceAccountName: "shared" }));
    one?.calls(service(shop, "target"));
    expect(() => app.synthYaml()).toThrow(/\[shop\/one\] serviceAccountName: got "shared", which two runs as too/);
    expect(two?.serviceAccountName).toBe("shared");
  });

  test("is a kernel setting that the namespace's Pod Security level refuses", () => {
    const app = meshApp();
    new IstioControlPlane(app, "mesh", { cni: true });
    const pool = { poolName: "oslo", nodeSelector: { a: "b" }, taints: [], podSysctls: [], unsafePodSysctls: ["net.core.somaxconn"] };
    service(namespace({ pool }, app));
    expect(() => app.synthYaml()).toThrow(/pool: oslo gives its pods net\.core\.somaxconn, which Pod Security level baseline refuses/);
  });

  test("is said of pods that are deployed elsewhere: which labels and account they need", () => {
    const shop = namespace();
    const release = Release.pinned({
      stable: { name: "v1", deployed: "elsewhere" },
      canary: { name: "v2", deployed: "elsewhere", weight: 1 },
    });
    service(shop, "pricing", { release, podSelector: { app: "pricing" }, serviceAccountName: "pricing-account" });
    expect(findings(shop).map(({ code, message }) => [code, message])).toEqual([
      ["MG0306", expect.stringContaining("without the labels app=pricing and version, and the account pricing-account")],
    ]);
  });
});

describe("calls", () => {
  test("lets the caller's account in, on the port that the workload listens on", () => {
    const shop = namespace();
    const [pricing, payment] = [service(shop, "pricing", { targetPort: 9000 }), service(shop, "payment")];
    payment.calls(pricing);
    expect(findManifest(Testing.synth(shop) as Manifest[], "AuthorizationPolicy", "pricing-callers").spec).toEqual({
      selector: { matchLabels: { "meshground.io/service": "pricing" } },
      action: "ALLOW",
      rules: [{ from: [{ source: { principals: ["cluster.local/ns/shop/sa/payment"] } }], to: [{ operation: { ports: ["9000"] } }] }],
    });
  });

  test("makes one policy for many callers, in an order that does not depend on the program's", () => {
    const principalsOf = (order: readonly number[]): unknown => {
      const shop = namespace();
      const target = service(shop, "target");
      const callers = ["a", "b", "c"].map((name) => service(shop, name));
      for (const index of order) callers[index]?.calls(target);
      return findManifest(Testing.synth(shop) as Manifest[], "AuthorizationPolicy", "target-callers").spec;
    };
    expect(principalsOf([2, 0, 1])).toEqual(principalsOf([0, 1, 2]));
  });

  test("locks nobody out where access is open", () => {
    const shop = namespace({ access: "open" });
    service(shop, "payment").calls(service(shop));
    expect(kindsOf(Testing.synth(shop) as Manifest[])).not.toContain("AuthorizationPolicy");
  });

  test("names what is not a service", () => {
    const shop = namespace();
    expect(() => service(shop).calls(undefined as never)).toThrow(/calls\[0\]: got nothing, expected a CanaryService/);
  });

  test("refuses a caller that shares its account with others", () => {
    const shop = namespace();
    const shared = service(shop, "legacy", { defaults: "none" });
    expect(() => shared.calls(service(shop))).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/legacy: 1 invalid prop
        serviceAccountName: pricing lets callers in by their service account, and "default" is shared by every pod that names none. Give the Deployment an account of its own.]
    `);
  });
});
