import { setTimeout as pause } from "node:timers/promises";
import {
  CanaryService,
  type CanaryServiceProps,
  IstioControlPlane,
  type Mirror,
  Release,
  type RetryPolicy,
  StrictMtlsNamespace,
  type Suppressions,
} from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { meshApp } from "../../support/tree";
import { evidence } from "../evidence";
import { answersFrom, countAnswers, failuresOf, percentile, spread } from "../mesh/answers";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";
import { weightsOf } from "../mesh/route-config";
import { until } from "../processes";

/** What changes between the applies of a test. */
interface Pricing {
  /** Share of v2. Unit: percent. */
  readonly weight: number;
  readonly mirror?: Mirror;
}

const release = (weight: number): Release =>
  Release.pinned({
    stable: { name: "v1", image: "registry.example.no/shop:1" },
    canary: { name: "v2", image: "registry.example.no/shop:2", weight },
  });

const asMeasured = "kept to measure what it does";
const accepted: Suppressions = { MG0301: asMeasured, MG0302: asMeasured, MG0303: asMeasured };

/**
 * Four ways to retry: the reference's file 04, whose tries neither fit into the timeout nor see a slow one; one that only fits; one that only sees;
 * and one whose tries can run.
 */
const retries = {
  "as-published": { attempts: 3, perTryTimeout: "2s", on: "default", methods: "all" },
  "only-fitting": { attempts: 3, perTryTimeout: "400ms", on: "default", methods: "all" },
  "only-seeing": { attempts: 3, perTryTimeout: "2s", on: ["gateway-error", "connect-failure"], methods: ["GET", "HEAD"] },
  corrected: { attempts: 3, perTryTimeout: "400ms", on: ["gateway-error", "connect-failure"], methods: ["GET", "HEAD"] },
} as const satisfies Record<string, RetryPolicy>;

/** A shop whose front page calls services that differ in one thing each. */
function shop({ weight, mirror }: Pricing): { app: ReturnType<typeof meshApp>; controlPlane: IstioControlPlane } {
  const app = meshApp({ istio: "1.31" });
  const controlPlane = new IstioControlPlane(app, "mesh", { mtls: "strict", outbound: "REGISTRY_ONLY", cni: true });
  const namespace = new StrictMtlsNamespace(app, "shop", { stage: "strict" });
  const service = (name: string, props: Partial<CanaryServiceProps> = {}): CanaryService =>
    new CanaryService(namespace, name, { port: 8080, release: release(0), ...props });
  const called = [
    service("pricing", {
      release: release(weight),
      testers: { header: "x-release", value: "v2", to: "v2" },
      ...(mirror !== undefined && { mirror }),
    }),
    service("slow", { timeout: "2s" }),
    ...Object.entries(retries).map(([name, how]) => service(name, { timeout: "2s", retries: how, suppress: accepted })),
    service("limited", { circuitBreaker: { maxConnections: 2, maxPendingRequests: 3 } }),
    service("flaky", { replicas: 2, circuitBreaker: { eject: { after5xx: 5, for: "8s", interval: "1s", keepAtLeast: 1 } } }),
  ];
  service("web").calls(...called);
  return { app, controlPlane };
}

