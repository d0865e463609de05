import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crdsOf, type DeliveryController, startFlagger } from "../cut/controllers";
import { followCanaries } from "../cut/flagger-timeline";
import { keepsInboundStats, prometheusUrl, startIstioMetrics } from "../cut/istio-metrics";
import { isBad, sufferedOf, underLoad } from "../cut/load";
import { imageOf, progressive, type Shop, shop } from "../cut/shop";
import { seconds, type Timeline } from "../cut/timeline";
import { engines } from "../engines.mts";
import { evidence } from "../evidence";
import { answersFrom, failuresOf, spread } from "../mesh/answers";
import type { Answer } from "../mesh/load.mts";
import { Mesh, meshIsMissing } from "../mesh/mesh";
import type { Pod } from "../mesh/pod";
import { WorkloadController } from "../mesh/workload-controller";
import { isMissing } from "../program";
import { type Prometheus, prometheusIsMissing } from "../prometheus";

/** What each service does without requests. */
const services = { failing: "abort", slow: "abort", good: "abort", quiet: "abort", alone: "promote" } as const;
type Name = keyof typeof services;
const names = Object.keys(services) as Name[];
type Tags = Readonly<Record<Name, string>>;

/** The shortest interval that Flagger takes. Unit: seconds. */
const interval = 10;

function tree(tags: Tags): Shop {
  const release = (name: Name): ReturnType<typeof progressive> => {
    const abortWhen = { p99Above: "200ms", errorsAbove: "1%", over: "10s", noTraffic: services[name] } as const;
    return progressive({ image: imageOf(name, tags[name]), controller: "flagger", abortWhen });
  };
  return shop(Object.fromEntries(names.map((name) => [name, { release: release(name), props: { replicas: 1 } }])));
}

const missing = [meshIsMissing(), isMissing(engines.flagger), prometheusIsMissing()].includes(true);

