import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { meshObject } from "../../../lib/checks/mesh-object";
import { ObjectGraph } from "../../../lib/checks/object-graph";
import { nodeRules } from "../../../lib/checks/rules/node-rules";
import { graphOf } from "../checked";

/** Every object of the rules' own examples. */
const examples: readonly unknown[] = nodeRules.flatMap(({ example }) =>
  [example.bad, example.good].flatMap((yaml) => parseAllDocuments(yaml).map((document) => document.toJS() as unknown)),
);
const { surroundings } = graphOf("");

const strange: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 1e308, Number.MAX_SAFE_INTEGER, "", "0", "*", "-", "%", "100%", "1e99", "9".repeat(40), "\u0000"],
  ...[
    "net.*",
    "1024 65535",
    "30000-32767",
    "v1.36.2+k3s1",
    "32Gi",
    "Exists",
    "k3s",
    [],
    {},
    [[]],
    [null],
    [1, "a"],
    { exact: {} },
    { atLeast: [] },
  ],
  ...[JSON.parse('{"__proto__": {"a": 1}}'), { constructor: 1 }, { matchLabels: [] }, { name: {} }, [{ name: "net.core.somaxconn" }]],
];

/** Numbers below a bound, the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** The data with what stands at some of its places replaced, removed, or put under another name. */
function mangled(data: unknown, roll: (bound: number) => number): unknown {
  if (roll(12) === 0) return strange[roll(strange.length)];
  if (Array.isArray(data)) return data.filter(() => roll(20) > 0).map((item) => mangled(item, roll));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data)
      .filter(() => roll(20) > 0)
      .map(([name, value]): [string, unknown] => [roll(30) === 0 ? "__proto__" : name, mangled(value, roll)]),
  );
}

/** What names an object stays: without it there is none to look at. */
function stillNamed(data: unknown, roll: (bound: number) => number): unknown {
  const { apiVersion, kind, metadata } = data as Readonly<Record<string, unknown>>;
  const { name } = metadata as Readonly<Record<string, unknown>>;
  const broken = mangled(data, roll);
  const fields = typeof broken === "object" && broken !== null && !Array.isArray(broken) ? broken : {};
  const named = (fields as { readonly metadata?: unknown }).metadata;
  return { ...fields, apiVersion, kind, metadata: typeof named === "object" ? { ...named, name } : { name } };
}

test("no rule on nodes throws on what is left of its examples, and each says the same twice", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const roll = dice(seed);
      const objects = examples.flatMap((data) => meshObject(stillNamed(data, roll), {}) ?? []);
      const look = (): unknown => {
        const graph = new ObjectGraph(objects, { ...surroundings, today: "2030-01-01", residency: ["NO"] });
        return nodeRules.flatMap((rule) => [...rule.check(graph)].map(({ field, message }) => `${rule.code} ${field} ${message}`));
      };
      expect(look()).toEqual(look());
    }),
    { numRuns: 50 },
  );
});
