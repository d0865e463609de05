import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FileContent, readObjects } from "../checks/read/read-objects";
import { isUnreadable } from "../checks/read/reader-texts";
import { InvalidInput } from "../core/problem";
import type { ImportedObjects } from "../import/import-objects";
import type { ProgramFile } from "../import/program-text";
import type { Releases } from "../istio/release";
import type { Console } from "./console";
import { importJson, importText } from "./import-report";
import { type ReleaseOptions, releasesFor } from "./releases";
import { givenSources, reason, type Sources } from "./source-files";
import { refuseUsage, UsageError } from "./usage-error";

/** Options of `meshground import`, as the command line gives them. */
export interface ImportOptions extends ReleaseOptions {
  readonly output: string;
  readonly json: boolean;
}

/**
 * Runs `meshground import`.
 *
 * @throws UsageError when the options cannot be followed, or something cannot be read, kept or written. Nothing is written then.
 */
export async function importCommand(files: readonly string[], options: ImportOptions, console: Console): Promise<void> {
  const releases = releasesFor(options);
  if (Array.isArray(releases)) throw new UsageError(releases);
  const sources = await givenSources(files, console, "import");
  const contents = sources.texts.map(readObjects);
  refuseUsage(unreadable(sources, contents));
  const imported = await importedFrom(contents, releases as Releases);
  writeNew(options.output, imported.files);
  const report = { ...imported, releases: releases as Releases, folder: options.output, passedOver: passedOver(contents) };
  console.write(options.json ? importJson(report) : importText(report, console.colour));
}

/** Half of a system would look like the whole of it. */
function unreadable({ unreadable: files }: Sources, contents: readonly FileContent[]): readonly string[] {
  const broken = contents.flatMap(({ findings }) => findings.filter(isUnreadable));
  return [
    ...files.map((line) => `cannot read ${line}`),
    ...broken.map(({ file, line, message }) => `cannot read ${file}:${line}: ${message}`),
  ];
}

/** Documents that are no objects, such as a chart's values. */
function passedOver(contents: readonly FileContent[]): readonly string[] {
  const others = contents.flatMap(({ findings }) => findings.filter(({ resource }) => resource === undefined));
  return others.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

async function importedFrom(contents: readonly FileContent[], releases: Releases): Promise<ImportedObjects> {
  const objects = contents.flatMap((content) => content.objects);
  if (objects.length === 0) throw new UsageError(["there is no object of Kubernetes in what was given."]);
  // Loaded here alone: it loads cdk8s, which no other command needs.
  const { importObjects } = await import("../import/import-objects.js");
  try {
    return importObjects(objects, releases);
  } catch (error) {
    if (error instanceof InvalidInput) throw new UsageError(error.problems.map(({ path, message }) => `${path}: ${message}`));
    throw error;
  }
}

/** Writes files that are not there yet: all of them, or none. */
function writeNew(folder: string, files: readonly ProgramFile[]): void {
  const paths = files.map(({ path, text }) => ({ path: join(folder, path), text }));
  refuseUsage(
    paths
      .filter(({ path }) => statSync(path, { throwIfNoEntry: false }) !== undefined)
      .map(({ path }) => `${path} is there already, and nothing was written. Name another folder: --output FOLDER.`),
  );
  try {
    for (const { path, text } of paths) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: "wx" });
    }
  } catch (error) {
    throw new UsageError([`--output ${folder}: ${reason(error)}`]);
  }
}
