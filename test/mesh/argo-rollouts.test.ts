import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { analysisTemplateSpec, trafficTemplateSpec } from "../../lib/mesh/argo-analysis";
import { rolloutSpec, versionedPods } from "../../lib/mesh/argo-rollouts";
import type { CanaryStep } from "../../lib/mesh/argo-rollouts-spec";
import type { VersionDeployment } from "../../lib/mesh/deployment";
import type { AbortWhen } from "../../lib/mesh/release-thresholds";

const abortWhen: AbortWhen = { p99Above: "200ms", errorsAbove: "1%", over: "1m", noTraffic: "promote" };
const input = (changed: Partial<AbortWhen> = {}, pause?: AbortWhen["over"]): Parameters<typeof analysisTemplateSpec>[0] => ({
  namespace: "shop",
  serviceName: "pricing",
  protocol: "http",
  release: { abortWhen: { ...abortWhen, ...changed }, ...(pause !== undefined && { pause }) },
  prometheus: "http://prometheus.monitoring:9090",
});

const stepsOf = (steps: readonly [number, ...number[]], noTraffic: AbortWhen["noTraffic"] = "promote"): readonly CanaryStep[] =>
  rolloutSpec({
    serviceName: "pricing",
    release: { steps, abortWhen: { ...abortWhen, noTraffic } },
    pods: { deployment: "pricing", version: "v2" },
    replicas: 2,
    virtualServices: [],
  }).strategy.canary.steps;

describe("steps", () => {
  test("are each weight for as long as the window that it is judged over", () => {
    expect(stepsOf([5, 50])).toEqual([{ setWeight: 5 }, { pause: { duration: "1m" } }, { setWeight: 50 }, { pause: { duration: "1m" } }]);
  });

  test("at weight 0 keep a pod for testers, and have the next weight's pods before the weight", () => {
    expect(stepsOf([0, 5])).toEqual([
      { setCanaryScale: { replicas: 1 } },
      { setWeight: 0 },
      { pause: { duration: "1m" } },
      { setCanaryScale: { weight: 5 } },
      { setWeight: 5 },
      { setCanaryScale: { matchTrafficWeight: true } },
      { pause: { duration: "1m" } },
    ]);
  });

  test("hold for traffic after each weight above 0, where that was asked for", () => {
    const hold = { analysis: { templates: [{ templateName: "pricing-traffic" }], args: [{ name: "version", value: "v2" }] } };
    expect(stepsOf([0, 5, 50], "hold").filter((step) => "analysis" in step || "setWeight" in step)).toEqual([
      { setWeight: 0 },
      { setWeight: 5 },
      hold,
      { setWeight: 50 },
      hold,
    ]);
  });

  const weights = fc
    .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 })
    .map((list) => list.sort((a, b) => a - b) as [number, ...number[]])
    .filter((list) => list.some((weight) => weight > 0));

  test("of any release are one thing each and its weights in order, and the analysis begins at the first one above 0", () => {
    fc.assert(
      fc.property(weights, fc.constantFrom("hold", "promote", "abort"), (steps, noTraffic) => {
        const rendered = stepsOf(steps, noTraffic);
        expect(rendered.every((step) => Object.keys(step).length === 1)).toBe(true);
        const set = rendered.flatMap((step) => ("setWeight" in step ? [step.setWeight] : []));
        expect(set).toEqual(steps);
        const release = { steps, abortWhen: { ...abortWhen, noTraffic } };
        const pods = { deployment: "pricing", version: "v2" };
        const { analysis } = rolloutSpec({ serviceName: "a", release, pods, replicas: 1, virtualServices: [] }).strategy.canary;
        expect(rendered[analysis.startingStep]).toEqual({ setWeight: steps.find((weight) => weight > 0) });
      }),
    );
  });
});

