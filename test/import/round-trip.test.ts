import { afterAll, describe, expect, test } from "vitest";
import { compilerProblems, expectedOf, imported, objectsOf, removePrograms, sorted, writeProgram } from "./programs";
import { samples } from "./samples";

const cases = Object.entries(samples).map(([title, yaml], index) => ({
  title,
  yaml,
  program: writeProgram(`sample-${index}`, imported(yaml)),
}));
afterAll(removePrograms);

describe("the program of an import", () => {
  test("compiles under strict settings", () => {
    expect(compilerProblems(cases.map(({ program }) => program))).toEqual([]);
  }, 60_000);

  test.each(cases)("gives the same objects: $title", async ({ yaml, program }) => {
    expect(sorted(await objectsOf(program))).toEqual(sorted(expectedOf(yaml)));
  });
});
