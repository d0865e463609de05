import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readOutputFiles } from "./output-files";

/** Checksums of the files below a folder, by path. */
export type FolderState = ReadonlyMap<string, string>;

/** What became of the files below a folder. Paths, in the order of the folder. */
export interface FolderChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** The files below a folder as they are now; none when there is no folder. */
export function folderState(folder: string): FolderState {
  if (!existsSync(folder)) return new Map();
  return new Map(readOutputFiles(folder).files.map(({ path, bytes }) => [path, createHash("sha256").update(bytes).digest("hex")]));
}

/** What became of the files between two looks. */
export function folderChanges(before: FolderState, after: FolderState): FolderChanges {
  const paths = [...after.keys()];
  return {
    added: paths.filter((path) => !before.has(path)),
    changed: paths.filter((path) => before.has(path) && before.get(path) !== after.get(path)),
    removed: [...before.keys()].filter((path) => !after.has(path)),
    unchanged: paths.filter((path) => before.get(path) === after.get(path)),
  };
}
