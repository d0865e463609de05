import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A block of code in a document or a docstring. */
export interface Fence {
  /** File and line where it begins, relative to the project. */
  readonly at: string;
  readonly language: string;
  readonly code: string;
}

const root = join(__dirname, "../..");

/** Every page of Markdown that people write or tests generate, relative to the project. */
export const pages: readonly string[] = globSync("**/*.md", {
  cwd: root,
  exclude: ["**/node_modules", "build", "dist", "manifests", "artefacts", "temp", "*.api.md", "**/golden"],
}).toSorted();

/** Every block of a language in the project's documents and in the docstrings of lib. */
export function fencesIn(...languages: readonly string[]): readonly Fence[] {
  return [...pages, ...globSync("lib/**/*.ts", { cwd: root }).toSorted()]
    .flatMap((path) => fencesOf(path, readFileSync(join(root, path), "utf8")))
    .filter(({ language }) => languages.includes(language));
}

function fencesOf(path: string, text: string): readonly Fence[] {
  const plain = path.endsWith(".ts") ? text.replaceAll(/^ *\* ?/gm, "") : text;
  return [...plain.matchAll(/^(?<indent> *)```(?<language>\w+)\n(?<code>[\s\S]*?)^\k<indent>```$/gm)].map(({ index, groups }) => ({
    at: `${path}:${plain.slice(0, index).split("\n").length}`,
    language: groups?.language ?? "",
    code: (groups?.code ?? "").replaceAll(new RegExp(`^${groups?.indent}`, "gm"), ""),
  }));
}
