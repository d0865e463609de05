import fc from "fast-check";
import { expect, test } from "vitest";
import { wrappedLines } from "../../lib/cli/wrapped-lines";

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

test("lines that fit are left as they are, blanks and all", () => {
  expect(wrappedLines("a   b\n\n  c\n", 40)).toBe("a   b\n\n  c\n");
});

test("a second column stays one, where there is room for it", () => {
  const line = "  check    reads YAML and says what breaks";
  expect(wrappedLines(line, 38)).toBe("  check    reads YAML and says what\n           breaks");
  expect(wrappedLines(line, 28)).toBe("  check\n      reads YAML and says\n      what breaks");
});

test("what follows a command stands further in, and a sentence goes on where it began", () => {
  expect(wrappedLines("  $ meshground check --strict manifests", 30)).toBe("  $ meshground check --strict\n      manifests");
  expect(wrappedLines("Nothing is overwritten, ever, by anybody.", 30)).toBe("Nothing is overwritten, ever,\nby anybody.");
});

test("no word is lost, none is broken, and only a word by itself is longer than the width", () => {
  const line = fc.tuple(fc.nat(8), fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), fc.integer({ min: 40, max: 90 }), (lines, width) => {
      const text = lines.map(([indent, parts]) => `${" ".repeat(indent)}${parts.join(" ")}`).join("\n");
      const wrapped = wrappedLines(text, width);
      expect(words(wrapped)).toEqual(words(text));
      expect(wrapped.split("\n").filter((shown) => shown.length > width && words(shown).length > 1)).toEqual([]);
    }),
  );
});
