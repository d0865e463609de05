import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { list, record } from "../../../lib/checks/fields";
import { meshObject } from "../../../lib/checks/mesh-object";
import { ObjectGraph } from "../../../lib/checks/object-graph";
import type { Rule } from "../../../lib/checks/rule";
import { workloadRules } from "../../../lib/checks/rules/workload-rules";
import { graphOf } from "../checked";

/** What may stand anywhere in a file. */
const hostile: readonly unknown[] = [
  null,
  "",
  "*",
  "a".repeat(5_000),
  0,
  -1,
  1e308,
  true,
  [],
  [null, "a", 1, [[]]],
  {},
  { constructor: 1, toString: "a", ["__proto__"]: { a: 1 }, length: -1 },
  { name: { name: [] }, namespace: 3, labels: [1], annotations: "a", spec: null, containers: {}, ports: "http", matchLabels: 1 },
];

/** Lists and maps of plain data with a place in each. */
type Path = readonly (string | number)[];

function pathsOf(data: unknown, path: Path = []): readonly Path[] {
  const inner = Array.isArray(data) ? data.map((item, index) => [index, item] as const) : Object.entries(record(data));
  return inner.flatMap(([step, value]) => [[...path, step], ...pathsOf(value, [...path, step])]);
}

function replaced(data: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(data)) return list(data).map((item, index) => (index === step ? replaced(item, rest, value) : item));
  return { ...record(data), [step]: replaced(record(data)[String(step)], rest, value) };
}

const examples: readonly unknown[] = workloadRules.flatMap(({ example }) =>
  parseAllDocuments(`${example.bad}\n---\n${example.good}`).map((document) => document.toJS()),
);
const surroundings = Object.fromEntries(
  ["1.17", "1.30"].map((istio) => [
    istio,
    graphOf("", { istio, meshConfig: "extensionProviders: [1, { name: a, lightstep: }, { lightstep: 1 }]" }).surroundings,
  ]),
);

function run(rules: readonly Rule[], documents: readonly unknown[], istio: string): number {
  const around = surroundings[istio];
  if (around === undefined) throw new Error(istio);
  const objects = documents.flatMap((document) => meshObject(document, {}) ?? []);
  const graph = new ObjectGraph(objects, around);
  return rules.reduce((sum, rule) => sum + [...rule.check(graph)].length, 0);
}

test("no rule of workloads throws where many fields of several examples are anything at all", () => {
  const change = fc.tuple(fc.nat(), fc.nat(), fc.oneof(fc.constantFrom(...hostile), fc.jsonValue({ maxDepth: 3 })));
  fc.assert(
    fc.property(fc.subarray([...examples], { minLength: 1, maxLength: 12 }), fc.array(change, { maxLength: 30 }), (documents, changes) => {
      const mangled = [...documents];
      for (const [which, where, value] of changes) {
        const index = which % mangled.length;
        const paths = pathsOf(mangled[index]);
        mangled[index] = replaced(mangled[index], paths[where % Math.max(paths.length, 1)] ?? [], value);
      }
      for (const istio of ["1.17", "1.30"]) run(workloadRules, mangled, istio);
    }),
    { numRuns: 50 },
  );
  expect(examples.length).toBeGreaterThan(workloadRules.length);
});
