import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/temporary";
import { fencesIn, pages } from "./fences";

const root = join(__dirname, "../..");
// Inside the project, so that packages resolve as they do for its own files.
const folder = join(root, "build", `tutorial-${process.pid}`);

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What the programs of a page print, and all that they write. */
async function outputOf(page: string): Promise<string> {
  const written = temporaryFolder("tutorial");
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  mkdirSync(folder, { recursive: true });
  for (const [index, { code }] of blocksOf(page, "ts").entries()) {
    const file = join(folder, `${page.replaceAll("/", "-")}-${index}.ts`);
    writeFileSync(file, code);
    vi.stubEnv("CDK8S_OUTDIR", join(written, `${index}`, "manifests"));
    vi.stubEnv("MESHGROUND_ARTEFACTS", join(written, `${index}`, "artefacts"));
    await import(file);
  }
  const files = globSync("**/*.*", { cwd: written }).filter((path) => /\.(?:ya?ml|conf|json|txt)$/.test(path));
  return [...printed.mock.calls.flat(), ...files.map((path) => readFileSync(join(written, path), "utf8"))].join("\n");
}

const blocksOf = (page: string, ...languages: readonly string[]) => fencesIn(...languages).filter(({ at }) => at.startsWith(`${page}:`));

test.each(pages.filter((page) => page.startsWith("docs/tutorial/")))("%s shows what its programs print and render", async (page) => {
  const lines = new Set((await outputOf(page)).split("\n").map((line) => line.trimEnd()));
  const shown = blocksOf(page, "text", "yaml").flatMap(({ code }) => code.split("\n"));
  expect(shown.filter((line) => !lines.has(line))).toEqual([]);
  expect(shown.length).toBeGreaterThan(0);
});
