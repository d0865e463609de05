import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { OutputFile } from "../diff/output";
import { reason } from "./source-files";

/** Files of an output that were read, and what could not be. */
export interface OutputFiles {
  readonly files: readonly OutputFile[];
  /** One line each: what, and why. */
  readonly unreadable: readonly string[];
}

/** Reads a file, or a folder with everything below it but what is hidden and packages. Follows no link below a folder: an output has none. */
export function readOutputFiles(path: string): OutputFiles {
  try {
    if (!statSync(path).isDirectory()) return { files: [{ path: "", name: path, bytes: readFileSync(path) }], unreadable: [] };
    return together(filesBelow(path, "").map((file) => readFile(path, file)));
  } catch (error) {
    return { files: [], unreadable: [`${path}: ${reason(error)}`] };
  }
}

function readFile(folder: string, path: string): OutputFiles {
  try {
    return { files: [{ path, name: join(folder, path), bytes: readFileSync(join(folder, path)) }], unreadable: [] };
  } catch (error) {
    return { files: [], unreadable: [`${join(folder, path)}: ${reason(error)}`] };
  }
}

function together(parts: readonly OutputFiles[]): OutputFiles {
  return { files: parts.flatMap(({ files }) => files), unreadable: parts.flatMap(({ unreadable }) => unreadable) };
}

function filesBelow(root: string, below: string): readonly string[] {
  const entries = readdirSync(join(root, below), { withFileTypes: true }).filter(isWanted);
  return entries.flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

function isWanted(entry: Dirent): boolean {
  return entry.isDirectory() ? !entry.name.startsWith(".") && entry.name !== "node_modules" : entry.isFile();
}
