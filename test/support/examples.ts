import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { temporaryFolder } from "./temporary";

/** A Kubernetes object, as it is read from YAML. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** An example that has run: where its files are, and what it printed. */
export interface RenderedExample {
  readonly manifests: string;
  readonly artefacts: string;
  readonly printed: string;
}

const programs = {
  quickstart: () => import("../../examples/quickstart/main.ts"),
  "reference-files": () => import("../../examples/reference-files/main.ts"),
  "oslo-production": () => import("../../examples/oslo-production/main.ts"),
} as const;

/** Name of an example. */
export type ExampleName = keyof typeof programs;

/** Every example. */
export const exampleNames: readonly ExampleName[] = Object.keys(programs) as ExampleName[];

/** Runs an example's own program into a new folder. */
export async function renderExample(name: ExampleName, environment: Readonly<Record<string, string>> = {}): Promise<RenderedExample> {
  const folder = temporaryFolder(name);
  const [manifests, artefacts] = [join(folder, "manifests"), join(folder, "artefacts")];
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words: unknown[]) => void lines.push(words.join(" ")));
  for (const [key, value] of Object.entries({ CDK8S_OUTDIR: manifests, MESHGROUND_ARTEFACTS: artefacts, ...environment }))
    vi.stubEnv(key, value);
  vi.resetModules();
  try {
    await programs[name]();
  } finally {
    vi.unstubAllEnvs();
    log.mockRestore();
  }
  return { manifests, artefacts, printed: lines.join("\n") };
}

/** Paths of all files below a folder, sorted, relative to it. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Every object in the YAML files below a folder. */
export function manifestsBelow(folder: string): readonly Manifest[] {
  return filesBelow(folder)
    .filter((path) => path.endsWith(".yaml"))
    .flatMap((path) => documentsOf(readFileSync(join(folder, path), "utf8")));
}

/** Every document of a YAML text. Throws on the first error in it. */
export function documentsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text, { version: "1.1" }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}

/** The object of a kind and name; throws when there is none, or more than one. */
export function findManifest(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects of kind ${kind} named ${name}`);
  return only;
}
