import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlList } from "../../lib/nodes/yaml-text";
import { hostile } from "./settings";

test("any list comes back as it went in", () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1 }), (items) => void expect(parse(`a:\n${yamlList(items, "  ")}`)).toEqual({ a: items })),
  );
});
