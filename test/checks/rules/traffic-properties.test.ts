import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { chainBudget } from "../../../lib/checks/chain-budget";
import { meshObject } from "../../../lib/checks/mesh-object";
import { ObjectGraph } from "../../../lib/checks/object-graph";
import { trafficRules } from "../../../lib/checks/rules/traffic-rules";
import { maxEjectionPercent, mostEjected } from "../../../lib/istio/ejection";
import { longestPauses, longestTime, longestTry, triesThatFit } from "../../../lib/istio/retry-arithmetic";
import { graphOf } from "../checked";

describe("the arithmetic of tries", () => {
  const attempts = fc.integer({ min: 0, max: 40 });
  const ms = fc.integer({ min: 1, max: 20_000 });
  const backoff = fc.integer({ min: 1, max: 500 });

  test("counts as Envoy goes along, try by try and pause by pause", () => {
    const stepByStep = (retries: number, perTry: number, base: number, total: number): number => {
      let [spent, tries] = [0, 0];
      while (tries <= retries && spent + perTry <= total) {
        tries += 1;
        spent += perTry + Math.min(base * (2 ** tries - 1), base * 10);
      }
      return Math.max(1, tries);
    };
    fc.assert(
      fc.property(attempts, ms, backoff, fc.integer({ min: 1, max: 100_000 }), (retries, perTry, base, total) => {
        expect(triesThatFit({ attempts: retries, perTry, backoff: base }, total)).toBe(stepByStep(retries, perTry, base, total));
      }),
      { numRuns: 500 },
    );
  });

  test("never takes longer pauses for fewer tries", () => {
    fc.assert(
      fc.property(attempts, backoff, (tries, base) => {
        expect(longestPauses(tries + 1, base)).toBeGreaterThanOrEqual(longestPauses(tries, base));
      }),
    );
  });

  test("names the longest limit of a try that lets all of them end in time", () => {
    fc.assert(
      fc.property(attempts, ms, backoff, (retries, total, base) => {
        const perTry = longestTry(retries, total, base);
        fc.pre(perTry >= 1);
        expect(longestTime({ attempts: retries, perTry, backoff: base })).toBeLessThanOrEqual(total);
        expect(longestTime({ attempts: retries, perTry: perTry + 1, backoff: base })).toBeGreaterThan(total);
      }),
    );
  });
});

describe("the arithmetic of ejections", () => {
  const pods = fc.integer({ min: 1, max: 500 });
  const percent = fc.integer({ min: 1, max: 100 });

  test("takes pods out as Envoy does, one after the other", () => {
    const oneByOne = (all: number, share: number, strict: boolean): number => {
      let out = 0;
      const more = (): boolean => (strict ? (100 * (out + 1)) / all <= share : out === 0 || (100 * out) / all < share);
      while (out < all && more()) out += 1;
      return out;
    };
    fc.assert(
      fc.property(pods, percent, fc.boolean(), (all, share, strict) => {
        expect(mostEjected(all, share, strict)).toBe(oneByOne(all, share, strict));
      }),
      { numRuns: 500 },
    );
  });

  test("keeps the pods that are to be kept", () => {
    fc.assert(
      fc.property(pods, fc.integer({ min: 1, max: 20 }), (all, keep) => {
        expect(all - mostEjected(all, maxEjectionPercent(all, keep), true)).toBeGreaterThanOrEqual(Math.min(keep, all));
      }),
    );
  });
});

const odd = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  "2s",
  [],
  {},
  [null],
  [{}],
  { "": {} },
  "__proto__",
  ["a", 1, null],
  { name: 1, namespace: {} },
];

/** The same data with some values replaced, doubled or left out. */
function mangled(value: unknown, draw: () => number): unknown {
  if (draw() < 0.06) return odd[Math.floor(draw() * odd.length)];
  if (Array.isArray(value)) return value.flatMap((item) => (draw() < 0.05 ? [] : draw() < 0.05 ? [item, item] : [mangled(item, draw)]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [draw() < 0.02 ? "__proto__" : name, mangled(inner, draw)]));
}

describe("whatever objects hold", () => {
  const examples = trafficRules
    .flatMap(({ example }) => [example.bad, example.good])
    .map((yaml) => parseAllDocuments(yaml).map((one): unknown => one.toJS()));
  const { surroundings } = graphOf("");

  test("no rule throws, names a field of another object, or says undefined", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (stream) => {
        const draw = (): number => stream.next().value ?? 0;
        const data = examples.flat().map((one) => mangled(one, draw));
        const graph = new ObjectGraph(
          data.flatMap((one) => meshObject(one, {}) ?? []),
          { ...surroundings, meshConfig: mangled({ defaultHttpRetryPolicy: { attempts: 2 } }, draw) as Record<string, unknown> },
        );
        for (const rule of trafficRules) {
          for (const { object, message } of rule.check(graph)) {
            expect(graph.objects).toContain(object);
            expect(message).not.toMatch(/undefined|NaN|\[object/);
          }
        }
        expect(typeof String(chainBudget(graph))).toBe("string");
      }),
      { numRuns: 50 },
    );
  });
});
