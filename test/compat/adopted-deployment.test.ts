import { ApiObject, Chart, Testing } from "cdk8s";
import * as kplus from "cdk8s-plus-26";
import { describe, expect, test } from "vitest";
import { CanaryService, type CanaryServiceProps, Release, useReleases } from "../../lib/index";
import { findManifest, type Manifest } from "../support/examples";
import { namespace, today } from "../support/tree";

// Runs with cdk8s-plus-26 on the last cdk8s that it works with, and once more with the newest cdk8s-plus on the newest cdk8s.

const template = (objects: readonly Manifest[], name: string): { metadata: Record<string, unknown>; spec: Record<string, unknown> } =>
  findManifest(objects, "Deployment", name).spec?.template as { metadata: Record<string, unknown>; spec: Record<string, unknown> };

function plusDeployment(chart: Chart, name: string, account?: kplus.ServiceAccount): kplus.Deployment {
  return new kplus.Deployment(chart, name, {
    metadata: { name },
    podMetadata: { labels: { team: "checkout" } },
    containers: [{ image: "registry.example.no/pricing:1", portNumber: 8080 }],
    // Its own interface does not allow for exactOptionalPropertyTypes.
    ...(account !== undefined && { serviceAccount: account as kplus.IServiceAccount }),
  });
}

function rawDeployment(chart: Chart, name: string, metadata?: object): ApiObject {
  const containers = [{ name: "app", image: "registry.example.no/pricing:1" }];
  const template = { ...(metadata !== undefined && { metadata }), spec: { serviceAccountName: "legacy", containers } };
  return new ApiObject(chart, name, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: { template } });
}

const serviceOf = (chart: Chart, v1: object, v2: object): CanaryService =>
  new CanaryService(chart, "pricing", {
    port: 8080,
    sidecar: { cpu: "100m", memory: "128Mi", cpuLimit: "2", memoryLimit: "1Gi" },
    release: Release.pinned({ stable: { name: "v1", workload: v1 }, canary: { name: "v2", workload: v2, weight: 5 } }),
  });

describe("a Deployment of cdk8s-plus", () => {
  test("gets the labels that select it and the sidecar's annotations, and keeps its own", () => {
    const shop = namespace();
    const account = new kplus.ServiceAccount(shop, "account", { metadata: { name: "pricing-account" } });
    const pricing = serviceOf(shop, plusDeployment(shop, "one", account), plusDeployment(shop, "two", account));
    const objects = Testing.synth(shop) as Manifest[];
    expect(template(objects, "one").metadata).toMatchObject({
      labels: { team: "checkout", "meshground.io/service": "pricing", version: "v1" },
      annotations: { "sidecar.istio.io/proxyCPU": "100m", "sidecar.istio.io/proxyMemoryLimit": "1Gi" },
    });
    expect(template(objects, "two").metadata).toMatchObject({ labels: { version: "v2" } });
    expect(pricing.serviceAccountName).toBe("pricing-account");
    expect(objects.filter(({ kind }) => kind === "Service")).toHaveLength(1);
  });

  test("without an account of its own cannot be named by a policy", () => {
    const shop = namespace();
    const pricing = serviceOf(shop, plusDeployment(shop, "one"), plusDeployment(shop, "two"));
    expect(pricing.serviceAccountName).toBe("default");
    expect(() => pricing.calls(pricing)).toThrow(/Give the Deployment an account of its own/);
  });
});

describe("a Deployment of one's own beside an image", () => {
  test("brings its account, so that none is made", () => {
    const shop = namespace();
    const account = new kplus.ServiceAccount(shop, "account", { metadata: { name: "pricing-account" } });
    const release = Release.pinned({
      stable: { name: "v1", workload: plusDeployment(shop, "one", account) },
      canary: { name: "v2", image: "registry.example.no/pricing:2", weight: 5 },
    });
    new CanaryService(shop, "pricing", { port: 8080, release });
    const objects = Testing.synth(shop) as Manifest[];
    expect(objects.filter(({ kind }) => kind === "ServiceAccount").map(({ metadata }) => metadata.name)).toEqual(["pricing-account"]);
    expect(template(objects, "pricing-v2").spec).toMatchObject({ serviceAccountName: "pricing-account" });
  });
});

