import fc from "fast-check";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlList, yamlText } from "../../lib/nodes/yaml-text";
import { hostile } from "./settings";

test("any text comes back from YAML 1.1 and 1.2 as it went in", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const yaml = `a: ${yamlText(text)}\nb: 1\n`;
      expect([parse(yaml, { version: "1.1" }), parse(yaml), load(yaml)]).toEqual([
        { a: text, b: 1 },
        { a: text, b: 1 },
        { a: text, b: 1 },
      ]);
    }),
  );
});

test("any list comes back as it went in", () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1 }), (items) => void expect(parse(`a:\n${yamlList(items, "  ")}`)).toEqual({ a: items })),
  );
});
