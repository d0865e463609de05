import { closeSync, lstatSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { safeJson, safeText } from "../checks/report/safe-text";
import type { Console } from "./console";
import { packageManifest } from "./package-manifest";
import { projectFiles } from "./project-files";
import { type PackageManager, projectName } from "./project-package";
import type { ProjectFile, TemplateName } from "./project-template";
import { reason } from "./source-files";
import { UsageError } from "./usage-error";

/** Options of `meshground init`, as the command line gives them. */
export interface InitOptions {
  readonly template: TemplateName;
  readonly packageManager: PackageManager;
  readonly json: boolean;
}

/**
 * Runs `meshground init`: writes a new project into a folder.
 *
 * @throws UsageError naming every file that is there already, and then nothing is written; or when the folder cannot be written to.
 */
export function init(folder: string, { template, packageManager, json }: InitOptions, console: Console): void {
  const name = projectName(basename(resolve(folder)));
  const files = projectFiles({ name, template, packageManager, manifest: packageManifest() });
  writeNew(folder, files);
  const next = nextCommands(folder, packageManager);
  const paths = files.map(({ path }) => path);
  console.write(json ? safeJson({ folder, name, template, packageManager, files: paths, next }) : report(folder, paths, next));
}

/** Writes files that do not exist: all or none. */
function writeNew(folder: string, files: readonly ProjectFile[]): void {
  const written: string[] = [];
  try {
    refuseOverwriting(folder, files);
    for (const { path, content } of files) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      const open = openSync(file, "wx");
      written.push(file);
      writeFileSync(open, content);
      closeSync(open);
    }
  } catch (error) {
    for (const file of written) rmSync(file, { force: true });
    throw error instanceof UsageError ? error : new UsageError([`${folder}: a project cannot be written there: ${reason(error)}`]);
  }
}

function refuseOverwriting(folder: string, files: readonly ProjectFile[]): void {
  const inTheWay = [...new Set(files.flatMap(({ path }) => obstacle(folder, path) ?? []))];
  if (inTheWay.length === 0) return;
  throw new UsageError([
    ...inTheWay.map((path) => `${path}: it is there already.`),
    "nothing was written. Name another folder, or move what is in the way.",
  ]);
}

/** What stands where a file or one of its folders would: any file, and a link, which would lead elsewhere. */
function obstacle(folder: string, path: string): string | undefined {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) return folder;
  const parts = path.split("/");
  const parents = parts.slice(0, -1).map((_, index) => join(folder, ...parts.slice(0, index + 1)));
  const file = join(folder, path);
  const isTaken = (place: string): boolean => lstatSync(place, { throwIfNoEntry: false }) !== undefined;
  return parents.find((parent) => isTaken(parent) && !lstatSync(parent).isDirectory()) ?? (isTaken(file) ? file : undefined);
}

function nextCommands(folder: string, manager: PackageManager): readonly string[] {
  const enter = resolve(folder) === process.cwd() ? "" : `cd ${shellWord(folder)} && `;
  return [`${enter}${manager} install`, `${manager} run synth`, `${manager} test`];
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith("-") ? text : `-- '${text.replaceAll("'", "'\\''")}'`;
}

function report(folder: string, paths: readonly string[], next: readonly string[]): string {
  return [
    `${safeText(folder)}: ${paths.length} files`,
    ...paths.map((path) => `  + ${path}`),
    "",
    "Next:",
    ...next.map((command) => `  $ ${safeText(command)}`),
    "",
  ].join("\n");
}
