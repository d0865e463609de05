import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Problem } from "../../lib/core/problem";
import type { Manifest } from "../support/examples";
import { type ApiServer, startApiServer } from "./api-server";
import { refusedByCheck, refusedByClass, shapeOf } from "./differential-judgement";
import { type BrokenSystem, brokenSystem } from "./differential-props";
import { randomFrom } from "./differential-random";
import { strictness, strictnessOf } from "./differential-reasons";
import { DryRun, type Verdict } from "./differential-server";
import { type Broken, RandomSpecs } from "./differential-specs";
import { textFields, textOf } from "./differential-texts";
import { rendered, type System, systems } from "./differential-trees";
import { engines } from "./engines.mts";
import { evidence } from "./evidence";
import { type Istiod, startIstiod } from "./istiod";
import { isMissing } from "./program";

const missing = [engines.etcd, engines.kubectl, engines.kubeApiserver, engines.istioctl, engines.istiod].map(isMissing).includes(true);
/** Where chance begins, and how many times as much is tried: MESHGROUND_SEED=7 MESHGROUND_TIMES=10 for a longer look. */
const seed = Number(process.env.MESHGROUND_SEED ?? 1);
const times = Number(process.env.MESHGROUND_TIMES ?? 1);
const patience = 240_000 * times;
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
  const namespaces = new Set(["default", "istio-system", "shop"]);
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

  /** Makes the namespaces that objects name: they are there before the objects are. */
  const makeNamespacesOf = (objects: readonly Manifest[]): void => {
    for (const { metadata } of objects) {
      if (metadata.namespace === undefined || namespaces.has(metadata.namespace)) continue;
      namespaces.add(metadata.namespace);
      server.kubectl("create", "namespace", metadata.namespace);
    }
  };

  test(
    "take every object of every system of constructs",
    async (context) => {
      let [trees, objects] = [0, 0];
      const property = fc.asyncProperty(systems, async (system) => {
        const made = objectsIn(system);
        [trees, objects] = [trees + 1, objects + made.length];
        expect(await refusals(made)).toEqual([]);
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
    "take every object that the library renders of broken props",
    async (context) => {
      const random = randomFrom(seed + 2);
      const sound = fc.sample(systems, { seed, numRuns: 80 * times });
      const broken = sound.flatMap((system) => {
        const before = new Set(objectsIn(system).map((object) => JSON.stringify(object)));
        return Array.from({ length: 10 }, () => outcomeOf(brokenSystem(system, random), before));
      });
      const through: unknown[] = [];
      for (const { change, objects } of broken) {
        makeNamespacesOf(objects);
        through.push(...(await refusals(objects)).map((refusal) => ({ change, refusal })));
      }
      expect(through).toEqual([]);
      const count = (holds: (one: BrokenOutcome) => boolean): number => broken.filter(holds).length;
      const byProps = count(({ refusedBy }) => refusedBy === "props");
      const byChecks = count(({ refusedBy }) => refusedBy === "checks");
      const other = count(({ objects }) => objects.length > 0);
      expect(byProps).toBeGreaterThan(300 * times);
      expect(other).toBeGreaterThan(0);
      evidence(context, {
        claim:
          "One prop or name of such constructs, changed at random, is refused by the library unless the API server and istiod take every object that comes of it.",
        measured: `${broken.length} changes: ${byProps} refused by the construct, ${byChecks} by the checks of the tree; of the others ${other} render other objects, all taken, and ${broken.length - byProps - byChecks - other} change no object`,
        tolerance,
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
    const strict = judged.filter((one) => one.verdict.accepted && isBroken(one)).length;
    expect(taken % judged.length).toBeGreaterThan(0);
    evidence(context, {
      claim: `The library reads ${field.language} as the API server and istiod do.`,
      measured: `${judged.length} random texts: ${judged.length - taken} refused, and each of those by the library; ${taken} taken, ${strict} of the taken refused by the library only`,
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

/** The objects of a sound system. */
function objectsIn(system: System): readonly Manifest[] {
  const { objects, refusedBy, ...more } = rendered(system);
  if (objects === undefined) throw new Error(`a sound system is refused by its ${refusedBy}: ${JSON.stringify(more)}`);
  return objects;
}

/** What came of a broken system: who refused it, or what it renders that the sound one does not. */
interface BrokenOutcome {
  readonly change: string;
  readonly refusedBy?: "props" | "checks";
  readonly objects: readonly Manifest[];
}

function outcomeOf({ system, change }: BrokenSystem, before: ReadonlySet<string>): BrokenOutcome {
  try {
    const { refusedBy, objects = [] } = rendered(system);
    return {
      change,
      ...(refusedBy !== undefined && { refusedBy }),
      objects: objects.filter((object) => !before.has(JSON.stringify(object))),
    };
  } catch (cause) {
    throw new Error(`${change}: ${String(cause)}`, { cause });
  }
}

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
  const byCheck = judged.filter((one) => isMissedInFiles(one) && !isNull(one));
  return [...new Set([...byClass, ...byCheck])].map(({ change, object, verdict }) => ({ change, why: verdict.message, object }));
}

/** Whether the server or the webhook refuses what the check of files does not. */
function isMissedInFiles({ verdict, byCheck }: Judged): boolean {
  return !verdict.accepted && byCheck.length === 0;
}

function isNull({ change }: Judged): boolean {
  return change.endsWith(" is null");
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
  const unknown = count((one) => isOfEnvoy(one) && one.byClass.length === 0);
  const nulls = count((one) => isMissedInFiles(one) && isNull(one));
  const ours = onlyOurs(judged);
  const seen = (reason: string): number => new Set(ours.filter(({ because }) => because === reason).map(({ change }) => change)).size;
  return [
    {
      claim: `${what}, are refused by the library whenever the API server or istiod refuses them.`,
      measured: `${count(isBroken)} of ${judged.length} refused: ${by("server")} by the API server, ${by("webhook")} by istiod, all of them by the library too, but for ${counted(unknown, "patch", "patches")} of EnvoyFilters that Envoy's own configuration does not know; ${count((one) => isBroken(one) && one.verdict.accepted)} by the library only. The check of files refuses what the two refuse as well, but for those and ${counted(nulls, "null", "nulls")}, which it reads as not written`,
      tolerance,
    },
    ...strictness.map(({ what, because }) => ({
      claim: `Only the library refuses ${what}: ${because}`,
      measured: `${seen(what)} of them`,
      tolerance: "each in a list, with its reason",
    })),
  ];
}

function counted(amount: number, one: string, more: string): string {
  return `${amount} ${amount === 1 ? one : more}`;
}
