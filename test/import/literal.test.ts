import { isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { literal } from "../../lib/import/literal";
import { hostile } from "../checks/read/mangle";

const printed = (value: unknown): string => literal(value, { level: 0, beside: 0 });
const evaluated = (text: string): unknown => structuredClone(runInNewContext(`(${text})`));

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    ...hostile,
    "__proto__",
    "*/",
    "`$" + "{1}`",
    "\u2028",
    "\u202e",
    "</script>",
    "a\r\nb\n",
    "\n\n",
    "\\n",
    "\ufeff",
    "\u{e0041}",
  ),
);
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value")),
    fc.dictionary(fc.oneof(text, fc.constantFrom("__proto__", "constructor", "a", "b-c", "1")), tie("value")),
  ),
})).value;

describe("a literal", () => {
  test("is the same data when it runs", () => {
    fc.assert(
      fc.property(data, (value) => isDeepStrictEqual(evaluated(printed(value)), structuredClone(value))),
      { numRuns: 1000 },
    );
    expect(evaluated(printed(JSON.parse('{"__proto__":{"a":1}}')))).toStrictEqual(JSON.parse('{"__proto__":{"a":1}}'));
  });

  test("shows everything that it holds: no controls, no marks that turn or hide text", () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(printed([value, "\u{e0041}\u202e"])).toMatch(
          /^(?:\n|[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}])*$/u,
        );
      }),
    );
  });

  test("stands on one line where it is short, else has a line for each entry", () => {
    expect(printed({ host: "pricing", subset: "v1" })).toBe('{ host: "pricing", subset: "v1" }');
    expect(
      printed({
        route: [
          { destination: { host: "pricing", subset: "v1" }, weight: 95 },
          { destination: { host: "b" }, weight: 5 },
        ],
      }),
    ).toMatchInlineSnapshot(`
        "{
          route: [
            { destination: { host: "pricing", subset: "v1" }, weight: 95 },
            { destination: { host: "b" }, weight: 5 },
          ],
        }"
      `);
  });

  test("shows a text of several lines as its lines", () => {
    expect(printed({ script: `#!/bin/sh\n${"echo ".repeat(20)}\nexit 0\n` })).toMatchInlineSnapshot(`
      "{
        script: [
          "#!/bin/sh",
          "echo echo echo echo echo echo echo echo echo echo echo echo echo echo echo echo echo echo echo echo ",
          "exit 0",
          "",
        ].join("\\n"),
      }"
    `);
    expect(printed({ short: "a\nb" })).toBe('{ short: "a\\nb" }');
  });

  test("is no wider than it must be", () => {
    const words = fc.array(fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.stringMatching(/^[a-z]{1,20}$/)));
    fc.assert(
      fc.property(words, (value) => {
        expect(
          Math.max(
            ...printed(value)
              .split("\n")
              .map(({ length }) => length),
          ),
        ).toBeLessThanOrEqual(100);
      }),
    );
  });
});
