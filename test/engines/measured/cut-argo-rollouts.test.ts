import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { followRollouts } from "../cut/argo-timeline";
import { crdsOf, type DeliveryController, startArgoRollouts } from "../cut/controllers";
import { keepsInboundStats, startIstioMetrics } from "../cut/istio-metrics";
import { isBad, sufferedOf, underLoad } from "../cut/load";
import { imageOf, progressive, type Shop, shop } from "../cut/shop";
import { seconds, type Timeline } from "../cut/timeline";
import { engines } from "../engines.mts";
import { evidence } from "../evidence";
import { answersFrom, countAnswers, failuresOf, spread } from "../mesh/answers";
import type { Answer } from "../mesh/load.mts";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";
import { weightsOf } from "../mesh/route-config";
import { WorkloadController } from "../mesh/workload-controller";
import { until } from "../processes";
import { isMissing } from "../program";
import { type Prometheus, prometheusIsMissing } from "../prometheus";

const every = 2;

/** What is judged every two seconds. */
const abortWhen = { p99Above: "200ms", errorsAbove: "1%", over: "10s", every: `${every}s`, noTraffic: "hold" } as const;

const names = ["failing", "slow", "good", "quiet"] as const;
type Tags = Readonly<Record<(typeof names)[number], string>>;

function tree(tags: Tags): Shop {
  return shop(
    Object.fromEntries(
      names.map((name) => [
        name,
        { release: progressive({ image: imageOf(name, tags[name]), controller: "argo-rollouts", abortWhen }), props: { replicas: 1 } },
      ]),
    ),
  );
}

const missing = [meshIsMissing(), isMissing(engines.argoRollouts), prometheusIsMissing()].includes(true);

