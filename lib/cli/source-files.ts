import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import type { SourceText } from "../checks/read/read-objects";
import type { Console } from "./console";
import { UsageError } from "./usage-error";

/** Files that were read, and what could not be. */
export interface Sources {
  readonly texts: readonly SourceText[];
  /** One line each: what, and why. */
  readonly unreadable: readonly string[];
}

/**
 * Reads what a command was given: files, folders, and standard input for `-` or where nothing is named.
 *
 * @param purpose - what the command does with them, as a verb
 * @throws UsageError when there is nothing, and somebody sits at standard input.
 */
export async function givenSources(files: readonly string[], console: Console, purpose: string): Promise<Sources> {
  if (files.length === 0 && console.stdinIsTerminal) {
    throw new UsageError([`there is nothing to ${purpose}: name files or folders, or pipe objects in.`]);
  }
  const named = files.filter((file) => file !== "-");
  const { texts, unreadable } = readSources(named);
  if (files.length > 0 && named.length === files.length) return { texts, unreadable };
  const bytes = await console.stdin();
  // Nothing would be wrong with nothing whenever what should have been piped in had failed.
  if (bytes.length === 0) return { texts, unreadable: [...unreadable, "<stdin>: it is empty."] };
  return { texts: [...texts, { file: "<stdin>", bytes }], unreadable };
}

const extension = /\.(?:ya?ml|json)$/i;

/** Reads files, and folders with all below them that looks like YAML or JSON. What is named twice is read once. */
function readSources(paths: readonly string[]): Sources {
  return new SourceReader().read(paths);
}

class SourceReader {
  readonly #texts: SourceText[] = [];
  readonly #unreadable: string[] = [];
  /** Files and folders by where they really are: links may lead in circles. */
  readonly #seen: Set<string> = new Set();

  read(paths: readonly string[]): Sources {
    for (const path of paths) this.#named(path);
    return { texts: this.#texts, unreadable: this.#unreadable };
  }

  #named(path: string): void {
    const before = this.#texts.length + this.#unreadable.length;
    const isFolder = this.#enter(path);
    if (isFolder && this.#texts.length + this.#unreadable.length === before)
      this.#unreadable.push(`${path}: no *.yaml, *.yml or *.json in it.`);
  }

  /** Reads a file or a folder. Whether it is a folder that was not read before. */
  #enter(path: string): boolean {
    try {
      const isFolder = statSync(path).isDirectory();
      const real = realPath(path);
      if (this.#seen.has(real)) return false;
      this.#seen.add(real);
      if (isFolder) this.#folder(path);
      else this.#texts.push({ file: shownPath(path), bytes: readFileSync(path) });
      return isFolder;
    } catch (error) {
      this.#unreadable.push(`${path}: ${reason(error)}`);
      return false;
    }
  }

  #folder(folder: string): void {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) if (isWanted(entry, folder)) this.#enter(join(folder, entry.name));
  }
}

/** Folders of packages and of tools hold YAML that is for nobody's cluster. */
function isWanted(entry: Dirent, folder: string): boolean {
  if (entry.isSymbolicLink()) return extension.test(entry.name) || leadsToFolder(join(folder, entry.name));
  if (entry.isDirectory()) return !entry.name.startsWith(".") && entry.name !== "node_modules";
  return entry.isFile() && extension.test(entry.name);
}

function leadsToFolder(link: string): boolean {
  return statSync(link, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Where a file really is. What is no file, as a pipe that the shell names, is where it is named. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function shownPath(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file.",
  EACCES: "reading it is not permitted.",
  EPERM: "reading it is not permitted.",
  ELOOP: "its links lead in circles.",
  ERR_FS_FILE_TOO_LARGE: "it is too large.",
};

/** Why the system refused something, in a sentence. */
export function reason(error: unknown): string {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  return reasons[code] ?? `${message}.`;
}
