import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { yamlDocuments } from "../../lib/core/yaml";
import { type FlaggerInput, flaggerObjects } from "../../lib/mesh/flagger";
import { flaggerProblems } from "../../lib/mesh/flagger-problems";
import type { FlaggerReleaseProps } from "../../lib/mesh/progressive-release";
import type { RetryPolicy } from "../../lib/mesh/retries";
import { flaggerInputs } from "./flagger-inputs";

const release: FlaggerReleaseProps = {
  controller: "flagger",
  image: "registry.example.no/pricing:2.0.0",
  steps: [5, 25, 50],
  abortWhen: { p99Above: "200ms", errorsAbove: "1%", over: "1m", noTraffic: "abort" },
};
const input: FlaggerInput = {
  service: { serviceName: "pricing", ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  namespace: "shop",
  release,
  traffic: { istioMutual: false, replicas: 2 },
  deployment: "pricing",
  prometheus: "http://prometheus.monitoring:9090",
  protocol: "http",
};
const full: FlaggerInput = {
  ...input,
  release: {
    ...release,
    pause: "30s",
    abortWhen: { ...release.abortWhen, every: "30s", noTraffic: "hold", atLeast: 50 },
    webhooks: {
      confirmRollout: "http://gate.shop/start",
      confirmTrafficIncrease: "http://gate.shop/traffic",
      confirmPromotion: "http://gate.shop/promote",
      loadTest: { url: "http://flagger-loadtester.test/", command: "hey -z 30s http://pricing-canary.shop/" },
    },
  },
  traffic: {
    istioMutual: true,
    replicas: { min: 2, max: 9 },
    timeout: "2s",
    retries: { attempts: 2, perTryTimeout: "500ms", on: ["gateway-error"], methods: "all" },
    circuitBreaker: { maxPendingRequests: 100, maxRetries: 3, eject: { after5xx: 5, for: "30s" } },
    sessionAffinity: { by: "header", name: "x-basket" },
  },
  autoscaler: "pricing",
  gateways: ["istio-ingress/edge"],
  hosts: ["shop.example.no"],
};

function yamlOf(given: FlaggerInput): string {
  const { canary, metricTemplates } = flaggerObjects(given);
  return yamlDocuments([
    { apiVersion: "flagger.app/v1beta1", kind: "Canary", metadata: { name: "pricing" }, spec: canary },
    ...metricTemplates.map(({ name, spec }) => ({ apiVersion: "flagger.app/v1beta1", kind: "MetricTemplate", metadata: { name }, spec })),
  ]);
}

describe("a release that Flagger moves", () => {
  test("is a Canary and a MetricTemplate for each threshold", async () => {
    await expect(yamlOf(input)).toMatchFileSnapshot("../golden/mesh/flagger.defaults.yaml");
  });

  test("carries mTLS, timeout, retries, limits, ejection, affinity, gateways and webhooks", async () => {
    await expect(yamlOf(full)).toMatchFileSnapshot("../golden/mesh/flagger.full.yaml");
  });

  test("never switches mTLS off, and leaves it to the sidecars where nobody asks for it", () => {
    fc.assert(
      fc.property(flaggerInputs, (given) => {
        const mode = flaggerObjects(given).canary.service.trafficPolicy?.tls?.mode;
        expect(mode).toBe(given.traffic.istioMutual ? "ISTIO_MUTUAL" : undefined);
      }),
    );
  });

  test("names a template for each metric, and each of them once", () => {
    fc.assert(
      fc.property(flaggerInputs, (given) => {
        const { canary, metricTemplates } = flaggerObjects(given);
        const named = canary.analysis.metrics.map(({ templateRef }) => templateRef.name);
        expect(metricTemplates.map(({ name }) => name)).toEqual(named);
        expect(new Set(named).size).toBe(named.length);
        expect(named.length).toBeGreaterThan(0);
      }),
    );
  });

  test("has no template of Flagger's in a query but for a namespace that nobody knows", () => {
    fc.assert(
      fc.property(flaggerInputs, (given) => {
        for (const { spec } of flaggerObjects(given).metricTemplates) {
          expect(spec.query.includes("{{")).toBe(given.namespace === undefined);
          expect(spec.query.replaceAll("{{ namespace }}", "shop")).not.toContain("{{");
        }
      }),
    );
  });

  test("steps as it was told, a step as long as the window unless said otherwise", () => {
    expect(flaggerObjects(input).canary.analysis).toMatchObject({ interval: "60s", threshold: 1, stepWeights: [5, 25, 50] });
    expect(flaggerObjects(full).canary.analysis.interval).toBe("30s");
    const odd = { ...release, pause: "10.5s" } as const;
    expect(flaggerObjects({ ...input, release: odd }).canary.analysis.interval).toBe("11s");
  });

  test("goes on without traffic only where that was asked for: no answer is a failure to Flagger", () => {
    const queries = (noTraffic: "abort" | "promote" | "hold"): readonly boolean[] =>
      flaggerObjects({ ...input, release: { ...release, abortWhen: { ...release.abortWhen, noTraffic } } }).metricTemplates.map(
        ({ spec }) => spec.query.endsWith(" or vector(0)"),
      );
    expect(queries("abort")).toEqual([false, false]);
    expect(queries("promote")).toEqual([true, true]);
    expect(queries("hold")).toEqual([true, true]);
  });

  test("counts a gRPC call by its own status", () => {
    const [errors] = flaggerObjects({ ...input, protocol: "grpc" }).metricTemplates;
    expect(errors?.spec.query).toContain('grpc_response_status=~"2|4|13|14|15"');
    expect(flaggerObjects({ ...input, protocol: "grpc" }).canary.service.portName).toBe("grpc");
  });

  test("keeps callers inside the mesh where a gateway is named", () => {
    expect(flaggerObjects({ ...input, gateways: ["istio-ingress/edge", "mesh"] }).canary.service.gateways).toEqual([
      "istio-ingress/edge",
      "mesh",
    ]);
    expect(flaggerObjects(input).canary.service.gateways).toBeUndefined();
  });
});

describe("what Flagger cannot carry is refused, with a way out", () => {
  const retries: RetryPolicy = { attempts: 2, perTryTimeout: "500ms", on: ["gateway-error"], methods: ["GET"] };
  const pathsOf = (props: Partial<Parameters<typeof flaggerProblems>[0]>): readonly string[] =>
    flaggerProblems({ release, ...props }, "pricing").map(({ path }) => path);

  test("nothing of a plain release", () => {
    expect(pathsOf({})).toEqual([]);
    expect(pathsOf({ release: { ...release, abortWhen: { ...release.abortWhen, every: "60s" } } })).toEqual([]);
  });

  test("retries for some methods only, when they may repeat what was served", () => {
    expect(flaggerProblems({ release, retries })).toMatchInlineSnapshot(`
      [
        {
          "message": "got ["GET"], expected "all": Flagger has one route, and gateway-error would repeat the other methods too, though the service may have done the work already. Name only conditions that nothing was served under, such as on: ["connect-failure", "refused-stream"], or use controller: "argo-rollouts".",
          "path": "retries.methods",
        },
      ]
    `);
    expect(pathsOf({ retries: { ...retries, on: "default" } })).toEqual(["retries.methods"]);
    expect(pathsOf({ retries: { ...retries, methods: "all" } })).toEqual([]);
    expect(pathsOf({ retries: { ...retries, attempts: 0 } })).toEqual([]);
    expect(pathsOf({ retries: { ...retries, on: ["connect-failure", "refused-stream"] } })).toEqual([]);
  });

  test("a first step of 0, where Flagger would stay for ever", () => {
    expect(pathsOf({ release: { ...release, steps: [0, 5] } })).toEqual(["release.steps[0]"]);
  });

  test("two answers to how long a step is", () => {
    const hasty: FlaggerReleaseProps = { ...release, abortWhen: { ...release.abortWhen, every: "10s" } };
    expect(flaggerProblems({ release: hasty })).toMatchInlineSnapshot(`
      [
        {
          "message": "got "10s", expected 1m, the length of a step. Flagger judges once a step and then moves on. Leave every out, or set pause: "10s" too.",
          "path": "release.abortWhen.every",
        },
      ]
    `);
    expect(pathsOf({ release: { ...hasty, pause: "10s" } })).toEqual([]);
  });

  test("everything that it has no place for", () => {
    expect(
      pathsOf({
        circuitBreaker: { maxConnections: 10, maxRequests: 10 },
        extraPorts: [{ name: "http-metrics", port: 9090, targetPort: 9090 }],
        testers: { header: "x", value: "y", to: "canary" },
        mirror: { to: "canary", percent: 10 },
      }),
    ).toEqual(["circuitBreaker.maxConnections", "extraPorts", "testers", "mirror"]);
  });

  test("a name that leaves no room for -primary", () => {
    expect(flaggerProblems({ release }, "a".repeat(55))).toEqual([]);
    expect(flaggerProblems({ release }, "a".repeat(56)).map(({ path }) => path)).toEqual(["name"]);
  });
});
