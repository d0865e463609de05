import fc from "fast-check";
import { expect, test } from "vitest";
import { celProblem } from "../../lib/istio/cel-syntax";

test.each([
  "response.code >= 400",
  "has(request.headers.x) && !connection.mtls || a ? b : c ? d : e",
  "request.headers['x-a'].startsWith(\"b\") && size(a[0].b) in [1, 2.5, .5e3, 0x1F, 7u,]",
  "a.exists(x, x.y == -1) || .a.b.map(v, v > 1, v) == [] || {'a': 1, b: {}} == null",
  "A.b{c: 1, d: r'\\d' + b\"\\x00\" + '''it's\n''',}",
  "- -9223372036854775808 < !!-1 // the least number there is",
  "(a).all((x), true)",
])("%s is an expression", (expression) => {
  expect(celProblem(expression)).toBeUndefined();
});

test.each([
  ["", "the end stands where a value is expected, at character 1"],
  ["a =", '"=" is nothing that can stand at character 3'],
  ["a.b(", "the end stands where a value is expected, at character 5"],
  ["a b", '"b" stands where an operator or the end is expected, at character 3'],
  ["'a", '"\'" is nothing that can stand at character 1'],
  ["-!a", '"!" stands where a value is expected, at character 2'],
  ["!-a", '"a" stands where a number is expected, at character 3'],
  ["for > 1", '"for" is a reserved word at character 1'],
  ["a.in", '"in" stands where a name is expected, at character 3'],
  ["has(a)", "has() asks for no field, at character 1"],
  ["a.all(b.c, true)", "all() names no variable first, at character 3"],
  ["a(b,)", '")" stands where a value is expected, at character 5'],
  ["(a){b: 1}", '"{" stands where an operator or the end is expected, at character 4'],
  ["1-9223372036854775808", "9223372036854775808 is too large a number at character 3"],
  ["18446744073709551616u", "18446744073709551616u is too large a number at character 1"],
  ["'\\ud800'", "\\ud800 is no character at character 1"],
  ["b'\\u00e9'", "\\u00e9 is no character at character 1"],
  ["(".repeat(300), "too many expressions stand inside each other at character 251"],
])("%s is none", (expression, problem) => {
  expect(celProblem(expression)).toBe(problem);
});

test("whatever the text is, an answer comes", () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[-a1'"({[.,?:!<=&|+/ \])}]*$/));
  fc.assert(fc.property(texts, (text) => ["string", "undefined"].includes(typeof celProblem(text))));
  expect(celProblem(`${"a || ".repeat(20_000)}b`)).toBeUndefined();
});