describe.skipIf(meshIsMissing())("requests through Envoys that istiod programs", () => {
  let mesh: Mesh;
  let web: Pod;
  beforeAll(async () => {
    const { app, controlPlane } = shop({ weight: 5 });
    mesh = await Mesh.start(app, controlPlane);
    const names = [
      "web-v1",
      "pricing-v1",
      "pricing-v2",
      "slow-v1",
      "as-published-v1",
      "only-fitting-v1",
      "only-seeing-v1",
      "corrected-v1",
      "limited-v1",
    ];
    await Promise.all([...names.map((name) => mesh.runOne(name)), mesh.run("flaky-v1", { replicas: 2 }), mesh.runOne("flaky-v2")]);
    web = mesh.pod("web-v1-0");
    await mesh.untilKnown(web);
  });
  afterAll(() => mesh?.end());

  /** Applies the tree again and waits until the caller's Envoy has the weights. Returns how long both took. Unit: milliseconds. */
  const move = async (pricing: Pricing): Promise<number> => {
    const wanted = { v1: 100 - pricing.weight, v2: pricing.weight };
    const { app } = shop(pricing);
    const begin = Date.now();
    await mesh.apply(app);
    await until(
      () => Object.entries(wanted).every(([subset, weight]) => (weightsOf(web, "pricing.shop.svc.cluster.local")[subset] ?? 0) === weight),
      () => `weights stay ${JSON.stringify(weightsOf(web, "pricing.shop.svc.cluster.local"))}`,
      { within: 20_000, every: 50 },
    );
    return Date.now() - begin;
  };

  test("95 to 5 is 95 to 5", async (context) => {
    const answers = await web.send({ url: "http://pricing:8080/", requests: 10_000, concurrency: 16 });
    const canary = answersFrom(answers, "pricing-v2");
    expect(failuresOf(answers)).toEqual([]);
    expect(Math.abs(canary - 500)).toBeLessThan(spread(10_000, 0.05));
    evidence(context, {
      claim: "`weight: 5` sends 5 % of the requests to the canary",
      measured: `${canary} of 10,000`,
      tolerance: `500 ± ${Math.floor(spread(10_000, 0.05))}: five standard deviations of the binomial distribution`,
    });
  });

  test("a tester's header leads to the canary, whatever its weight", async (context) => {
    const answers = await web.send({ url: "http://pricing:8080/", requests: 200, concurrency: 4, headers: { "x-release": "v2" } });
    expect(countAnswers(answers)).toEqual({ "200 pricing-v2-0": 200 });
    evidence(context, { claim: "`testers` send every request with their header to the canary", measured: "200 of 200" });
  });

  test("weights move from 0 to 5 to 100 and back, and no request fails", async (context) => {
    await move({ weight: 0 });
    const moves: number[] = [];
    const phases: { weight: number; from: number; to: number }[] = [];
    const answers = await web.sendWhile([{ url: "http://pricing:8080/", concurrency: 8, pause: 2 }], async () => {
      for (const weight of [0, 5, 100, 0]) {
        moves.push(await move({ weight }));
        const from = Date.now();
        await pause(4_000);
        phases.push({ weight, from, to: Date.now() });
      }
    });
    expect(failuresOf(answers)).toEqual([]);
    const shares = phases.map(({ weight, from, to }) => {
      // A request that was on its way when the weights changed had its route already.
      const sent = answers.filter(([at]) => at > from + 100 && at < to);
      const canary = answersFrom(sent, "pricing-v2");
      expect(sent.length).toBeGreaterThan(300);
      expect(Math.abs(canary - (sent.length * weight) / 100)).toBeLessThanOrEqual(spread(sent.length, weight / 100));
      return `${weight} %: ${canary} of ${sent.length}`;
    });
    evidence(
      context,
      {
        claim: "the weight moves 0 → 5 → 100 → 0 under load without a failed request",
        measured: `0 of ${answers.length} failed; ${shares.join(", ")}`,
        tolerance: "no failure; at 0 and 100 exact, at 5 five standard deviations",
      },
      {
        claim: "a new weight reaches a caller's Envoy in seconds",
        measured: `after ${moves
          .slice(1)
          .map((took) => (took / 1_000).toFixed(1))
          .join(", ")} s, from the start of the apply of the whole tree`,
        tolerance: "20 s",
      },
    );
  });

  test("0 to 100 leaves nothing to the stable version", async (context) => {
    await move({ weight: 100 });
    const answers = await web.send({ url: "http://pricing:8080/", requests: 10_000, concurrency: 16 });
    expect(countAnswers(answers)).toEqual({ "200 pricing-v2-0": 10_000 });
    evidence(context, { claim: "`weight: 100` sends every request to the canary", measured: "10,000 of 10,000" });
  });

  test("a mirror copies its share, and never answers", async (context) => {
    await move({ weight: 0, mirror: { to: "v2", percent: 50 } });
    await until(
      () => web.envoy("config_dump?resource=dynamic_route_configs").includes("request_mirror_policies"),
      () => "the mirror does not come",
    );
    const before = mesh.pod("pricing-v2-0").received().length;
    const answers = await web.send({ url: "http://pricing:8080/", requests: 2_000, concurrency: 8 });
    expect(countAnswers(answers)).toEqual({ "200 pricing-v1-0": 2_000 });
    // Copies may come after the answer: the count is right once it stands still.
    const copies = (): number => mesh.pod("pricing-v2-0").received().length - before;
    let mirrored = -1;
    while (mirrored !== copies()) {
      mirrored = copies();
      await pause(500);
    }
    expect(Math.abs(mirrored - 1_000)).toBeLessThan(spread(2_000, 0.5));
    evidence(context, {
      claim: "`mirror: { percent: 50 }` sends a copy of half of the requests, and callers see the stable version alone",
      measured: `${mirrored} of 2,000 copied, 2,000 answered by the stable version`,
      tolerance: `1,000 ± ${Math.floor(spread(2_000, 0.5))}: five standard deviations`,
    });
  });

  test("a timeout ends a slow request when it says", async (context) => {
    const answers = await web.send({ url: "http://slow:8080/", requests: 8, concurrency: 8, headers: { "x-delay": "5000" } });
    expect(countAnswers(answers)).toEqual({ "504 upstream request timeout": 8 });
    const took = answers.map(([, milliseconds]) => milliseconds);
    expect(Math.min(...took)).toBeGreaterThan(1_990);
    expect(Math.max(...took)).toBeLessThan(3_500);
    const quick = await web.send({ url: "http://slow:8080/", requests: 1, headers: { "x-delay": "1500" } });
    expect(countAnswers(quick)).toEqual({ "200 slow-v1-0": 1 });
    evidence(context, {
      claim: '`timeout: "2s"` answers 504 after two seconds when the upstream takes 5 s, and leaves 1.5 s alone',
      measured: `504 after ${Math.round(Math.min(...took))} to ${Math.round(Math.max(...took))} ms`,
      tolerance: "1,990 to 3,500 ms: the clock of a busy machine",
    });
  });

  /** What becomes of a request that goes wrong in one way, by each way to retry: how many tries, the status, and after about how many milliseconds. */
  const outcomes = {
    "answers 503 at once": {
      headers: { "x-status": "503" },
      seen: { "as-published": [1, 503, 0], "only-fitting": [1, 503, 0], "only-seeing": [4, 503, 0], corrected: [4, 503, 0] },
    },
    "cuts the connection (its sidecar answers 503)": {
      headers: { "x-reset": "1" },
      seen: { "as-published": [1, 503, 0], "only-fitting": [1, 503, 0], "only-seeing": [4, 503, 0], corrected: [4, 503, 0] },
    },
    "answers after 5 s": {
      headers: { "x-delay": "5000" },
      seen: { "as-published": [1, 504, 2_000], "only-fitting": [1, 504, 400], "only-seeing": [1, 504, 2_000], corrected: [4, 504, 1_600] },
    },
  } as const;
  const cases = Object.entries(outcomes).flatMap(([upstream, { headers, seen }]) =>
    Object.entries(seen).map(([service, [tries, status, after]]) => ({ service, upstream, headers, tries, status, after })),
  );

  test.for(cases)("retries $service, upstream $upstream: $tries tries, $status", async ({ service, upstream, ...expected }, context) => {
    const { headers, tries, status, after } = expected;
    const margin = 1_200;
    const id = `${service} ${upstream}`;
    const [answer] = await web.send({ url: `http://${service}:8080/`, requests: 1, headers: { ...headers, "x-id": id } });
    const made = mesh
      .pod(`${service}-v1-0`)
      .received()
      .filter((request) => request.id === id).length;
    expect({ tries: made, status: answer?.[2] }).toEqual({ tries, status });
    expect(answer?.[1]).toBeGreaterThan(after - 10);
    expect(answer?.[1]).toBeLessThan(after + margin);
    evidence(context, {
      claim: `${retriesInWords[service as keyof typeof retries]}, an upstream that ${upstream}`,
      measured: `${made} ${made === 1 ? "try" : "tries"}, ${answer?.[2]} after ${Math.round(answer?.[1] ?? 0)} ms`,
      tolerance: `tries exact; ${after} ms, and up to ${margin} more for pauses and a busy machine`,
    });
  });

  test("a payment that is sent is not sent again", async (context) => {
    const sent = { url: "http://corrected:8080/", method: "POST", requests: 1 };
    const slow = await web.send({ ...sent, headers: { "x-delay": "5000", "x-id": "slow payment" } });
    const failed = await web.send({ ...sent, headers: { "x-status": "503", "x-id": "failed payment" } });
    expect([slow[0]?.[2], failed[0]?.[2]]).toEqual([504, 503]);
    const ids = mesh
      .pod("corrected-v1-0")
      .received()
      .filter(({ method }) => method === "POST")
      .map(({ id }) => id);
    expect(ids).toEqual(["slow payment", "failed payment"]);
    evidence(context, {
      claim: "`methods: [GET, HEAD]` never sends a POST twice, however it fails",
      measured: "1 try of a slow one, 1 try of a failed one",
    });
  });

  test("a circuit breaker lets through what it declares, and answers the rest at once", async (context) => {
    const load = { url: "http://limited:8080/", headers: { "x-delay": "1000" } };
    // Connections are made first: a request that waits for a new one counts among those that wait.
    await web.send({ ...load, requests: 2, concurrency: 2 });
    const answers = await web.send({ ...load, requests: 20, concurrency: 20 });
    const refused = answers.filter(([, , status, , overloaded]) => status === 503 && overloaded === "true");
    expect([answersFrom(answers, "limited-v1"), refused.length]).toEqual([5, 15]);
    expect(percentile(refused, 100)).toBeLessThan(900);
    evidence(context, {
      claim: "`maxConnections: 2, maxPendingRequests: 3`: of 20 requests at once, 5 are answered and 15 refused without waiting",
      measured: `5 answered, 15 refused with 503 and x-envoy-overloaded within ${Math.round(percentile(refused, 100))} ms`,
    });
  });

  test("a failing pod is taken out, and comes back", async (context) => {
    const sick = { "x-status": "503", "x-in": "flaky-v1-0" };
    const answers = await web.send({ url: "http://flaky:8080/", requests: 300, concurrency: 2, headers: sick });
    const failures = failuresOf(answers);
    // The fifth failure takes the pod out, but Envoy's threads hear of it a moment later: more requests may be on their way.
    expect(failures.length).toBeGreaterThanOrEqual(5);
    expect(failures.length).toBeLessThanOrEqual(20);
    expect(countAnswers(answers.slice(-200))).toEqual({ "200 flaky-v1-1": 200 });
    const [at = 0, took = 0] = failures.at(-1) ?? [];
    await until(
      async () => "200 flaky-v1-0" in countAnswers(await web.send({ url: "http://flaky:8080/", requests: 10 })),
      () => "the pod does not come back",
      { within: 30_000 },
    );
    const back = (Date.now() - at - took) / 1_000;
    expect(back).toBeGreaterThan(7.5);
    evidence(context, {
      claim: '`eject: { after5xx: 5, for: "8s" }` takes a failing pod of two out after 5 failures, and back in after its time',
      measured: `${failures.length} of 300 requests failed, then none; back after ${back.toFixed(1)} s`,
      tolerance: "5 to 20 failures: Envoy's threads hear of an ejection a moment later; back after 7.5 to 30 s",
    });
  });

  test("a stable version of which every pod fails keeps one", async (context) => {
    const answers = await web.send({ url: "http://flaky:8080/", requests: 300, concurrency: 2, headers: { "x-status": "503" } });
    const counts = countAnswers(answers);
    expect(Object.keys(counts).filter((kind) => !/^503 flaky-v1-[01]$/.test(kind))).toEqual([]);
    const out = web
      .envoy("clusters")
      .split("\n")
      .filter((line) => line.includes("|v1|flaky.") && line.includes("failed_outlier_check"));
    expect(out).toHaveLength(1);
    evidence(context, {
      claim: "`keepAtLeast: 1` never empties the stable version: with both pods failing, one is taken out and one goes on answering",
      measured: `${out.length} of 2 pods taken out; 300 of 300 requests reached a pod`,
    });
  });
});

const retriesInWords: Readonly<Record<keyof typeof retries, string>> = {
  "as-published": "Retries as published in the reference system's file 04 (3 of 2 s within 2 s, Istio's default conditions)",
  "only-fitting": "Retries that only fit (3 of 400 ms within 2 s, Istio's default conditions)",
  "only-seeing": "Retries that only see a slow try (3 of 2 s within 2 s, `gateway-error, connect-failure`)",
  corrected: "Retries that can run (3 of 400 ms within 2 s, `gateway-error, connect-failure`)",
};
