import { ApiObject, Lazy, Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../lib/istio/catalogue";
import { places, replaced } from "./data-samples";
import { chartFor, lines, samples } from "./samples";

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
