import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { temporaryFolder } from "../support/temporary";
import { fencesIn } from "./fences";

const root = join(__dirname, "../..");
// Inside the project, so that packages resolve as they do for its own files.
const folder = join(root, "build", `fences-${process.pid}`);
const fences = fencesIn("ts").map((fence, index) => ({ ...fence, file: join(folder, `fence-${index}.ts`) }));

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

describe("every block of data in the documentation", () => {
  test("is JSON where it says so", () => {
    expect(problemsOf("json", (code) => JSON.parse(code))).toEqual([]);
  });

  test("is YAML where it says so, for readers of YAML 1.1 too", () => {
    const read = (code: string, version: "1.1" | "1.2"): void => {
      for (const { errors } of parseAllDocuments(code, { version })) if (errors[0] !== undefined) throw errors[0];
    };
    expect(problemsOf("yaml", (code) => read(code, "1.2"))).toEqual([]);
    expect(problemsOf("yaml", (code) => read(code, "1.1"))).toEqual([]);
  });
});

/** The page of the rule about documents that cannot be read shows one. */
const broken = "docs/rules/MG0010.md";

/** What a reader says of the blocks of a language, each with its place. */
function problemsOf(language: string, read: (code: string) => unknown): readonly string[] {
  const blocks = fencesIn(language).filter(({ at }) => !at.startsWith(broken));
  if (blocks.length === 0) throw new Error(`the documentation has no block of ${language}`);
  return blocks.flatMap(({ at, code }) => {
    try {
      read(code);
      return [];
    } catch (problem) {
      return [`${at}: ${problem}`];
    }
  });
}

function sourceFile(program: ts.Program, path: string): ts.SourceFile {
  const source = program.getSourceFile(path);
  // Without a file the compiler would look at all others.
  if (source === undefined) throw new Error(`the compiler has not read ${path}`);
  return source;
}
