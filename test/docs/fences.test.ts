import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/temporary";
import { typescriptFences } from "./fences";

const root = join(__dirname, "../..");
// Inside the project, so that packages resolve as they do for its own files.
const folder = join(root, "build", `fences-${process.pid}`);
const fences = typescriptFences().map((fence, index) => ({ ...fence, file: join(folder, `fence-${index}.ts`) }));

beforeAll(async () => {
  await runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) });
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of fences) writeFileSync(file, code);
  const written = temporaryFolder("fences");
  vi.stubEnv("CDK8S_OUTDIR", join(written, "manifests"));
  vi.stubEnv("MESHGROUND_ARTEFACTS", join(written, "artefacts"));
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("every block of TypeScript in the documentation", () => {
  test("compiles under the project's own settings", () => {
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const own = { ...options, noUnusedLocals: false };
    const host = ts.createCompilerHost(own);
    // Types are all that counts here, and most of the providers' declarations is text.
    host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
    const program = ts.createProgram(
      fences.map(({ file }) => file),
      own,
      host,
    );
    // What the blocks load is compiled by `npm run types`.
    const problems = fences
      .flatMap(({ file, at }) => ts.getPreEmitDiagnostics(program, sourceFile(program, file)).map((problem) => ({ at, ...problem })))
      .map(({ at, messageText }) => `${at}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
    expect(problems).toEqual([]);
    expect(fences.length).toBeGreaterThan(10);
  }, 60_000);

  test.each(fences.map(({ at, file }) => [at, file]))("runs: %s", async (_at, file) => {
    await expect(import(file)).resolves.toBeDefined();
  });
});

function sourceFile(program: ts.Program, path: string): ts.SourceFile {
  const source = program.getSourceFile(path);
  // Without a file the compiler would look at all others.
  if (source === undefined) throw new Error(`the compiler has not read ${path}`);
  return source;
}
