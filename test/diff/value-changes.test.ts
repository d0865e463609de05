import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathText } from "../../lib/diff/field-change";
import { contentText } from "../../lib/diff/list-match";
import { valueChanges } from "../../lib/diff/value-changes";
import { applyChanges } from "./apply-changes";

/** Names of few letters, so that both sides share many, and names of lists that are matched in every way. */
const name = fc.constantFrom("name", "match", "hosts", "containers", "http", "route", "ports", "port", "spec", "x", "__proto__");
const leaf = fc.oneof(fc.constantFrom("a", "b", "c", "1m", "60s"), fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constant(null));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(leaf, { maxLength: 5 }),
    fc.array(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), x: tie("value") }, { requiredKeys: ["name"] }), { maxLength: 4 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

/** Of sets, the order is no content. */
const content = (given: unknown): string => contentText(withSetsSorted("", given));

function withSetsSorted(field: string, given: unknown): unknown {
  if (Array.isArray(given)) {
    const items = given.map((item) => withSetsSorted(field, item));
    return ["hosts", "ports"].includes(field) && items.every((item) => typeof item === "string") ? items.sort() : items;
  }
  if (typeof given !== "object" || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([key, inner]) => [key, withSetsSorted(key, inner)]));
}

const paths = (before: unknown, after: unknown): readonly string[] =>
  valueChanges(before, after).map(({ kind, path }) => `${kind} ${pathText(path)}`);

describe("the differences of two values", () => {
  test("are none of a value with itself", () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(valueChanges(given, structuredClone(given))).toEqual([]);
      }),
    );
  });

  test("done to the first give the second", () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(content(applyChanges(before, valueChanges(before, after)))).toBe(content(after));
      }),
      { numRuns: 2000 },
    );
  });

  test("done backwards give the first", () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(content(applyChanges(after, valueChanges(after, before)))).toBe(content(before));
      }),
    );
  });

  test("do not depend on the order of keys", () => {
    const reversed = (given: unknown): unknown => {
      if (Array.isArray(given)) return given.map(reversed);
      if (typeof given !== "object" || given === null) return given;
      return Object.fromEntries(
        Object.entries(given)
          .reverse()
          .map(([key, inner]) => [key, reversed(inner)]),
      );
    };
    fc.assert(
      fc.property(value, (given) => {
        expect(valueChanges(given, reversed(given))).toEqual([]);
      }),
    );
  });
});

describe("items of lists", () => {
  test("are the same container by its name, wherever it stands", () => {
    const before = {
      containers: [
        { name: "app", image: "a:1" },
        { name: "proxy", image: "p:1" },
      ],
    };
    const after = {
      containers: [
        { name: "proxy", image: "p:1" },
        { name: "app", image: "a:2" },
      ],
    };
    expect(paths(before, after)).toEqual(["changed containers[name=app].image", "moved containers"]);
  });

  test("are the same port by name, else by number and protocol", () => {
    const byName = [{ ports: [{ name: "http", port: 80 }] }, { ports: [{ name: "http", port: 8080 }] }] as const;
    expect(paths(...byName)).toEqual(["changed ports[name=http].port"]);
    const both = [
      { port: 53, protocol: "UDP" },
      { port: 53, targetPort: 53 },
    ];
    const other = [
      { port: 53, protocol: "UDP" },
      { port: 53, targetPort: 5353 },
    ];
    expect(paths({ ports: both }, { ports: other })).toEqual(["changed ports[port=53].targetPort"]);
  });

  test("are the same route by name, else by what it matches", () => {
    const get = { match: [{ method: { exact: "GET" } }], timeout: "1s" };
    const all = { timeout: "2s" };
    expect(paths({ http: [all] }, { http: [get, all] })).toEqual(["added http[0]"]);
    expect(paths({ http: [get, all] }, { http: [get, { timeout: "3s" }] })).toEqual(["changed http[1].timeout"]);
  });

  test("are the same destination by host, subset and port", () => {
    const route = (weight: number, subset: string): object => ({ destination: { host: "pricing", subset }, weight });
    expect(paths({ route: [route(95, "v1"), route(5, "v2")] }, { route: [route(80, "v1"), route(20, "v2")] })).toEqual([
      "changed route[host=pricing,subset=v1].weight",
      "changed route[host=pricing,subset=v2].weight",
    ]);
  });

  test("of a set have no place", () => {
    expect(paths({ hosts: ["a", "b"] }, { hosts: ["b", "a"] })).toEqual([]);
    expect(paths({ hosts: ["a", "b"] }, { hosts: ["b", "c"] })).toEqual(["removed hosts", "added hosts"]);
  });

  test("that are put between others shift nothing", () => {
    expect(paths({ args: ["a", "b", "c"] }, { args: ["a", "new", "b", "c"] })).toEqual(["added args[1]"]);
  });

  test("that stand elsewhere are said to have moved", () => {
    expect(paths({ args: ["a", "b", "c"] }, { args: ["c", "a", "b"] })).toEqual(["moved args"]);
  });
});

describe("what means the same", () => {
  test.each([
    [{ requests: { cpu: "1000m" } }, { requests: { cpu: "1" } }],
    [{ limits: { memory: "1Gi" } }, { limits: { memory: "1024Mi" } }],
    [{ limits: { "example.com/gpu": 1 } }, { limits: { "example.com/gpu": "1" } }],
    [{ timeout: "60s" }, { timeout: "1m0s" }],
    [{ baseEjectionTime: "0.5s" }, { baseEjectionTime: "500ms" }],
  ])("%j and %j", (before, after) => {
    expect(valueChanges(before, after)).toMatchObject([{ kind: "changed", sameMeaning: true }]);
  });

  test.each([
    [{ requests: { cpu: "1000m" } }, { requests: { cpu: "2" } }],
    [{ timeout: "60s" }, { timeout: "1h" }],
    [{ targetPort: "8080" }, { targetPort: 8080 }],
    [{ version: "1.0" }, { version: "1" }],
  ])("is not %j and %j", (before, after) => {
    expect(valueChanges(before, after)).not.toMatchObject([{ sameMeaning: true }]);
  });
});
