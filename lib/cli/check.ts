import { readFileSync, writeFileSync } from "node:fs";
import type { Data } from "../checks/fields";
import type { MeshObject } from "../checks/mesh-object";
import { ObjectGraph, type Surroundings } from "../checks/object-graph";
import { readCarefully } from "../checks/read/careful-reader";
import { meshConfigData } from "../checks/read/mesh-config-document";
import { type FileContent, readObjects, type SourceText } from "../checks/read/read-objects";
import { isUnreadable, readerTexts } from "../checks/read/reader-texts";
import { jsonReport } from "../checks/report/json-report";
import type { Rule } from "../checks/rule";
import { allRules, allTexts } from "../checks/rules/all-rules";
import { runRules } from "../checks/run-rules";
import { isRecord } from "../core/check";
import type { Finding } from "../core/finding";
import { type CheckOptions, type CheckSettings, checkSettings } from "./check-settings";
import type { Console } from "./console";
import { ownRules } from "./own-rules";
import { readSources, reason, type Sources } from "./source-files";
import { UsageError } from "./usage-error";

/** Everything that a check came to. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly objects: readonly MeshObject[];
  readonly sources: Sources;
  readonly settings: CheckSettings;
}

/**
 * Runs `meshground check`.
 *
 * @returns the exit code: 0 without errors, 1 with errors, 2 when something could not be read.
 * @throws UsageError when the options cannot be followed.
 */
export async function check(files: readonly string[], options: CheckOptions, console: Console): Promise<number> {
  const own = (await Promise.all(options.rules.map(ownRules))).flat();
  const rules = withoutDoubles([...allRules, ...own]);
  const settings = checkSettings(
    options,
    [...allTexts, ...readerTexts, ...own].map(({ code }) => code),
  );
  const meshConfig = options.meshConfig === undefined ? undefined : meshConfigFile(options.meshConfig);
  const sources = sourcesOf(files, console);
  const result = { ...findIn(sources.texts, { rules, settings, meshConfig }), sources, settings };
  for (const line of sources.unreadable) console.error(`meshground: cannot read ${line}\n`);
  report(result, options, console);
  return exitCode(result, options);
}

function withoutDoubles(rules: readonly Rule[]): readonly Rule[] {
  const codes = rules.map(({ code }) => code);
  const double = codes.find((code, index) => codes.indexOf(code) !== index);
  if (double !== undefined) throw new UsageError([`--rules: there are two rules with the code ${double}.`]);
  return rules;
}

function sourcesOf(files: readonly string[], console: Console): Sources {
  if (files.length === 0 && console.stdinIsTerminal) {
    throw new UsageError(["there is nothing to check: name files or folders, or pipe objects in."]);
  }
  const named = files.filter((file) => file !== "-");
  const sources = readSources(named);
  if (files.length > 0 && named.length === files.length) return sources;
  return { ...sources, texts: [...sources.texts, { file: "<stdin>", bytes: console.stdin() }] };
}

interface Basis {
  readonly rules: readonly Rule[];
  readonly settings: CheckSettings;
  readonly meshConfig: Data | undefined;
}

function findIn(texts: readonly SourceText[], { rules, settings, meshConfig }: Basis): Pick<CheckResult, "findings" | "objects"> {
  const contents = texts.map(readObjects);
  const objects = contents.flatMap((content) => content.objects);
  const config = meshConfig ?? meshConfigAmong(contents);
  const { releases, externals, today, residency, ignored } = settings;
  const around: Surroundings = { releases, externals, today, residency, ...(config !== undefined && { meshConfig: config }) };
  const read = contents.flatMap(({ findings }) => findings).map((finding) => accepted(finding, ignored));
  return { objects, findings: [...read, ...runRules(new ObjectGraph(objects, around), rules, ignored)] };
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

function report(result: CheckResult, { output }: CheckOptions, console: Console): void {
  const text = jsonReport(result.findings);
  if (output === undefined) console.write(text);
  else writeFileSync(output, text);
}

function exitCode({ findings, sources }: CheckResult, { strict }: CheckOptions): number {
  if (sources.unreadable.length > 0 || findings.some(isUnreadable)) return 2;
  const fails = strict ? ["error", "warning"] : ["error"];
  return findings.some(({ severity, suppressed }) => suppressed === undefined && fails.includes(severity)) ? 1 : 0;
}
