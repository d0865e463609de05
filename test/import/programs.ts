import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { vi } from "vitest";
import { readObjects } from "../../lib/checks/read/read-objects";
import { type ImportedObjects, importObjects } from "../../lib/import/import-objects";
import { resolveReleases } from "../../lib/istio/release";
import { documentsOf, type Manifest, manifestsBelow } from "../support/examples";
import { temporaryFolder } from "../support/temporary";

const root = join(__dirname, "../..");
/** Inside the project, so that packages resolve as they do for its own files. */
const folder = join(root, "build", `imported-${process.pid}`);

/** A program that was written. */
export interface WrittenProgram {
  readonly folder: string;
  readonly files: readonly string[];
}

/** Imports a text of YAML. */
export function imported(yaml: string, istio: string = "1.30.3"): ImportedObjects {
  const { objects } = readObjects({ file: "shop.yaml", bytes: Buffer.from(yaml) });
  return importObjects(objects, resolveReleases("test", { istio, kubernetes: "1.33", allowUnsupported: { reason: "a test" } }));
}

/** Writes the program of an import below the project. */
export function writeProgram(name: string, { files }: Pick<ImportedObjects, "files">): WrittenProgram {
  const written = files.map(({ path, text }) => ({ path: join(folder, name, path), text }));
  for (const { path, text } of written) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return { folder: join(folder, name), files: written.map(({ path }) => path) };
}

/** Removes all programs. */
export function removePrograms(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** What a strict compiler says about programs. */
export function compilerProblems(programs: readonly WrittenProgram[]): readonly string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
  const paths = programs.flatMap(({ files }) => files);
  const program = ts.createProgram(paths, options, host);
  const diagnostics = paths.flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)));
  return diagnostics.map(({ file, start, messageText }) => {
    const line = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    return `${file?.fileName.slice(folder.length + 1)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/** The objects that a program writes when it runs. */
export async function objectsOf(program: WrittenProgram): Promise<readonly Manifest[]> {
  const output = temporaryFolder("imported");
  vi.stubEnv("CDK8S_OUTDIR", join(output, "manifests"));
  vi.stubEnv("MESHGROUND_ARTEFACTS", join(output, "artefacts"));
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    await import(join(program.folder, "main.ts"));
  } finally {
    log.mockRestore();
    vi.unstubAllEnvs();
  }
  return manifestsBelow(join(output, "manifests"));
}

const serverFields = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

/** The objects of a YAML text as a program should give them: read by another reader, without what an API server writes. */
export function expectedOf(yaml: string): readonly Manifest[] {
  return documentsOf(yaml)
    .flatMap((document) => (Array.isArray(document?.items) ? (document.items as readonly Manifest[]) : [document]))
    .filter((document) => document?.kind !== undefined && document.kind !== "Secret")
    .map(({ status: _, metadata, ...rest }) => ({
      ...rest,
      metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => !serverFields.includes(name))) as Manifest["metadata"],
    }));
}

/** In an order that depends on nothing but the objects. */
export function sorted(objects: readonly Manifest[]): readonly Manifest[] {
  return [...objects].sort((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1));
}

function identityOf({ apiVersion, kind, metadata }: Manifest): string {
  return JSON.stringify([metadata.namespace, kind, apiVersion, metadata.name]);
}
