import { readFileSync, writeFileSync } from "node:fs";
import type { Data } from "../checks/fields";
import type { MeshObject } from "../checks/mesh-object";
import { ObjectGraph, type Surroundings } from "../checks/object-graph";
import { readCarefully } from "../checks/read/careful-reader";
import { meshConfigData } from "../checks/read/mesh-config-document";
import { type FileContent, readObjects, type SourceText } from "../checks/read/read-objects";
import { isUnreadable } from "../checks/read/reader-texts";
import { githubReport } from "../checks/report/github-report";
import { jsonReport } from "../checks/report/json-report";
import { safeText } from "../checks/report/safe-text";
import { sarifReport } from "../checks/report/sarif-report";
import { countText, textReport } from "../checks/report/text-report";
import type { Rule } from "../checks/rule";
import { allRules, allTexts } from "../checks/rules/all-rules";
import { runRules } from "../checks/run-rules";
import { isRecord } from "../core/check";
import type { Finding } from "../core/finding";
import { type CheckOptions, type CheckSettings, checkSettings, type Format } from "./check-settings";
import type { Console } from "./console";
import { ownRules } from "./own-rules";
import { packageVersion } from "./package-version";
import { givenSources, reason, type Sources } from "./source-files";
import { UsageError } from "./usage-error";

/** Everything that a check came to. */
interface CheckResult {
  readonly findings: readonly Finding[];
  readonly objects: readonly MeshObject[];
  readonly sources: Sources;
  readonly settings: CheckSettings;
  /** Rules of the user's own. */
  readonly rules: readonly Rule[];
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
    [...allTexts, ...own].map(({ code }) => code),
  );
  const meshConfig = options.meshConfig === undefined ? undefined : meshConfigFile(options.meshConfig);
  const sources = await givenSources(files, console, "check");
  const result = { ...findIn(sources.texts, { rules, settings, meshConfig }), sources, settings, rules: own };
  for (const line of sources.unreadable) console.error(`meshground: cannot read ${safeText(line)}\n`);
  report(result, options, console);
  return exitCode(result, options);
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

function report(result: CheckResult, { output, format }: CheckOptions, console: Console): void {
  const text = reportText[format](result, { ...console, colour: console.colour && output === undefined });
  if (output === undefined) console.write(text);
  else write(output, text);
  if (output !== undefined) console.write(`${countText(result.findings)}. ${subjectOf(result)}. The report is in ${output}.\n`);
}

const reportText: Readonly<Record<Format, (result: CheckResult, console: Console) => string>> = {
  text: (result, { colour }) =>
    textReport(result.findings, { colour, sourceLine: sourceLines(result.sources), subject: subjectOf(result) }),
  json: ({ findings }) => jsonReport(findings),
  github: ({ findings }) => githubReport(findings),
  sarif: ({ findings, rules, settings: { ignored } }) =>
    sarifReport(findings, { version: packageVersion(), root: process.cwd(), rules: [...allTexts, ...rules], ignored }),
};

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError([`--output ${file}: ${reason(error)}`]);
  }
}

/** `70 objects in 3 files, for Istio 1.31 on Kubernetes 1.36`. */
function subjectOf({ objects, sources: { texts }, settings: { releases } }: CheckResult): string {
  const { istio, kubernetes } = releases;
  const files = `${texts.length} file${texts.length === 1 ? "" : "s"}`;
  return `${objects.length} object${objects.length === 1 ? "" : "s"} in ${files}, for Istio ${istio.text} on Kubernetes ${kubernetes.text}`;
}

/** Lines of the files that were read; each file is taken apart once. */
function sourceLines({ texts }: Sources): (file: string, line: number) => string | undefined {
  const bytes = new Map(texts.map((text) => [text.file, text.bytes]));
  let last: { readonly file: string; readonly lines: readonly string[] } | undefined;
  return (file, line) => {
    if (last?.file !== file) last = { file, lines: (bytes.get(file)?.toString() ?? "").split(/\r?\n/) };
    return last.lines[line - 1];
  };
}

function exitCode({ findings, sources }: CheckResult, { strict }: CheckOptions): number {
  if (sources.unreadable.length > 0 || findings.some(isUnreadable)) return 2;
  const fails = strict ? ["error", "warning"] : ["error"];
  return findings.some(({ severity, suppressed }) => suppressed === undefined && fails.includes(severity)) ? 1 : 0;
}
