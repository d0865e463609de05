import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { packageRoot } from "./package-manifest";

/** What `meshground init` writes: a mesh of one service, or a platform with its nodes. */
export type TemplateName = (typeof templateNames)[number];

/** Every template, the smallest first. */
export const templateNames = ["quickstart", "platform"] as const;

/** A file of a project. */
export interface ProjectFile {
  /** Path below the project's folder, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

/** The files of a folder of `templates`, by path. */
export function templateFiles(folder: TemplateName | "common" | "pnpm"): readonly ProjectFile[] {
  const root = join(packageRoot, "templates", folder);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: pathOf(file.slice(root.length + 1)), content: readFileSync(file, "utf8") }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** npm packs no file of the name `.gitignore`: it stands among the templates without its dot. */
function pathOf(path: string): string {
  return path === "gitignore" ? ".gitignore" : path.replaceAll(sep, "/");
}
