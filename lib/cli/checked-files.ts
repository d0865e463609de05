import { readFileSync } from "node:fs";
import type { Data } from "../checks/fields";
import { ObjectGraph, type Surroundings } from "../checks/object-graph";
import { readCarefully } from "../checks/read/careful-reader";
import { meshConfigData } from "../checks/read/mesh-config-document";
import { type FileContent, readObjects, type SourceText } from "../checks/read/read-objects";
import { isUnreadable } from "../checks/read/reader-texts";
import { safeText } from "../checks/report/safe-text";
import type { Rule } from "../checks/rule";
import { allRules, allTexts } from "../checks/rules/all-rules";
import { runRules } from "../checks/run-rules";
import { isRecord } from "../core/check";
import type { Finding } from "../core/finding";
import { type CheckSettings, checkSettings, type SurroundingsOptions } from "./check-settings";
import type { Console } from "./console";
import { ownRules } from "./own-rules";
import { givenSources, reason, type Sources } from "./source-files";
import { UsageError } from "./usage-error";

/** Files that were read and checked. */
export interface CheckedFiles {
  readonly findings: readonly Finding[];
  readonly graph: ObjectGraph;
  readonly sources: Sources;
  readonly settings: CheckSettings;
  /** Rules of the user's own. */
  readonly rules: readonly Rule[];
}

/**
 * Reads files, folders and standard input, and checks the objects in them. What cannot be read is named on standard error.
 *
 * @throws UsageError when the options cannot be followed, or there is nothing to read.
 */
export async function checkFiles(files: readonly string[], options: SurroundingsOptions, console: Console): Promise<CheckedFiles> {
  const own = (await Promise.all(options.rules.map(ownRules))).flat();
  const rules = withoutDoubles([...allRules, ...own]);
  const settings = checkSettings(
    options,
    [...allTexts, ...own].map(({ code }) => code),
  );
  const meshConfig = options.meshConfig === undefined ? undefined : meshConfigFile(options.meshConfig);
  const sources = await givenSources(files, console, "check");
  const result = { ...findIn(sources.texts, { rules, settings, meshConfig }), sources, settings, rules: own };
  for (const line of sources.unreadable) console.error(`meshground: cannot read ${safeText(line)}\n`);
  return result;
}

/** Whether a file, or a document of one, could not be read. */
export function isUnread({ findings, sources }: Pick<CheckedFiles, "findings" | "sources">): boolean {
  return sources.unreadable.length > 0 || findings.some(isUnreadable);
}

function withoutDoubles(rules: readonly Rule[]): readonly Rule[] {
  const codes = rules.map(({ code }) => code);
  const double = codes.find((code, index) => codes.indexOf(code) !== index);
  if (double !== undefined) throw new UsageError([`--rules: there are two rules with the code ${double}.`]);
  return rules;
}

interface Basis {
  readonly rules: readonly Rule[];
  readonly settings: CheckSettings;
  readonly meshConfig: Data | undefined;
}

function findIn(texts: readonly SourceText[], { rules, settings, meshConfig }: Basis): Pick<CheckedFiles, "findings" | "graph"> {
  const contents = texts.map(readObjects);
  const objects = contents.flatMap((content) => content.objects);
  const config = meshConfig ?? meshConfigAmong(contents);
  const { releases, externals, today, residency, ignored } = settings;
  const around: Surroundings = { releases, externals, today, residency, ...(config !== undefined && { meshConfig: config }) };
  const read = contents.flatMap(({ findings }) => findings).map((finding) => accepted(finding, ignored));
  const graph = new ObjectGraph(objects, around);
  return { graph, findings: [...read, ...runRules(graph, rules, ignored)] };
}

function meshConfigAmong(contents: readonly FileContent[]): Data | undefined {
  return contents.find(({ meshConfig }) => meshConfig !== undefined)?.meshConfig;
}

function accepted(finding: Finding, ignored: Readonly<Record<string, string>>): Finding {
  const why = finding.suppressed ?? ignored[finding.code];
  return why === undefined ? finding : { ...finding, suppressed: why };
}

/** The MeshConfig of a file: as it is, or in the ConfigMap that carries it. */
function meshConfigFile(file: string): Data {
  const bytes = bytesOf(file);
  const { meshConfig, objects } = readObjects({ file, bytes });
  const { data, faults } = readCarefully(bytes.toString());
  const [fault] = faults;
  if (meshConfig !== undefined) return meshConfig;
  if (fault !== undefined) throw new UsageError([`--mesh-config ${file}: ${fault.message}`]);
  if (objects.length > 0 || !isRecord(data))
    throw new UsageError([`--mesh-config ${file}: it is no MeshConfig, and no ConfigMap with one.`]);
  return meshConfigData(data);
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError([`--mesh-config ${file}: ${reason(error)}`]);
  }
}
