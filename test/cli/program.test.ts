import { describe, expect, test } from "vitest";
import { wantsColour } from "../../lib/cli/colour";
import { everyCommand } from "./every-command";
import { meshground } from "./meshground";

const helpOf = async (path: readonly string[], columns: number): Promise<string> => {
  const { code, stdout, stderr } = await meshground([...path, "--help"], { columns });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
};
describe("the help of every command", () => {
  test("is readable on a narrow terminal: no line is longer, beside terms that are", async () => {
    for (const path of await everyCommand()) {
      const lines = (await helpOf(path, 60)).split("\n");
      expect(lines.filter((line) => line.length > 60 && !isOneTerm(line))).toEqual([]);
    }
  });

  test("has examples and exit codes, beside those of commands which only hold others", async () => {
    const all = await everyCommand();
    const holdsOthers = (path: readonly string[]): boolean =>
      path.length > 0 && all.some((other) => other[path.length - 1] === path.at(-1) && other.length > path.length);
    for (const path of all.filter((names) => !holdsOthers(names))) {
      const help = await helpOf(path, 200);
      expect(help).toMatch(/^Examples:\n {2}\$ /m);
      expect(help).toMatch(/^Exit codes: 0 /m);
    }
  });
});

/** The name of an option or a command, which is broken nowhere. */
function isOneTerm(line: string): boolean {
  return /^ {2}(?:-|[a-z])/.test(line);
}

describe("the help of the whole program", () => {
  test("lists every command once, in groups, and where more is written", async () => {
    const help = await helpOf([], 100);
    for (const [name] of (await everyCommand()).filter(({ length }) => length === 1))
      expect(help.match(new RegExp(`^  ${name} `, "gm"))).toHaveLength(1);
    expect(help).toContain("Judge manifests:\n  check ");
    expect(help).toContain("docs/command.md");
    expect(help).not.toMatch(/^Commands:/m);
  });

  test("has titles in bold where the console shows colours, and nowhere else", async () => {
    expect((await meshground(["--help"], { colour: true })).stdout).toContain("\u001b[1mJudge manifests:");
    expect(await helpOf([], 80)).not.toContain("\u001b");
  });
});

test("a command that is misspelt is named as it was meant", async () => {
  expect(await meshground(["chekc"])).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean check?") });
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "3", NO_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "false" }, true, false],
  [{ FORCE_COLOR: "" }, false, false],
] as const)("with %j, and a terminal: %s, colours are %s", (environment, terminal, colours) => {
  expect(wantsColour(environment, terminal)).toBe(colours);
});
