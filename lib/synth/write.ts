import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { InvalidInput, type Problem, problem, refuse } from "../core/problem";

/** What became of a file. `kept`: it is of no more use, but somebody changed it, so it stays. */
export type FileChange = "added" | "changed" | "unchanged" | "removed" | "kept";

/** A text, or its UTF-8 in pieces. */
export type FileContent = string | readonly Uint8Array[];

/** A file as it was left by `writeFiles`. */
export interface WrittenFile {
  /** Path below the folder, with forward slashes. */
  readonly path: string;
  /** Size of the file; of a removed one, 0. Unit: bytes. */
  readonly bytes: number;
  /** What happened to it. */
  readonly change: FileChange;
  /** SHA-256 of what was written, in hexadecimal digits: by it the next run knows its own file again. */
  readonly sha256: string;
}

/** A file of an earlier run: what {@link WrittenFile} says of it, or a record that was made of it. */
export type EarlierFile = Pick<WrittenFile, "path" | "sha256">;

/**
 * Writes files below a folder, and removes those of an earlier run that are no more.
 *
 * Writes nothing outside the folder, follows no symbolic link below it, leaves a file alone that is right already, and never leaves one
 * half-written. Of the earlier files it removes only those that are still as they were written. It does not look for them itself: the
 * caller keeps the list, because a list among manifests would be taken for one.
 *
 * @throws InvalidInput when a path leads out of the folder or stands twice.
 */
export function writeFiles(
  folder: string,
  files: readonly { readonly path: string; readonly content: FileContent }[],
  earlier: readonly EarlierFile[] = [],
): readonly WrittenFile[] {
  refuse(folder, [...pathProblems(files.map(({ path }) => path)), ...earlier.flatMap(({ path }) => pathProblem(path))]);
  mkdirSync(folder, { recursive: true });
  const target = new Folder(realpathSync(folder));
  const wanted = new Set(files.map(({ path }) => path));
  // First, because on a file system that does not tell cases apart an old name may be a new file's.
  const gone = earlier.filter(({ path }) => !wanted.has(path)).flatMap((file) => target.remove(file) ?? []);
  return [...files.map(({ path, content }) => target.write(path, content)), ...gone];
}

class Folder {
  readonly #root: string;
  readonly #entered: Set<string> = new Set();

  constructor(root: string) {
    this.#root = root;
  }

  write(path: string, content: FileContent): WrittenFile {
    const pieces = typeof content === "string" ? [Buffer.from(content, "utf8")] : content;
    this.#enter(dirname(path), true);
    const change = writeFile(join(this.#root, path), pieces);
    return { path, bytes: size(pieces), change, sha256: digest(pieces) };
  }

  /** Removes a file that is still as it was written, and the folders that it leaves empty; undefined when there is none. */
  remove({ path, sha256 }: EarlierFile): WrittenFile | undefined {
    const file = join(this.#root, path);
    if (!this.#enter(dirname(path), false) || !tryStats(file)?.isFile()) return undefined;
    const bytes = readFileSync(file);
    if (digest([bytes]) !== sha256) return { path, bytes: bytes.length, change: "kept", sha256 };
    rmSync(file);
    for (let above = dirname(path); above !== "." && tryRemoveFolder(join(this.#root, above)); above = dirname(above))
      this.#entered.clear();
    return { path, bytes: 0, change: "removed", sha256 };
  }

  /** Whether a folder is there, and every step to it is a folder and no link; makes it where asked. */
  #enter(path: string, make: boolean): boolean {
    if (path === "." || this.#entered.has(path)) return true;
    if (!this.#enter(dirname(path), make)) return false;
    const folder = join(this.#root, path);
    const stats = tryStats(folder);
    if (stats === undefined && !make) return false;
    if (stats === undefined) mkdirSync(folder);
    else if (!stats.isDirectory())
      throw new InvalidInput(this.#root, [problem(path, path, "a folder", "A link or a file is in its place.")]);
    this.#entered.add(path);
    return true;
  }
}

function writeFile(file: string, pieces: readonly Uint8Array[]): FileChange {
  const stats = tryStats(file);
  if (stats === undefined) {
    createFile(file, pieces);
    return "added";
  }
  if (stats.isFile() && stats.size === size(pieces) && isEqual(readFileSync(file), pieces)) return "unchanged";
  const part = `${file}.${randomUUID()}.part`;
  createFile(part, pieces);
  try {
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  return "changed";
}

/** A new file, whole or not at all. */
function createFile(file: string, pieces: readonly Uint8Array[]): void {
  const open = openSync(file, "wx");
  try {
    for (const piece of pieces) writeFileSync(open, piece);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(open);
  }
}

function size(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function digest(pieces: readonly Uint8Array[]): string {
  const sha256 = createHash("sha256");
  for (const piece of pieces) sha256.update(piece);
  return sha256.digest("hex");
}

function isEqual(bytes: Buffer, pieces: readonly Uint8Array[]): boolean {
  let from = 0;
  return pieces.every((piece) => {
    from += piece.length;
    return bytes.subarray(from - piece.length, from).equals(piece);
  });
}

function tryStats(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function tryRemoveFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

function pathProblems(paths: readonly string[]): readonly Problem[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    const twice = seen.has(path) ? [problem(path, path, "each path once")] : [];
    seen.add(path);
    return [...pathProblem(path), ...twice];
  });
}

/** A path that stays below its folder on every system: no root, no step up, no backslash. */
function pathProblem(path: string): readonly Problem[] {
  const safe = !/[\\\0]/.test(path) && path.split("/").every((step) => step !== "" && step !== "." && step !== "..");
  return safe ? [] : [problem(path, path, "a path below the folder, with forward slashes")];
}
