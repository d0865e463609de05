import fc from "fast-check";
import { expect, test } from "vitest";
import { type Step, stepsOf } from "../../../lib/checks/read/field-path";
import { join } from "../../../lib/core/problem";

test("takes a path apart into names, indices and quoted names", () => {
  expect(stepsOf("spec.http[0].route[1].weight")).toEqual(["spec", "http", 0, "route", 1, "weight"]);
  expect(stepsOf('metadata.annotations["a.b/c"]')).toEqual(["metadata", "annotations", "a.b/c"]);
  expect(stepsOf('[2]["x\\"y"].z')).toEqual([2, 'x"y', "z"]);
  expect(stepsOf("")).toEqual([]);
});

test("leads as far as a path is one", () => {
  expect(stepsOf("spec.ports[one].x")).toEqual(["spec", "ports"]);
  expect(stepsOf("spec and more")).toEqual(["spec"]);
});

test("takes apart every path that is put together", () => {
  const steps = fc.array(fc.oneof(fc.string(), fc.nat(), fc.constantFrom("a.b/c", "__proto__", "[0]", '"')), { maxLength: 6 });
  fc.assert(
    fc.property(steps, (all: readonly Step[]) => {
      expect(stepsOf(all.reduce<string>(join, ""))).toEqual(all);
    }),
  );
});
