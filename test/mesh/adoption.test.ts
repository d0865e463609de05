import { ApiObject, type Chart } from "cdk8s";
import { describe, expect, test } from "vitest";
import { type CanaryService, findings, Release } from "../../lib/index";
import { findManifest } from "../support/examples";
import { meshApp, namespace, objectsOf, service } from "../support/tree";

const image = "registry.example.no/pricing:2.0.0";
const shared = { steps: [5, 50], prometheus: "http://prometheus.monitoring:9090" } as const;
const abortWhen = { errorsAbove: "1%", over: "1m", noTraffic: "abort" } as const;

interface Legacy {
  readonly replicas?: number;
  readonly selector?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

function legacy(scope: Chart, { replicas, selector = { app: "legacy" }, labels = { version: "2.0.0" } }: Legacy): ApiObject {
  const template = {
    metadata: { labels: { ...selector, ...labels } },
    spec: { serviceAccountName: "legacy", containers: [{ name: "app", image }] },
  };
  const spec = { replicas, selector: { matchLabels: selector }, template };
  return new ApiObject(scope, "legacy", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "legacy" }, spec });
}

function autoscaler(scope: Chart, kind: "HorizontalPodAutoscaler" | "ScaledObject" = "HorizontalPodAutoscaler"): ApiObject {
  const apiVersion = kind === "ScaledObject" ? "keda.sh/v1alpha1" : "autoscaling/v2";
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "legacy" };
  return new ApiObject(scope, "autoscaler", { apiVersion, kind, metadata: { name: "legacy-scaler" }, spec: { scaleTargetRef } });
}

const problemsOf = (pricing: CanaryService): readonly string[] => pricing.node.findAll().flatMap((construct) => construct.node.validate());

describe("a Deployment that Argo Rollouts takes over", () => {
  const release = (workload: object): Release => Release.progressive({ ...shared, controller: "argo-rollouts", workload, abortWhen });

  test("keeps the number of pods that an autoscaler gave it: somebody has to say how many", () => {
    const shop = namespace();
    expect(() => service(shop, "pricing", { release: release(legacy(shop, {})) })).toThrow(
      "replicas: got nothing, expected as many pods as run now, or bounds for an autoscaler.",
    );
    const app = meshApp();
    const other = namespace({}, app);
    service(other, "pricing", { release: release(legacy(other, {})), replicas: 20 });
    expect(findManifest(objectsOf(app), "Rollout", "pricing").spec).toMatchObject({ replicas: 20 });
  });

  test("is not scaled by an autoscaler of the tree any more", () => {
    const shop = namespace();
    const pricing = service(shop, "pricing", { release: release(legacy(shop, { replicas: 3 })) });
    expect(problemsOf(pricing)).toEqual([]);
    autoscaler(shop);
    expect(problemsOf(pricing)).toEqual([expect.stringContaining("HorizontalPodAutoscaler legacy-scaler scales the Deployment legacy")]);
  });

  test("is found in the metrics by the label that Istio takes its version from", () => {
    const app = meshApp();
    const shop = namespace({}, app);
    const labels = { version: "blue", "app.kubernetes.io/version": "2.0.0" };
    service(shop, "pricing", { release: release(legacy(shop, { replicas: 3, labels })) });
    const { strategy } = findManifest(objectsOf(app), "Rollout", "pricing").spec as { strategy: { canary: { analysis: unknown } } };
    expect(strategy.canary.analysis).toMatchObject({ args: [{ name: "version", value: "2.0.0" }] });
  });
});

describe("a Deployment that Flagger takes over", () => {
  const release = (workload: object): Release => Release.progressive({ ...shared, controller: "flagger", workload, abortWhen });

  test("brings its autoscaler, of which the primary gets a copy", () => {
    const app = meshApp();
    const shop = namespace({}, app);
    const pricing = service(shop, "pricing", { release: release(legacy(shop, {})) });
    expect(problemsOf(pricing)).toEqual([expect.stringContaining("does not say how many pods it has")]);
    autoscaler(shop);
    expect(problemsOf(pricing)).toEqual([]);
    expect(findManifest(objectsOf(app), "Canary", "pricing").spec).toMatchObject({
      autoscalerRef: { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", name: "legacy-scaler" },
    });
  });

  test("is not scaled by what the primary gets no copy of", () => {
    const shop = namespace();
    const pricing = service(shop, "pricing", { release: release(legacy(shop, { replicas: 3 })) });
    autoscaler(shop, "ScaledObject");
    expect(problemsOf(pricing)).toEqual([expect.stringContaining("Use a HorizontalPodAutoscaler.")]);
  });

  test("selects by a label that Flagger can rewrite", () => {
    const shop = namespace();
    const pricing = service(shop, "pricing", { release: release(legacy(shop, { replicas: 3, selector: { team: "prices" } })) });
    expect(problemsOf(pricing)).toEqual([
      "release.workload: legacy selects its pods by team, and Flagger needs one of app, name, app.kubernetes.io/name. A selector cannot change: make a new Deployment, or use the controller argo-rollouts.",
    ]);
  });
});

test("a load tester that policies would refuse is told of", () => {
  const webhooks = { loadTest: { url: "http://loadtester.test/", command: "hey http://pricing-canary:8080/" } };
  const release = Release.progressive({ ...shared, controller: "flagger", image, abortWhen, webhooks });
  const codes = (access: "declared" | "open"): readonly string[] => {
    const pricing = service(namespace({ access }), "pricing", { release });
    return findings(pricing).map(({ code }) => code);
  };
  expect([codes("declared"), codes("open")]).toEqual([["MG0307"], []]);
});
