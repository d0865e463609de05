import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { meshObject } from "../../../lib/checks/mesh-object";
import { ObjectGraph } from "../../../lib/checks/object-graph";
import { routingRules } from "../../../lib/checks/rules/routing-rules";
import { graphOf } from "../checked";

const { surroundings } = graphOf("", { today: "2026-11-27" });
const examples: readonly unknown[] = routingRules.flatMap(({ example }) =>
  [example.bad, example.good].flatMap((yaml) => parseAllDocuments(yaml).map((document) => document.toJS())),
);

/** Places of everything in data: names of fields and places in lists. */
function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

/** The data with something else at a place. */
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? replaced(item, rest, by) : item));
  const fields = Object.entries(value).map(([name, item]) => [name, name === key ? replaced(item, rest, by) : item]);
  return Object.fromEntries(fields);
}

/** Runs every rule, whatever its release, and throws what any throws. */
function runAll(data: readonly unknown[]): number {
  const graph = new ObjectGraph(
    data.flatMap((one) => meshObject(one, {}) ?? []),
    surroundings,
  );
  return routingRules.reduce((found, rule) => found + [...rule.check(graph)].length, 0);
}

const hostile = fc.oneof(
  fc.constantFrom(null, 0, -1, 1e308, true, "", "*", "~", "/", "./x", ".", "x".repeat(400), "__proto__", "mesh", "kubernetes://", [], {}, [
    [],
  ]),
  fc.constantFrom([null], [7, "x", {}], { constructor: 1 }, JSON.parse('{ "__proto__": { "host": "x" } }'), { number: "80" }, [
    { host: 7 },
  ]),
  fc.anything({ maxDepth: 3 }),
);

describe("no rule throws", () => {
  test("whatever stands in one field of the examples", () => {
    const places = examples.flatMap((data, index) => placesIn(data).map((path) => ({ index, path })));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...places), hostile), { minLength: 1, maxLength: 12 }), (changes) => {
        const mangled = [...examples];
        for (const [{ index, path }, by] of changes) mangled[index] = replaced(mangled[index] ?? null, path, by) ?? {};
        expect(runAll(mangled)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 50 },
    );
  });

  test("where fields are nested without end", () => {
    const deep = Array.from({ length: 5_000 }).reduce<unknown>((inner) => ({ deep: inner }), "x");
    const matches = [{ uri: deep, headers: { x: deep }, port: deep }, { uri: { prefix: "/a" }, withoutHeaders: deep }, deep];
    const service = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: "x" } };
    expect(
      runAll([{ ...service, spec: { hosts: ["x", deep], http: [{ match: matches }, { match: matches }, deep], gateways: [deep] } }]),
    ).toBe(0);
  });
});
