import { ApiObject, Lazy, Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../lib/istio/catalogue";
import { chartFor, lines, samples } from "./samples";

/** Where in a value something stands: `["http", 0, "timeout"]`. */
type Place = readonly (string | number)[];

function places(value: unknown, at: Place = []): readonly Place[] {
  const below = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [
    ...(at.length > 0 ? [at] : []),
    ...below.flatMap(([key, entry]) => places(entry, [...at, Array.isArray(value) ? Number(key) : key])),
  ];
}

function replaced(value: unknown, [step, ...rest]: Place, by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((entry: unknown, index) => (index === step ? replaced(entry, rest, by) : entry));
  return { ...(value as object), [step]: replaced((value as Readonly<Record<string, unknown>>)[step], rest, by) };
}

describe.each(samples)("$kind", ({ kind, spec, problems, make }) => {
  test("is made in the apiVersion of every release, with everything that release knows", () => {
    for (const row of catalogue) {
      const chart = chartFor(row.minor, `1.${row.kubernetes.newest}`);
      expect(ApiObject.isApiObject(make(chart, spec))).toBe(true);
      expect(Testing.synth(chart)).toMatchObject([{ apiVersion: row.apiVersions[kind], kind, metadata: { name: "sample" }, spec }]);
    }
  });

  test("lets deferred parts pass, wherever they stand", () => {
    const deferred: unknown = Lazy.any({ produce: () => "later" });
    for (const place of places(spec)) expect([place, problems(replaced(spec, place, deferred) as object)]).toEqual([place, []]);
  });

  test("names what is wrong instead of failing, whatever stands where", () => {
    for (const place of places(spec))
      for (const junk of [null, -1, "", "*", [], {}, [null], { x: null }])
        expect(() => problems(replaced(spec, place, junk) as object)).not.toThrow();
  });

  test("names unknown fields, with the nearest that Istio knows", () => {
    const [last = ""] = Object.keys(spec).slice(-1);
    expect(lines(problems({ ...spec, [`${last}s`]: "x" }))).toEqual([`spec.${last}s: unknown prop. Did you mean "${last}"?`]);
  });
});