describe.skipIf(missing)(`releases that Flagger ${engines.flagger.version} moves, judged by Envoy's own measurements`, () => {
  let tags: Tags = { failing: "1", slow: "1", good: "1", quiet: "1", alone: "1" };
  let mesh: Mesh;
  let web: Pod;
  let controller: DeliveryController;
  let prometheus: Prometheus;
  let timeline: Timeline;
  beforeAll(async () => {
    const { app, controlPlane } = tree(tags);
    mesh = await Mesh.start(app, controlPlane, crdsOf.flagger());
    prometheus = await startIstioMetrics(mesh);
    controller = await startFlagger(mesh, prometheusUrl);
    mesh.own(new WorkloadController(mesh, { annotations: keepsInboundStats }));
    timeline = followCanaries(mesh.api);
    mesh.own(timeline);
    await Promise.all(names.map((name) => timeline.until(`${name}.phase`, is("Initialized"))));
    web = await mesh.readyPod("web-v1");
    await mesh.untilKnown(
      web,
      names.flatMap((name) => mesh.readyPods(`${name}-primary`)),
    );
  });
  afterAll(() => mesh?.end());

  const release = async (changed: Partial<Tags>): Promise<number> => {
    tags = { ...tags, ...changed };
    const at = Date.now();
    await mesh.applyChanges(tree(tags).app);
    return at;
  };
  test("the first apply makes the primary, and judges nothing", (context) => {
    for (const name of names) expect([timeline.now(`${name}.failed`), timeline.now(`${name}.weight`)]).toEqual([0, 0]);
    evidence(context, {
      claim:
        "The first apply of a progressive release has nothing to compare with: Flagger copies the Deployment to a primary, and judges nothing",
      measured: `${names.length} Canaries initialized, weight 0`,
    });
  });

  describe("a new version", () => {
    let began: number;
    let answers: Readonly<Record<string, readonly Answer[]>>;
    beforeAll(async () => {
      answers = await underLoad(web, ["failing", "slow", "good"], async () => {
        began = await release({ failing: "2-fails-5-percent", slow: "2-takes-400-ms", good: "2", quiet: "2", alone: "2" });
        await Promise.all([
          ...["failing", "slow", "quiet"].map((name) => timeline.until(`${name}.phase`, is("Failed"), { after: began })),
          ...["good", "alone"].map((name) => timeline.until(`${name}.phase`, is("Succeeded"), { after: began })),
        ]);
      });
    });

    const kinds = {
      failing: "answers 5 % of its requests with status 500",
      slow: "answers after 400 ms",
    } as const;

    test.for(["failing", "slow"] as const)("that is %s is cut", (name, context) => {
      const all = answers[name] ?? [];
      const canary = new RegExp(`^${name}-\\d+$`);
      const { firstBad, lastSent, requests, bad } = sufferedOf(all, ([, , , body]) => canary.test(body));
      const judged = timeline.first(`${name}.failed`, is(1), began) ?? Number.NaN;
      const zero = timeline.first(`${name}.weight`, is(0), judged) ?? Number.NaN;
      expect(zero - judged).toBeLessThan((interval + 5) * 1_000);
      expect(lastSent - judged).toBeLessThan((interval + 5) * 1_000);
      expect(all.filter(([sent]) => sent > lastSent).filter(isBad)).toEqual([]);
      evidence(context, {
        claim: `A version that ${kinds[name]} is cut: Flagger counts a failed check and rolls back at its next look, so weight 0 comes one interval later, of 10 s at least (1 % or p99 200 ms, \`over: "10s"\`)`,
        measured: `first bad answer, ${seconds(firstBad, judged)} later the check that fails, ${seconds(judged, zero)} later weight 0, ${seconds(judged, lastSent)} after that check the last request reached it; ${bad} of ${requests} requests went wrong while it had 20 %, none after`,
        tolerance: `${interval + 5} s to weight 0 in the VirtualService and to the last request`,
      });
    });

    test("that is good is promoted, and no request fails", (context) => {
      const { good = [] } = answers;
      expect(failuresOf(good)).toEqual([]);
      expect(answersFrom(good.slice(-20), "good-primary")).toBe(20);
      evidence(context, {
        claim: "A version that does well is promoted, 20 → 50 → 100 %, and no request fails, also while the primary gets the new pods",
        measured: `0 of ${good.length} failed; ${seconds(began, timeline.first("good.phase", is("Succeeded"), began) ?? 0)} from the apply`,
        tolerance: "no failure",
      });
    });

    test("that nobody calls goes the way that was asked for", (context) => {
      expect([timeline.now("quiet.phase"), timeline.now("quiet.weight"), timeline.first("quiet.weight", is(50))]).toEqual([
        "Failed",
        0,
        undefined,
      ]);
      expect([timeline.now("alone.phase"), timeline.now("alone.failed")]).toEqual(["Succeeded", 0]);
      evidence(context, {
        claim: 'A version that nobody calls is taken back with `noTraffic: "abort"` and promoted with `noTraffic: "promote"`',
        measured: `taken back after ${seconds(began, timeline.first("quiet.phase", is("Failed"), began) ?? 0)}, promoted after ${seconds(began, timeline.first("alone.phase", is("Succeeded"), began) ?? 0)}`,
      });
    });
  });

  test("a controller that is killed leaves the weights as they are; Prometheus that is killed takes the release back", async (context) => {
    let [killed, back, blind, zero] = [0, 0, 0, 0];
    const { good = [] } = await underLoad(web, ["good"], async () => {
      const at = await release({ good: "3" });
      await timeline.until("good.weight", is(20), { after: at });
      await controller.kill();
      killed = Date.now();
      await pause(8_000);
      back = Date.now();
      await controller.restart();
      await timeline.until("good.weight", is(50), { after: at });
      await prometheus.stop(0);
      blind = Date.now();
      zero = await timeline.until("good.weight", is(0), { after: blind });
      await timeline.until("good.phase", is("Failed"), { after: blind });
    });
    const alone = good.filter(([sent]) => sent > killed && sent < back);
    const canary = alone.filter(([, , , body]) => /^good-\d+$/.test(body)).length;
    expect(failuresOf(good)).toEqual([]);
    expect(Math.abs(canary - alone.length * 0.2)).toBeLessThan(spread(alone.length, 0.2));
    expect(answersFrom(good.slice(-20), "good-primary")).toBe(20);
    evidence(
      context,
      {
        claim:
          "With the controller killed in the middle of a release, weights stay as they are and no request fails; back again, it goes on",
        measured: `0 of ${good.length} failed; in ${seconds(killed, back)} without it ${canary} of ${alone.length} requests went to the canary, which had 20 %; then 50 %`,
        tolerance: "no failure; five standard deviations of the binomial distribution",
      },
      {
        claim: "With Prometheus killed in the middle of a release, the stable version gets all traffic back, and no request fails",
        measured: `weight 0 after ${seconds(blind, zero)}; 0 of ${good.length} failed`,
        tolerance: "no failure",
      },
    );
  });
});

const is =
  (wanted: unknown) =>
  (value: unknown): boolean =>
    value === wanted;
