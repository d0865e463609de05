import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { meshground } from "../cli/meshground";
import { fencesIn, pages } from "./fences";
import { commandsOf } from "./shell";

const root = join(__dirname, "../..");

beforeAll(() => {
  // Every command is read as the program reads it, and none is carried out.
  const { action } = Command.prototype;
  vi.spyOn(Command.prototype, "action").mockImplementation(function (this: Command) {
    return action.call(this, () => undefined);
  });
});
afterAll(() => vi.restoreAllMocks());

interface Line {
  readonly at: string;
  readonly words: readonly string[];
}

/** The arguments of each call of this program among commands. */
function callsOf(at: string, lines: string): readonly Line[] {
  return commandsOf(lines)
    .map((words) => (words[0] === "npx" ? words.slice(1) : words))
    .filter(([program]) => program === "meshground")
    .map(([, ...words]) => ({ at, words }));
}

const shown = [
  ...fencesIn("sh", "console").flatMap(({ at, code }) => callsOf(at, code)),
  ...fencesIn("text").flatMap(({ at, code }) => callsOf(at, (code.match(/^\$ .*$/gm) ?? []).join("\n"))),
  ...fencesIn("yaml").flatMap(({ at, code }) => callsOf(at, code.replaceAll(/^ *(?:- )?(?:run: )?/gm, ""))),
];
/** In the middle of a sentence a command may leave out what it needs. */
const named = pages.flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/`(?<code>[^`\n]+)`/g)].flatMap(({ groups }) =>
    callsOf(page, (groups?.code ?? "").replaceAll("\\|", "|")).filter(({ words }) => words.length > 0),
  ),
);

describe("every call of the command in the documentation", () => {
  test.each(shown)("is one that the program knows: $at $words", async ({ words }) => {
    expect((await meshground(words)).stderr).toBe("");
  });

  test.each(named)("is one that the program knows, though it may be cut short: $at $words", async ({ words }) => {
    const { stderr } = await meshground(words);
    // The name of a group of commands alone is answered by its help.
    const isGroup = stderr.startsWith(`Usage: meshground ${words.join(" ")} [`);
    expect(isGroup ? "" : stderr).toMatch(/^(?:error: required option .*\n+Help: .*\n)?$/);
  });

  test("is found in blocks, in pipes, in CI and in sentences", () => {
    expect(shown.map(({ words }) => words.join(" "))).toContain("check --format sarif --output meshground.sarif manifests");
    expect(named.map(({ words }) => words.join(" "))).toContain("check -");
  });
});

describe("the reader of shell lines", () => {
  test("takes pipes apart, joins lines, and leaves quotes, comments and redirections out", () => {
    expect(
      commandsOf(
        `$ helm template shop ./chart | meshground check - > out # all\nmeshground check \\\n  --ignore "IST0102=a b" x && npm test`,
      ),
    ).toEqual([
      ["helm", "template", "shop", "./chart"],
      ["meshground", "check", "-"],
      ["meshground", "check", "--ignore", "IST0102=a b", "x"],
      ["npm", "test"],
    ]);
  });
});
