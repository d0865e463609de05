import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A block of code in a document or a docstring. */
export interface Fence {
  /** File and line where it begins, relative to the project. */
  readonly at: string;
  readonly code: string;
}

const root = join(__dirname, "../..");

/** Every `ts` block in the project's documents and in the docstrings of lib. */
export function typescriptFences(): readonly Fence[] {
  const docs = ["README.md", ...below("docs", ".md"), ...below("lib", ".ts")];
  return docs.flatMap((path) => fencesOf(relative(root, join(root, path)), readFileSync(join(root, path), "utf8")));
}

function below(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path));
}

function fencesOf(path: string, text: string): readonly Fence[] {
  const plain = path.endsWith(".ts") ? text.replaceAll(/^ *\* ?/gm, "") : text;
  return [...plain.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    at: `${path}:${plain.slice(0, match.index).split("\n").length}`,
    code: match[1] ?? "",
  }));
}
