import { writeFileSync } from "node:fs";
import { githubReport } from "../checks/report/github-report";
import { jsonReport } from "../checks/report/json-report";
import { sarifReport } from "../checks/report/sarif-report";
import { countText, textReport } from "../checks/report/text-report";
import { allTexts } from "../checks/rules/all-rules";
import type { CheckOptions, Format } from "./check-settings";
import { type CheckedFiles, checkFiles, isUnread } from "./checked-files";
import type { Console } from "./console";
import { packageVersion } from "./package-version";
import { reason, type Sources } from "./source-files";
import { UsageError } from "./usage-error";

/**
 * Runs `meshground check`.
 *
 * @returns the exit code: 0 without errors, 1 with errors, 2 when something could not be read.
 * @throws UsageError when the options cannot be followed.
 */
export async function check(files: readonly string[], options: CheckOptions, console: Console): Promise<number> {
  const result = await checkFiles(files, options, console);
  report(result, options, console);
  return exitCode(result, options);
}

function report(result: CheckedFiles, { output, format }: CheckOptions, console: Console): void {
  const text = reportText[format](result, { ...console, colour: console.colour && output === undefined });
  if (output === undefined) console.write(text);
  else write(output, text);
  if (output !== undefined) console.write(`${countText(result.findings)}. ${subjectOf(result)}. The report is in ${output}.\n`);
}

const reportText: Readonly<Record<Format, (result: CheckedFiles, console: Console) => string>> = {
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
function subjectOf({ graph: { objects }, sources: { texts }, settings: { releases } }: CheckedFiles): string {
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

function exitCode(result: CheckedFiles, { strict }: CheckOptions): number {
  if (isUnread(result)) return 2;
  const fails = strict ? ["error", "warning"] : ["error"];
  return result.findings.some(({ severity, suppressed }) => suppressed === undefined && fails.includes(severity)) ? 1 : 0;
}
