import { describe, expect, test } from "vitest";
import { plainScalar } from "../../../lib/checks/read/plain-scalar";

/** What sigs.k8s.io/yaml 1.6 (go-yaml 2) makes of each. */
const read: readonly (readonly [value: unknown, ...words: readonly string[]])[] = [
  [true, "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"],
  [false, "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"],
  [null, "", "~", "null", "Null", "NULL"],
  [10, "10", "012", "0o12", "0O12", "0xA", "0Xa", "0b1010", "+10", "1_0", "1e1", "10.0", "10.", "+1.0e+1", "1_0.0"],
  [-10, "-10", "-012", "-0xa", "-0b1010", "-1e1"],
  [0, "0", "-0", "+0", "00", "0.0", "-0.0"],
  [0.5, ".5", "0.5", "5e-1"],
  [8, "08", "8."],
];
const texts =
  "tRue nO nuLL 1:30 12:30:45 2001-01-01 2001-01-01T00:00:00Z 0x 0o9 0b2 1e 1e+ _1 .e1 . .. - + 1.2.3 1e400 .5_0 = << 1k 10.0.0.0/8";

describe("a scalar without quotes", () => {
  test.each(read.flatMap(([value, ...words]) => words.map((word) => [word, value] as const)))("%s is %s", (word, value) => {
    expect(plainScalar(word)).toBe(value);
  });

  test.each(texts.split(" "))("%s is text", (word) => {
    expect(plainScalar(word)).toBe(word);
  });
});
