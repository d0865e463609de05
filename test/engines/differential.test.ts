import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Problem } from "../../lib/core/problem";
import type { Manifest } from "../support/examples";
import { type ApiServer, startApiServer } from "./api-server";
import { refusedByCheck, refusedByClass, shapeOf } from "./differential-judgement";
import { randomFrom } from "./differential-random";
import { strictness, strictnessOf } from "./differential-reasons";
import { DryRun, type Verdict } from "./differential-server";
import { type Broken, RandomSpecs } from "./differential-specs";
import { textFields, textOf } from "./differential-texts";
import { objectsOfSystem, systems } from "./differential-trees";
import { engines } from "./engines.mts";
import { evidence } from "./evidence";
import { type Istiod, startIstiod } from "./istiod";
import { isMissing } from "./program";

const missing = [engines.etcd, engines.kubectl, engines.kubeApiserver, engines.istioctl, engines.istiod].map(isMissing).includes(true);
/** Where chance begins, and how many times as much is tried: MESHGROUND_SEED=7 MESHGROUND_TIMES=10 for a longer look. */
const seed = Number(process.env.MESHGROUND_SEED ?? 1);
const times = Number(process.env.MESHGROUND_TIMES ?? 1);
const patience = 110_000 * times;
const tolerance = "none let through";

/** An object, what each side says of it, and how it came about. */
interface Judged extends Broken {
  readonly verdict: Verdict;
  readonly byClass: readonly Problem[];
  readonly byCheck: readonly Problem[];
}

describe.skipIf(missing)(`an API server with istiod's webhook, and the library, on random specs (seed ${seed})`, () => {
  let server: ApiServer;
  let istiod: Istiod;
  let dryRun: DryRun;
  beforeAll(async () => {
    process.stdout.write(`Seed ${seed}, ${times} times as much. MESHGROUND_SEED and MESHGROUND_TIMES change them.\n`);
    server = await startApiServer();
    istiod = await startIstiod(server);
    server.kubectl("create", "namespace", "shop");
    dryRun = new DryRun(server);
  });
  afterAll(async () => {
    dryRun?.end();
    await istiod?.stop();
    await server?.stop();
  });

  const judge = async (all: readonly Broken[]): Promise<readonly Judged[]> => {
    const verdicts = await dryRun.verdicts(all.map(({ object }) => object));
    return all.map(({ object, change }, index) => ({
      object,
      change,
      verdict: verdicts[index] as Verdict,
      byClass: refusedByClass(object),
      byCheck: refusedByCheck(object),
    }));
  };
  const refusals = async (objects: readonly Manifest[]): Promise<readonly unknown[]> => {
    const verdicts = await dryRun.verdicts(objects);
    return objects.flatMap((object, index) => (verdicts[index]?.accepted ? [] : [{ why: verdicts[index]?.message, object }]));
  };

  test(
    "take every object of every system of constructs",
    async (context) => {
      let [trees, objects] = [0, 0];
      const property = fc.asyncProperty(systems, async (system) => {
        const rendered = objectsOfSystem(system);
        [trees, objects] = [trees + 1, objects + rendered.length];
        expect(await refusals(rendered)).toEqual([]);
      });
      await fc.assert(property, { seed, numRuns: 60 * times });
      evidence(context, {
        claim:
          "Random props of CanaryService, StrictMtlsNamespace, IstioControlPlane, gateways, exceptions and external services render objects that are taken.",
        measured: `${trees} trees, ${objects} objects, none refused`,
        tolerance: "none refused",
      });
    },
    patience,
  );

  test(
    "take every spec that the library takes",
    async (context) => {
      const random = new RandomSpecs(server, randomFrom(seed));
      const sound = Array.from({ length: 750 * times }, () => random.sound());
      expect(await refusals(sound)).toEqual([]);
      evidence(context, {
        claim: `Random specs of ${random.kinds} kinds of Istio that the library takes are taken by the API server and by istiod.`,
        measured: `${sound.length} specs, none refused`,
        tolerance: "none refused",
      });
    },
    patience,
  );

  test(
    "refuse no broken spec that the library lets through",
    async (context) => {
      const random = new RandomSpecs(server, randomFrom(seed + 1));
      const judged = await judge(Array.from({ length: 5500 * times }, () => random.broken()));
      expect(letThrough(judged)).toEqual([]);
      expect(unjustified(judged)).toEqual([]);
      expect(judged.filter(isBroken).length).toBeGreaterThan(2000 * times);
      evidence(context, ...evidenceOf(judged, `Sound specs of ${random.kinds} kinds, broken in one place`));
    },
    patience,
  );

  test.for(textFields)("read $language alike", { timeout: patience }, async (field, context) => {
    const random = randomFrom(seed);
    const texts = new Set(Array.from({ length: 120 * times }, () => textOf(field, random)));
    const judged = await judge([...texts].map((text) => ({ object: field.object(text), change: JSON.stringify(text) })));
    expect(letThrough(judged)).toEqual([]);
    expect(unjustified(judged)).toEqual([]);
    const taken = judged.filter(({ verdict }) => verdict.accepted).length;
    expect(taken % judged.length).toBeGreaterThan(0);
    evidence(context, {
      claim: `The library reads ${field.language} as the API server and istiod do.`,
      measured: `${judged.length} random texts: ${taken} taken, ${judged.length - taken} refused, and each of those by the library`,
      tolerance,
    });
  });

  test("each refuse what is wrong, so that their silence means something", async () => {
    const spec = (weight: number, more: object = {}): Manifest["spec"] => ({
      hosts: ["a"],
      http: [{ route: [{ destination: { host: "a" }, weight }] }],
      ...more,
    });
    const of = (spec: Manifest["spec"]): Broken => ({
      object: {
        apiVersion: "networking.istio.io/v1",
        kind: "VirtualService",
        metadata: { name: "x", namespace: "default" },
        spec: spec as Readonly<Record<string, unknown>>,
      },
      change: "",
    });
    const [sound, byWebhook, byServer, strict] = await judge(
      [spec(1), spec(-1), spec(1, { unknwon: 1 }), spec(1, { gateways: ["edge", "a_b"] })].map(of),
    );
    expect(sound).toMatchObject({ verdict: { accepted: true }, byClass: [], byCheck: [] });
    expect(byWebhook).toMatchObject({ verdict: { by: "webhook" }, byClass: [{}], byCheck: [{}] });
    expect(byServer).toMatchObject({ verdict: { by: "server" }, byClass: [{}], byCheck: [{}] });
    expect(strict).toMatchObject({ verdict: { accepted: true }, byClass: [{}], byCheck: [] });
  });
});

