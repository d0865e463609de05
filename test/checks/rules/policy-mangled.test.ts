import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { meshObject } from "../../../lib/checks/mesh-object";
import { ObjectGraph } from "../../../lib/checks/object-graph";
import { kialiRules } from "../../../lib/checks/rules/kiali-rules";
import { policyRules } from "../../../lib/checks/rules/policy-rules";
import { graphOf } from "../checked";

const rules = [...policyRules, ...kialiRules];
const examples = rules.map(({ example }) => parseAllDocuments(example.bad).map((document) => document.toJS()));
const { surroundings } = graphOf("");

/** What a careless hand could write in the place of a field. */
const rubbish: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, "", "*", ".", "a.b", 0, -1, 1e308, true, [], {}, [null], { a: { b: [{ c: null }] } }, "__proto__", [[["x"]]]),
  fc.string(),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Every place of a value, by its path. */
function placesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, item]) => placesOf(item, [...path, name]))];
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined || typeof value !== "object" || value === null) return by;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  (copy as Record<string, unknown>)[name] = replaced((value as Record<string, unknown>)[name], rest, by);
  return copy;
}

/** An example in which some places hold rubbish. */
const mangled = fc.constantFrom(...examples).chain((example) => {
  const places = placesOf(example).filter((path) => path.length > 1);
  return fc
    .array(fc.record({ path: fc.constantFrom(...places), by: rubbish }), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce<unknown>((value, { path, by }) => replaced(value, path, by), example));
});

const objectsOf = (documents: unknown): readonly NonNullable<ReturnType<typeof meshObject>>[] =>
  Array.isArray(documents) ? documents.flatMap((data) => meshObject(data, {}) ?? []) : [];

test("no rule on policies, and none of Kiali's, throws on an example in which anything is replaced", () => {
  fc.assert(
    fc.property(
      mangled,
      fc.constantFrom("{}", "enableAutoMtls: false", "defaultProviders: 7", "rootNamespace: []"),
      (documents, meshConfig) => {
        const graph = new ObjectGraph(objectsOf(documents), { ...surroundings, meshConfig: parse(meshConfig) });
        for (const rule of rules) for (const { message } of rule.check(graph)) expect(message).toBeTypeOf("string");
      },
    ),
    { numRuns: 50 },
  );
});

test.each([null, 7, [7], { a: { b: 7 } }])("no rule throws where any one field of its example is %j", (by) => {
  for (const [index, example] of examples.entries()) {
    for (const path of placesOf(example).filter(({ length }) => length > 1)) {
      const graph = new ObjectGraph(objectsOf(replaced(example, path, by)), surroundings);
      expect(() => [...(rules[index]?.check(graph) ?? [])]).not.toThrow();
    }
  }
});