// What is judged is Envoy's own measurement under the names of Istio's metrics: see ../cut/istio-metrics.
describe.skipIf(missing)(`releases that Argo Rollouts ${engines.argoRollouts.version} moves, judged by Envoy's own measurements`, () => {
  let tags: Tags = { failing: "1", slow: "1", good: "1", quiet: "1" };
  let mesh: Mesh;
  let web: Pod;
  let controller: DeliveryController;
  let prometheus: Prometheus;
  let timeline: Timeline;
  beforeAll(async () => {
    const { app, controlPlane } = tree(tags);
    mesh = await Mesh.start(app, controlPlane, crdsOf["argo-rollouts"]());
    prometheus = await startIstioMetrics(mesh);
    controller = await startArgoRollouts(mesh);
    mesh.own(new WorkloadController(mesh, { annotations: keepsInboundStats }));
    timeline = followRollouts(mesh.api);
    mesh.own(timeline);
    await Promise.all(names.map((name) => timeline.until(`${name}.phase`, (phase) => phase === "Healthy")));
    web = await mesh.readyPod("web-v1");
    await mesh.untilKnown(web);
  });
  afterAll(() => mesh?.end());

  const release = async (changed: Partial<Tags>): Promise<number> => {
    tags = { ...tags, ...changed };
    const at = Date.now();
    await mesh.applyChanges(tree(tags).app);
    return at;
  };

  test("the first apply runs every pod and skips all steps", (context) => {
    for (const name of names) {
      expect([timeline.now(`${name}.step`), timeline.now(`${name}.runs`), timeline.now(`${name}.weight`)]).toEqual([6, 0, 0]);
    }
    evidence(context, {
      claim:
        "The first apply of a progressive release has nothing to compare with: it is stable at once, all steps are skipped and nothing is judged",
      measured: `${names.length} Rollouts healthy at their last step, no AnalysisRun, weight 0`,
    });
  });

  describe("a new version", () => {
    let began: number;
    let answers: Readonly<Record<string, readonly Answer[]>>;
    beforeAll(async () => {
      answers = await underLoad(web, ["failing", "slow", "good"], async () => {
        began = await release({ failing: "2-fails-5-percent", slow: "2-takes-400-ms", good: "2", quiet: "2" });
        const cut = (name: string): Promise<number> => timeline.until(`${name}.phase`, (phase) => phase === "Degraded", { after: began });
        await Promise.all([cut("failing"), cut("slow"), promoted("good", began)]);
      });
    });

    const kinds = {
      failing: "answers 5 % of its requests with status 500",
      slow: "answers after 400 ms",
    } as const;

    test.for(["failing", "slow"] as const)("that is %s is cut", (name, context) => {
      const all = answers[name] ?? [];
      const canary = `${name}-${timeline.now(`${name}.canary`)}-`;
      const { firstBad, lastSent, requests, bad } = sufferedOf(all, ([, , , body]) => body.startsWith(canary));
      const judged = timeline.first(`${name}.failed`, (failed) => Number(failed) > 0, began) ?? Number.NaN;
      const zero = timeline.first(`${name}.weight`, (weight) => weight === 0, judged) ?? Number.NaN;
      expect(zero - judged).toBeLessThan((every + 5) * 1_000);
      expect(lastSent - judged).toBeLessThan((every + 5) * 1_000);
      expect(weightsOf(web, `${name}.shop.svc.cluster.local`)).toEqual({ stable: 100 });
      expect(all.filter(([sent]) => sent > lastSent).filter(isBad)).toEqual([]);
      evidence(context, {
        claim: `A version that ${kinds[name]} is cut: weight 0 within one interval and 5 s after the first measurement that fails (1 % or p99 200 ms, \`over: "10s"\`, \`every: "${every}s"\`)`,
        measured: `first bad answer, ${seconds(firstBad, judged)} later the measurement that fails, ${seconds(judged, zero)} later weight 0, ${seconds(judged, Math.max(lastSent, judged))} after that measurement the last request reached it; ${bad} of ${requests} requests went wrong while it had 20 %, none after`,
        tolerance: `${every + 5} s to weight 0 in the VirtualService and to the last request`,
      });
    });

    test("that was cut is gone for good with the former image", async (context) => {
      const runs = timeline.now("failing.runs");
      let [at, healthy] = [0, 0];
      const { failing = [] } = await underLoad(web, ["failing"], async () => {
        at = await release({ failing: "1" });
        healthy = await timeline.until("failing.phase", (phase) => phase === "Healthy", { after: at });
      });
      expect(Object.keys(countAnswers(failing))).toEqual([expect.stringMatching(`^200 failing-${timeline.now("failing.stable")}-`)]);
      expect([timeline.now("failing.runs"), timeline.now("failing.weight")]).toEqual([runs, 0]);
      evidence(context, {
        claim: "Roll-back is the former image: the Rollout is healthy at once, nothing is judged, and the pods that serve stay as they are",
        measured: `healthy after ${seconds(at, healthy)}; ${failing.length} requests answered by the same pod, none failed`,
      });
    });

    test("that is good is promoted, and no request fails", (context) => {
      const { good = [] } = answers;
      expect(failuresOf(good)).toEqual([]);
      expect(timeline.now("good.stable")).toBe(timeline.now("good.canary"));
      expect(answersFrom(good.slice(-20), `good-${timeline.now("good.stable")}`)).toBe(20);
      const took = timeline.first(
        "good.phase",
        (phase) => phase === "Healthy",
        timeline.first("good.weight", (weight) => weight === 50, began),
      );
      evidence(context, {
        claim: "A version that does well is promoted, 20 → 50 → 100 %, and no request fails",
        measured: `0 of ${good.length} failed; ${seconds(began, took ?? 0)} from the apply, with \`pause: "10s"\``,
        tolerance: "no failure",
      });
    });

    test("that nobody calls is neither promoted nor cut, and goes on when requests come", async (context) => {
      const waited = timeline.first("quiet.step", (step) => step === 2, began) ?? Number.NaN;
      const held = Date.now();
      expect([timeline.now("quiet.weight"), timeline.now("quiet.failed"), timeline.now("quiet.step")]).toEqual([20, 0, 2]);
      const { quiet = [] } = await underLoad(web, ["quiet"], () => promoted("quiet", held).then(() => undefined));
      expect(failuresOf(quiet)).toEqual([]);
      evidence(context, {
        claim: '`noTraffic: "hold"`: a version that nobody calls is neither promoted nor cut; it goes on when requests come',
        measured: `held for ${seconds(waited, held)} at 20 %, then promoted ${seconds(held, Date.now())} after the first request; 0 of ${quiet.length} failed`,
        tolerance: "no failure",
      });
    });
  });

  test("a controller that is killed leaves the weights as they are, and goes on when it is back", async (context) => {
    let [from, to] = [0, 0];
    const { good = [] } = await underLoad(web, ["good"], async () => {
      const at = await release({ good: "3" });
      await timeline.until("good.weight", (weight) => weight === 20, { after: at });
      await controller.kill();
      from = Date.now();
      await pause(8_000);
      to = Date.now();
      await controller.restart();
      await promoted("good", at);
    });
    const alone = good.filter(([sent]) => sent > from && sent < to);
    const canary = answersFrom(alone, `good-${timeline.now("good.canary")}`);
    expect(failuresOf(good)).toEqual([]);
    expect(Math.abs(canary - alone.length * 0.2)).toBeLessThan(spread(alone.length, 0.2));
    evidence(context, {
      claim: "With the controller killed in the middle of a release, weights stay as they are and no request fails; back again, it goes on",
      measured: `0 of ${good.length} failed; in ${seconds(from, to)} without it ${canary} of ${alone.length} requests went to the canary, which had 20 %; then promoted`,
      tolerance: "no failure; five standard deviations of the binomial distribution",
    });
  });

  test("a whole tree that is applied again does no harm; Prometheus that is killed takes the release back", async (context) => {
    let [applied, back, from, to] = [0, 0, 0, 0];
    const { good = [] } = await underLoad(web, ["good"], async () => {
      const at = await release({ good: "4" });
      await timeline.until("good.weight", (weight) => weight === 20, { after: at });
      applied = Date.now();
      await mesh.apply(tree(tags).app);
      await until(
        async () => timeline.now("good.weight") === 20 && (await subsetHashes(mesh, "good")).length === 2,
        () => "the controller does not set the weights back",
        { within: 10_000 },
      );
      back = Date.now();
      await prometheus.stop(0);
      from = Date.now();
      await timeline.until("good.phase", (phase) => phase === "Degraded", { after: from });
      to = await timeline.until("good.weight", (weight) => weight === 0, { after: from });
    });
    await prometheus.restart();
    expect(failuresOf(good)).toEqual([]);
    expect(answersFrom(good.slice(-20), `good-${timeline.now("good.stable")}`)).toBe(20);
    evidence(
      context,
      {
        claim:
          "All objects applied again in the middle of a release, weights and subsets as rendered: the controller sets both back, and no request fails",
        measured: `back ${seconds(applied, back)} after the apply began, which itself takes more than a second; 0 of ${good.length} failed`,
        tolerance: "no failure; back 10 s after the apply has ended",
      },
      {
        claim: "With Prometheus killed in the middle of a release, the stable version gets all traffic back, and no request fails",
        measured: `weight 0 after ${seconds(from, to)}; 0 of ${good.length} failed`,
        tolerance: "no failure",
      },
    );
  });

  /** Waits until a release has been through its weights and is the stable version. */
  const promoted = async (name: string, after: number): Promise<number> => {
    const last = await timeline.until(`${name}.weight`, (weight) => weight === 50, { after });
    return await timeline.until(`${name}.phase`, (phase) => phase === "Healthy", { after: last });
  };
});

/** The hashes by which the subsets of a service tell their pods apart. */
async function subsetHashes(mesh: Mesh, name: string): Promise<readonly string[]> {
  const path = `/apis/networking.istio.io/v1/namespaces/shop/destinationrules/${name}`;
  const { spec } = await mesh.api.get<{ spec: { subsets: readonly { labels: Readonly<Record<string, string>> }[] } }>(path);
  return spec.subsets.flatMap(({ labels }) => labels["rollouts-pod-template-hash"] ?? []);
}
