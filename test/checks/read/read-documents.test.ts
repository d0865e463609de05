import { describe, expect, test } from "vitest";
import { readDocuments } from "../../../lib/checks/read/read-documents";

const documentsIn = (text: string | Buffer): readonly unknown[] => [...readDocuments(Buffer.from(text))].map(({ data }) => data ?? null);
const faultIn = (text: string | Buffer): unknown => [...readDocuments(Buffer.from(text))].flatMap(({ faults }) => faults)[0];

describe("documents", () => {
  test("are parted by --- and ..., with or without a comment behind them", () => {
    expect(documentsIn("a: 1\n---\nb: 2\n--- # next\nc: 3\n...\nd: 4\n")).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }, { d: 4 }]);
  });

  test("may begin on the line of their marker, or with directives", () => {
    expect(documentsIn("--- {a: 1}\n---\nb: 2\n--- text\n")).toEqual([{ a: 1 }, { b: 2 }, "text"]);
    expect(documentsIn("%YAML 1.1\n# c\n---\na: 1\n")).toEqual([{ a: 1 }]);
  });

  test("are parted within block scalars as well, but not by what only looks like a marker", () => {
    expect(documentsIn("a: |\n  x\n---\nb: |\n  ---\n  x\n")).toEqual([{ a: "x\n" }, { b: "---\nx\n" }]);
    expect(documentsIn("a: ----\n----: 1\n")).toEqual([{ a: "----", "----": 1 }]);
  });

  test("that are empty hold nothing", () => {
    expect(documentsIn("# only a comment\n---\n\n---\n")).toEqual([null, null]);
    expect(documentsIn("")).toEqual([]);
  });

  test("are read behind Windows' line breaks", () => {
    expect(documentsIn("a: 1\r\nb:\r\n  - c\r\n---\r\nd: 2\r\n")).toEqual([{ a: 1, b: ["c"] }, { d: 2 }]);
  });

  test("keep a key __proto__ as a key", () => {
    for (const text of ["__proto__: {x: 1}\n", '{"__proto__": {"x": 1}}', "a: &a {__proto__: {x: 1}}\n<<: *a\n"]) {
      const [data] = documentsIn(text);
      expect(Object.hasOwn(data as object, "__proto__")).toBe(true);
    }
  });

  test("have their merge keys followed: what a map says itself counts, then the first", () => {
    expect(documentsIn("one: &x {a: 1, b: 1}\ntwo: &y {b: 2, c: 2}\nall:\n  c: 3\n  <<: [*x, *y]\n")).toEqual([
      { one: { a: 1, b: 1 }, two: { b: 2, c: 2 }, all: { a: 1, b: 1, c: 3 } },
    ]);
  });

  test("have keys as text, whatever they stand for", () => {
    expect(documentsIn("1: a\ntrue: b\non2: c\n1.50: d\n")).toEqual([{ 1: "a", true: "b", on2: "c", 1.5: "d" }]);
  });
});

describe("a document that Kubernetes would refuse", () => {
  test.each([
    ["a duplicate key", "a: 1\nb: 2\na: 3\n", 10, 'the key "a" is written twice in one map.'],
    ["a duplicate key in JSON", '{"a": {"b": 1, "b": 2}}', 15, 'the key "b" is written twice in one map.'],
    ["keys that are one when they are read", "on: 1\nyes: 2\n", 6, "the key true is written twice in one map."],
    ["a tab that indents", "a:\n\tb: 1\n", 3, "tabs are not allowed as indentation."],
    ["a list that is not closed", "a: [1, 2\nb: 3\n", 9, expect.stringContaining("flow")],
    ["a map as a key", "{a: 1}: b\n", 0, "a key of a map has to be text."],
    ["a key that is nothing", "~: b\n", 0, "a key of a map has to be text."],
    ["an alias of nothing", "a: *b\n", 3, expect.stringContaining("b")],
    ["an anchor that contains itself", "a: &a [*a]\n", 7, expect.stringContaining("a")],
    ["a NUL", "a: 1\nb: \0\n", 8, "the character U+0000 is not allowed."],
    ["an infinity", "a: .inf\n", 3, ".inf is no number that an object can carry."],
    ["what is merged and no map", "a: 1\n<<: [1]\n", 9, "<< merges maps, and this is none."],
    ["what is no UTF-8", Buffer.from([97, 58, 32, 0xc3, 0x28]), 3, "it is not UTF-8."],
  ])("is one with %s", (_what, text, offset, message) => {
    expect(faultIn(text)).toEqual({ offset, message });
  });

  test("says so for each key that is written again, and the last of them counts", () => {
    const [document] = [...readDocuments(Buffer.from("a: 1\na: 2\na: 3\nb: 4\n"))];
    expect({ data: document?.data, faults: document?.faults.length }).toEqual({ data: { a: 3, b: 4 }, faults: 2 });
  });
});

describe("a hostile document", () => {
  const many = 5000;
  const bomb = Array.from(
    { length: 30 },
    (_, level) => `a${level}: &a${level} [${level === 0 ? "x" : `*a${level - 1}, *a${level - 1}`}]`,
  ).join("\n");
  test.each([
    ["lists in lists", "[".repeat(many)],
    ["items in items", "- ".repeat(many)],
    ["maps in maps", "{a: ".repeat(many)],
    ["keys in keys", "? ".repeat(many)],
    ["steps that go ever further in", Array.from({ length: 2000 }, (_, column) => `${" ".repeat(column)}k:`).join("\n")],
    ["JSON that goes ever further in", `${"[".repeat(many)}${"]".repeat(many)}`],
    ["aliases of aliases", bomb],
    ["colons", `a: ${": ".repeat(many)}`],
    ["quotes", '"'.repeat(many)],
    ["anchors", "&a ".repeat(many)],
    ["tags", "!".repeat(many)],
  ])("of %s is refused in time", (_what, text) => {
    expect(faultIn(text)).toBeDefined();
  });

  test.each([
    ["a million blanks", " ".repeat(1_000_000)],
    ["a long line", `a: ${"x".repeat(1_000_000)}\n`],
    ["a long comment", `a: 1 ${"#".repeat(1_000_000)}\n`],
    ["many keys", Array.from({ length: many }, (_, index) => `k${index}: 1\n`).join("")],
    ["many items", "- a\n".repeat(20_000)],
    ["many documents", "---\n".repeat(20_000)],
    ["many ends of documents", "...\n".repeat(20_000)],
    ["many directives", "%A\n".repeat(many)],
    ["a long block", `a: |\n${"  x\n".repeat(20_000)}`],
    ["long quotes", `a: "${'\\"'.repeat(20_000)}"\n`],
  ])("of %s is read in time", (_what, text) => {
    expect([...readDocuments(Buffer.from(text))].length).toBeGreaterThanOrEqual(0);
  });
});
