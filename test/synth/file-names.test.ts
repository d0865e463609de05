import fc from "fast-check";
import { expect, test } from "vitest";
import { distinctNames, type NameSteps } from "../../lib/synth/file-names";

const step = fc.constantFrom("a", "A", "b", "a.2", "b.x", "a.x", "taken");
const steps: fc.Arbitrary<NameSteps[]> = fc.array(fc.tuple(step, step, step));

test("every file has a name of its own, whatever the case, and none is one that is taken", () => {
  fc.assert(
    fc.property(steps, (each) => {
      const names = distinctNames(each, ".yaml", ["taken.yaml"]).map((name) => name.toLowerCase());
      expect(names).toHaveLength(each.length);
      expect(new Set([...names, "taken.yaml"]).size).toBe(each.length + 1);
    }),
  );
});

test("the order of the files does not matter as long as the steps tell them apart", () => {
  const distinct = fc.uniqueArray(fc.tuple(step, step), { selector: ([a, b]) => `${a}.${b}`.toLowerCase() });
  fc.assert(
    fc.property(distinct, (pairs) => {
      const each = pairs.map(([a, b], index): NameSteps => [a, `${a}-${b}`, `${a}-${b}-${index}`]);
      const names = distinctNames(each, "", []);
      const reversed = distinctNames(each.toReversed(), "", []).toReversed();
      expect(reversed).toEqual(names);
    }),
  );
});

test("a name that meets no other stays short", () => {
  expect(
    distinctNames(
      [
        ["a", "a.1"],
        ["b", "b.1"],
        ["a", "a.2"],
      ],
      ".yaml",
      [],
    ),
  ).toEqual(["a.1.yaml", "b.yaml", "a.2.yaml"]);
});