describe("the analysis", () => {
  test("takes no answer and no number for nothing to judge by, and what is above a threshold for a failure", () => {
    const [p99, errors] = analysisTemplateSpec(input()).metrics;
    expect(p99?.successCondition).toBe("len(result) == 0 || isNaN(result[0]) || result[0] <= 200");
    expect(errors?.successCondition).toBe("len(result) == 0 || isNaN(result[0]) || result[0] <= 0.01");
    expect([p99?.failureLimit, errors?.failureLimit]).toEqual([0, 0]);
  });

  test("asks for the canary by namespace, service and the version that the Rollout gives, where there are enough requests", () => {
    for (const { provider } of analysisTemplateSpec(input({ atLeast: 25 })).metrics) {
      const { query } = provider.prometheus;
      expect(query).toContain('destination_workload_namespace="shop"');
      expect(query).toContain('destination_canonical_revision="{{args.version}}"');
      expect(query).toContain('destination_service_name="pricing"');
      expect(query).toMatch(/ and on\(\) max\(.*\) >= 25$/);
      // What Argo Rollouts would take for its own template beside the one argument.
      expect(query.replaceAll("{{args.version}}", "")).not.toMatch(/\{\{|\}\}/);
    }
  });

  test("judges what is asked for, and gRPC by its own statuses", () => {
    const names = (changed: Partial<AbortWhen>): readonly string[] => analysisTemplateSpec(input(changed)).metrics.map(({ name }) => name);
    expect(names({ errorsAbove: undefined as never })).toEqual(["p99"]);
    expect(names({ p99Above: undefined as never })).toEqual(["errors"]);
    const [, errors] = analysisTemplateSpec({ ...input(), protocol: "grpc" }).metrics;
    expect(errors?.provider.prometheus.query).toContain("grpc_response_status");
  });

  test("cuts a canary without traffic where that was asked for, once there could have been some", () => {
    const traffic = analysisTemplateSpec(input({ noTraffic: "abort" })).metrics.at(-1);
    expect(traffic).toMatchObject({ name: "traffic", initialDelay: "1m", failureLimit: 0 });
    expect(traffic?.successCondition).toBe("len(result) > 0 && result[0] >= 10");
    expect(analysisTemplateSpec(input({ noTraffic: "hold" })).metrics.map(({ name }) => name)).toEqual(["p99", "errors"]);
  });

  test("waits for traffic without an end, and then for one more look of the analysis beside it", () => {
    const [traffic] = trafficTemplateSpec(input({ noTraffic: "hold", atLeast: 50 })).metrics;
    expect(traffic).toMatchObject({ failureLimit: -1, consecutiveSuccessLimit: 2, count: 1_000_000_000, interval: "10s" });
    expect(traffic?.successCondition).toBe("len(result) > 0 && result[0] >= 50");
  });

  test.each([
    ["10s", 0],
    ["29s", 0],
    ["30s", 1],
    ["1m", 3],
    ["1h", 4],
  ] as const)("with steps of %s bears %d errors in a row: a whole step never passes unjudged", (pause, borne) => {
    const { metrics } = analysisTemplateSpec(input({}, pause));
    expect(metrics.map(({ consecutiveErrorLimit }) => consecutiveErrorLimit)).toEqual([borne, borne]);
  });

  test("has thresholds as exact as they were written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), (thousandths) => {
        const text = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, "0")}`;
        const [, errors] = analysisTemplateSpec(input({ errorsAbove: `${text as unknown as number}%` })).metrics;
        const share = Number(errors?.successCondition.split(" ").at(-1));
        expect(share).toBe(thousandths / 100_000);
      }),
    );
  });
});

describe("the version of pods around an image", () => {
  const deployment: Omit<VersionDeployment, "version"> = {
    service: "pricing",
    image: "registry.example.no/pricing:2.0.0",
    replicas: 2,
    port: { name: "http", containerPort: 8080 },
    serviceAccount: "pricing",
    annotations: {},
    env: {},
    pool: undefined,
    nodeSelector: {},
    health: undefined,
    resources: undefined,
    podSelector: { "meshground.io/service": "pricing" },
    safe: true,
    kubeletSleeps: true,
  };
  const versionOf = (changed: Partial<VersionDeployment>): string => versionedPods({ ...deployment, ...changed }).version;

  test("is another one whenever anything of the pods changes, and not for their number", () => {
    const versions = [{}, { env: { A: "1" } }, { env: { A: "2" } }, { annotations: { a: "b" } }, { safe: false }, { kubeletSleeps: false }];
    expect(new Set(versions.map(versionOf)).size).toBe(versions.length);
    expect(versionOf({ replicas: { min: 2, max: 9 } })).toBe(versionOf({}));
    expect(versionOf({ nodeSelector: { a: "1", b: "2" } })).toBe(versionOf({ nodeSelector: { b: "2", a: "1" } }));
  });

  test("begins with the image's tag, and is on the pods but not in the selector", () => {
    const { version, template, selector } = versionedPods(deployment);
    expect(version).toMatch(/^2\.0\.0-[0-9a-f]{10}$/);
    expect(template.metadata.labels).toMatchObject({ ...selector, version });
    expect(selector).toEqual({ "meshground.io/service": "pricing" });
    expect(versionOf({ image: `localhost:5000/pricing@sha256:${"0".repeat(64)}` })).toMatch(/^[0-9a-f]{10}$/);
    expect(versionOf({ image: `localhost:5000/pricing:v1@sha256:${"0".repeat(64)}` })).toMatch(/^v1-[0-9a-f]{10}$/);
  });

  test("is a label's value whatever the tag", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\w[\w.-]{0,127}$/), (tag) => {
        expect(versionOf({ image: `a/b:${tag}` })).toMatch(/^[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/);
      }),
    );
  });
});
