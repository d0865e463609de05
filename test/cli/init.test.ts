import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { templateNames } from "../../lib/cli/project-template";
import { filesBelow } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { meshground } from "./meshground";

const home = temporaryFolder("init");
const written = (folder: string): readonly string[] => (existsSync(folder) ? filesBelow(folder) : []);
const refused = async (folder: string) => {
  const before = written(folder);
  const outcome = await meshground(["init", folder]);
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(written(folder)).toEqual(before);
  return outcome.stderr;
};

describe("a new project", () => {
  test.each(templateNames)("of the template %s is written where there is nothing, and every file is named", async (template) => {
    const folder = join(home, template, "deep");
    const { code, stdout, stderr } = await meshground(["init", folder, "--template", template]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect([...stdout.matchAll(/^ {2}\+ (.+)$/gm)].map(([, path]) => path).sort()).toEqual(written(folder));
    expect(written(folder)).toEqual(expect.arrayContaining([".gitignore", "Pulumi.yaml", "deploy.ts", "main.ts", "package.json"]));
  });

  test("is said with the three commands that come next", async () => {
    const { stdout } = await meshground(["init", join(home, "next")]);
    expect(stdout.split("\nNext:\n")[1]).toBe(`  $ cd ${home}/next && npm install\n  $ npm run synth\n  $ npm test\n`);
  });

  test("goes into this folder when none is named, and nobody is sent elsewhere", async () => {
    mkdirSync(join(home, "here"));
    const here = vi.spyOn(process, "cwd").mockReturnValue(join(home, "here"));
    const { stdout } = await meshground(["init", join(home, "here")]);
    here.mockRestore();
    expect(stdout).toContain("  $ npm install\n");
  });

  test("joins files that are not its own", async () => {
    const folder = join(home, "joined");
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.txt"), "mine");
    expect((await meshground(["init", folder])).code).toBe(0);
    expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("mine");
  });

  test("is said as JSON", async () => {
    const folder = join(home, "json");
    const { stdout } = await meshground(["init", folder, "--json", "--package-manager", "pnpm"]);
    expect(JSON.parse(stdout)).toEqual({
      folder,
      name: "json",
      template: "quickstart",
      packageManager: "pnpm",
      files: written(folder),
      next: [`cd ${folder} && pnpm install`, "pnpm run synth", "pnpm test"],
    });
  });

  test("is for the program that runs the command, unless another is named", async () => {
    vi.stubEnv("npm_config_user_agent", "pnpm/10.34.9 npm/? node/v24.21.0 linux x64");
    const [own, other] = [join(home, "own"), join(home, "other")];
    await meshground(["init", own]);
    await meshground(["init", other, "--package-manager", "npm"]);
    vi.unstubAllEnvs();
    expect([own, other].map((folder) => existsSync(join(folder, "pnpm-workspace.yaml")))).toEqual([true, false]);
  });
});

describe("nothing is overwritten", () => {
  test("every file that is there already is named, and none is written", async () => {
    const folder = join(home, "taken");
    mkdirSync(join(folder, "golden"), { recursive: true });
    for (const path of ["package.json", "golden/shop.yaml"]) writeFileSync(join(folder, path), "mine");
    expect(await refused(folder)).toBe(
      [
        `meshground: ${folder}/golden/shop.yaml: it is there already.`,
        `meshground: ${folder}/package.json: it is there already.`,
        "meshground: nothing was written. Name another folder, or move what is in the way.",
        "",
      ].join("\n"),
    );
    expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("mine");
  });

  test("a link is in the way, wherever it leads", async () => {
    const [folder, elsewhere] = [join(home, "linked"), join(home, "elsewhere")];
    for (const made of [folder, elsewhere]) mkdirSync(made);
    symlinkSync(elsewhere, join(folder, "golden"));
    symlinkSync(join(elsewhere, "nothing"), join(folder, "main.ts"));
    const said = await refused(folder);
    expect(said).toContain(`${folder}/golden: it is there already.`);
    expect(said).toContain(`${folder}/main.ts: it is there already.`);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("a file is no folder", async () => {
    writeFileSync(join(home, "file"), "mine");
    expect((await meshground(["init", join(home, "file")])).stderr).toContain("it is there already.");
    expect(await meshground(["init", join(home, "file/below")])).toMatchObject({ code: 2, stdout: "" });
    expect(readFileSync(join(home, "file"), "utf8")).toBe("mine");
  });

  test("a folder that cannot be made is told of, and why", async () => {
    const stderr = expect.stringContaining("a project cannot be written there");
    expect(await meshground(["init", join(home, "x".repeat(300))])).toMatchObject({ code: 2, stdout: "", stderr });
  });
});

test("a folder's name commands neither terminal nor shell, and is no name that npm refuses", async () => {
  const folder = join(home, "it's \u001b[2J$(id)");
  const { stdout } = await meshground(["init", folder]);
  expect(stdout).not.toContain("\u001b");
  expect(stdout).toContain(`cd -- '${home}/it'\\''s \\x1b[2J$(id)'`);
  expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name).toBe("it-s-2j-id");
});

test.each([
  ["an unknown template", ["--template", "shop"], "Allowed choices are quickstart, platform"],
  ["an unknown package manager", ["--package-manager", "yarn"], "Allowed choices are npm, pnpm"],
  ["two folders", ["a", "b"], "too many arguments"],
])("%s is refused", async (_what, args, message) => {
  expect(await meshground(["init", ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});