describe("the pods of a Deployment of one's own", () => {
  const eject = { circuitBreaker: { eject: { after5xx: 5, for: "30s" } } } as const;
  const withReplicas = (chart: Chart, replicas: number): object =>
    new kplus.Deployment(chart, `d${replicas}`, { replicas, containers: [{ image: "x", portNumber: 8080 }] });

  test("are counted for ejection as the Deployment says", () => {
    const shop = namespace();
    const release = (replicas: number): CanaryServiceProps["release"] =>
      Release.pinned({
        stable: { name: "v1", workload: withReplicas(shop, replicas) },
        canary: { name: "v2", deployed: "elsewhere", weight: 5 },
      });
    const ten = new CanaryService(shop, "ten", { port: 8080, release: release(10), ...eject });
    expect(ten.traffic.versions[0]?.version.replicas).toBe(10);
    expect(() => new CanaryService(shop, "one", { port: 8080, release: release(1), ...eject })).toThrow(/the stable version has 1 pod/);
  });

  test("must run as the account that policies are told", () => {
    const shop = namespace();
    const release = Release.pinned({
      stable: { name: "v1", workload: plusDeployment(shop, "one") },
      canary: { name: "v2", deployed: "elsewhere", weight: 5 },
    });
    expect(() => new CanaryService(shop, "pricing", { port: 8080, release, serviceAccountName: "zz" })).toThrow(
      /release\.stable\.workload\.serviceAccountName: got "default", expected zz/,
    );
    expect(() => new CanaryService(shop, "scaled", { port: 8080, release, replicas: { min: 1, max: 3 } })).toThrow(
      /has an autoscaler of its own/,
    );
  });
});

describe("a Deployment that cannot be a version", () => {
  test("is one that another version has already", () => {
    const shop = namespace();
    const one = rawDeployment(shop, "one");
    expect(() => serviceOf(shop, one, one)).toThrow(/release\.canary\.workload: is the Deployment of another version/);
  });

  test("is one whose version label says otherwise, because its selector may depend on it", () => {
    const shop = namespace();
    expect(() => serviceOf(shop, rawDeployment(shop, "one", { labels: { version: "old" } }), rawDeployment(shop, "two"))).toThrow(
      /release\.stable\.workload\.version: got "old", expected "v1"/,
    );
  });

  test("is one of another namespace, whose pods the Service would not select", () => {
    const other = new Chart(namespace().node.root, "other", { namespace: "other" });
    const shop = namespace();
    expect(() => serviceOf(shop, rawDeployment(other, "one"), plusDeployment(other, "two"))).toThrow(
      /release\.canary\.workload\.namespace: got "other", expected the service's own, shop/,
    );
  });
});

describe("a Deployment as an ApiObject", () => {
  test.each([
    ["without metadata", undefined, {}],
    ["with labels of its own", { labels: { team: "checkout" } }, { team: "checkout" }],
  ])("%s gets the labels that select it", (_what, metadata, kept) => {
    const shop = namespace();
    const pricing = serviceOf(shop, rawDeployment(shop, "one", metadata), rawDeployment(shop, "two", metadata));
    const objects = Testing.synth(shop) as Manifest[];
    expect(template(objects, "one").metadata.labels).toEqual({ ...kept, "meshground.io/service": "pricing", version: "v1" });
    expect(pricing.serviceAccountName).toBe("legacy");
  });
});

test("keeps the proxy settings that a Deployment has already", () => {
  const shop = namespace();
  const annotations = { "proxy.istio.io/config": "concurrency: 4" };
  serviceOf(shop, rawDeployment(shop, "one", { annotations }), rawDeployment(shop, "two"));
  expect(template(Testing.synth(shop) as Manifest[], "one").metadata.annotations).toMatchObject(annotations);
});

test("works in anybody's plain app", () => {
  const chart: Chart = Testing.chart();
  useReleases(chart, today);
  serviceOf(chart, plusDeployment(chart, "one"), rawDeployment(chart, "two"));
  expect((Testing.synth(chart) as Manifest[]).map(({ kind }) => kind)).toContain("VirtualService");
});