/**
 * Whether istiod refuses a patch as it stands in Envoy's own configuration: that is an API of its own, with hundreds of messages, which the
 * library does not know.
 */
function isOfEnvoy({ object: { kind }, verdict: { message } }: Judged): boolean {
  return kind === "EnvoyFilter" && /Envoy filter: (?:json:|proto:|.*unmarshal)/.test(message);
}

/** What the server or the webhook refuses, and the library does not. The check of files reads null as not written. */
function letThrough(all: readonly Judged[]): readonly unknown[] {
  const judged = all.filter((one) => !isOfEnvoy(one));
  const byClass = judged.filter(({ verdict, byClass }) => !verdict.accepted && byClass.length === 0);
  const byCheck = judged.filter(
    ({ verdict, byCheck, change }) => !verdict.accepted && byCheck.length === 0 && !change.endsWith(" is null"),
  );
  return [...new Set([...byClass, ...byCheck])].map(({ change, object, verdict }) => ({ change, why: verdict.message, object }));
}

/** What only the library refuses without a reason that is written down. */
function unjustified(judged: readonly Judged[]): readonly unknown[] {
  return onlyOurs(judged).flatMap(({ change, problem, because }) => (because === undefined ? [{ change, problem }] : []));
}

function onlyOurs(judged: readonly Judged[]): readonly { change: string; problem: string; because: string | undefined }[] {
  return judged
    .filter(({ verdict }) => verdict.accepted)
    .flatMap(({ change, object: { kind }, byClass, byCheck }) =>
      [byClass, byCheck].flatMap((problems, index) =>
        problems.map((problem) => {
          const shape = shapeOf(kind, problem);
          return { change, problem: shape, because: strictnessOf(shape, index === 1)?.what };
        }),
      ),
    );
}

function isBroken({ verdict, byClass }: Judged): boolean {
  return !verdict.accepted || byClass.length > 0;
}

function evidenceOf(judged: readonly Judged[], what: string): Parameters<typeof evidence>[1][] {
  const count = (holds: (one: Judged) => boolean): number => judged.filter(holds).length;
  const by = (who: Verdict["by"]): number => count(({ verdict }) => verdict.by === who);
  const ours = onlyOurs(judged);
  const seen = (reason: string): number => new Set(ours.filter(({ because }) => because === reason).map(({ change }) => change)).size;
  return [
    {
      claim: `${what}, are refused by the library whenever the API server or istiod refuses them.`,
      measured: `${count(isBroken)} of ${judged.length} refused: ${by("server")} by the API server, ${by("webhook")} by istiod, all of them by the library too, but for ${count(isOfEnvoy)} patches of EnvoyFilters that are no configuration of Envoy; ${count((one) => isBroken(one) && one.verdict.accepted)} by the library only`,
      tolerance,
    },
    ...strictness
      .filter(({ what }) => seen(what) > 0)
      .map(({ what, because }) => ({
        claim: `Only the library refuses ${what}: ${because}`,
        measured: `${seen(what)} of them`,
        tolerance: "each in a list, with its reason",
      })),
  ];
}
