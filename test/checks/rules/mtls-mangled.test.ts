import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { type MeshObject, meshObject } from "../../../lib/checks/mesh-object";
import { ObjectGraph } from "../../../lib/checks/object-graph";
import { mtlsRules } from "../../../lib/checks/rules/mtls-rules";
import { resolveReleases } from "../../../lib/istio/release";

/** Every object of the rules' own examples. */
const documents: readonly unknown[] = mtlsRules.flatMap(({ example }) =>
  [example.bad, example.good].flatMap((yaml) => parseAllDocuments(yaml).map((document) => document.toJS())),
);
const old = resolveReleases("test", { istio: "1.26", kubernetes: "1.33" });
const recent = resolveReleases("test", { istio: "1.30", kubernetes: "1.36" });

/** What may stand where something else is expected. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "*", "80", "\u0000", -1, 0, 1e308, Number.NaN, [], {}, [null], [[]], { "": "" }),
  fc.constantFrom<unknown>(
    { constructor: "x", hasOwnProperty: 1 },
    JSON.parse('{ "__proto__": { "app": "pricing" } }'),
    "a".repeat(10_000),
    "://".repeat(3_000),
  ),
  fc.string({ maxLength: 8 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Replaces one in so many parts of an object by junk, and leaves others out. */
function mangled(value: unknown, random: () => number, other: () => unknown): unknown {
  const dice = random();
  if (dice < 0.03) return other();
  if (Array.isArray(value)) return value.map((item) => mangled(item, random, other));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(() => random() > 0.03);
  return Object.fromEntries(kept.map(([key, part]) => [random() < 0.01 ? "__proto__" : key, mangled(part, random, other)]));
}

const graphs = fc
  .record({
    seed: fc.integer(),
    junks: fc.array(junk, { minLength: 8, maxLength: 8 }),
    releases: fc.constantFrom(old, recent),
    meshConfig: junk,
  })
  .map(({ seed, junks, releases, meshConfig }) => {
    let state = seed >>> 0;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const other = (): unknown => junks[Math.floor(random() * junks.length)];
    const objects = documents.flatMap((document): readonly MeshObject[] => {
      const object = meshObject(mangled(document, random, other), {});
      return object === undefined ? [] : [object];
    });
    return new ObjectGraph(objects, { releases, meshConfig: meshConfig as Record<string, unknown> });
  });

test("no rule throws on mangled versions of the rules' own examples, and what it finds can be read", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      for (const rule of mtlsRules) {
        for (const { object, message, field } of rule.check(graph)) {
          expect(graph.objects).toContain(object);
          expect(message.length).toBeGreaterThan(10);
          expect(typeof (field ?? "")).toBe("string");
        }
      }
    }),
    { numRuns: 50 },
  );
});
