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

test("no text is written beyond ASCII, where YAML's versions disagree on line breaks", () => {
  fc.assert(fc.property(hostile, (text) => void expect(yamlText(text)).toMatch(/^[\x20-\x7e]*$/)));
  expect(yamlText("\u0085\u2028ø")).toBe(String.raw`"\u0085\u2028\u00f8"`);
});

test("any list comes back as it went in", () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1 }), (items) => void expect(parse(`a:\n${yamlList(items, "  ")}`)).toEqual({ a: items })),
  );
});
