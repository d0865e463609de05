import { styleText } from "node:util";
import type { Finding, Severity } from "../../core/finding";
import { cut, safeText } from "./safe-text";

/** What a report for people shows beside the findings. */
export interface TextReportProps {
  /** Whether to colour it. */
  readonly colour: boolean;
  /** A line of a file, from 1. @default - no lines are shown */
  readonly sourceLine?: (file: string, line: number) => string | undefined;
  /** What was checked: `12 objects in 3 files, for Istio 1.31 on Kubernetes 1.36`. */
  readonly subject: string;
}

/** Findings as a person reads them, by file or construct, and a summary. Ends with a line break. */
export function textReport(findings: readonly Finding[], props: TextReportProps): string {
  const groups = [...grouped(findings)].map(([, group]) => group.flatMap((finding) => lines(finding, props)).join("\n"));
  return `${[...groups, summary(findings, props)].join("\n\n")}\n`;
}

/** `2 errors, 1 warning; 1 accepted`. */
export function countText(findings: readonly Finding[]): string {
  const open = findings.filter(({ suppressed }) => suppressed === undefined);
  const counts = (["error", "warning", "note"] as const)
    .map((severity) => [severity, open.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}${count === 1 ? "" : "s"}`);
  const accepted = findings.length - open.length;
  return `${counts.join(", ") || "Nothing found"}${accepted === 0 ? "" : `; ${accepted} accepted`}`;
}

function grouped(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = finding.file ?? finding.path;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  for (const group of groups.values()) group.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return groups;
}

function lines(finding: Finding, { colour, sourceLine }: TextReportProps): readonly string[] {
  const { code, severity, field, message, fix, suppressed } = finding;
  const paint = painter(colour);
  const level = suppressed === undefined ? paint(severity, severity) : paint("accepted", "accepted");
  return [
    `${paint("place", place(finding))} ${level} ${paint("code", code)} ${shown(subject(finding))}`.trimEnd(),
    ...excerpt(finding, sourceLine).map((line) => paint("source", line)),
    `    ${field === undefined ? "" : `${shown(field)}: `}${shown(message)}`,
    ...(suppressed === undefined ? [`    ${shown(fix)}`] : [`    accepted: ${shown(suppressed)}`]),
  ];
}

/** `shop.yaml:12:3`, which terminals and editors open, or the path of the construct. */
function place({ file, line, column, path }: Finding): string {
  if (file === undefined) return shown(path);
  return `${shown(file)}${line === undefined ? "" : `:${line}${column === undefined ? "" : `:${column}`}`}`;
}

function subject({ file, path, resource }: Finding): string {
  if (resource === undefined) return file === undefined || path === file ? "" : path;
  const { kind, namespace, name } = resource;
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

const longestLine = 2000;
const longestExcerpt = 160;

function shown(text: string): string {
  return safeText(cut(text, longestLine));
}

function excerpt({ file, line, column = 1 }: Finding, sourceLine: TextReportProps["sourceLine"]): readonly string[] {
  const source = file === undefined || line === undefined ? undefined : sourceLine?.(file, line);
  if (source === undefined || line === undefined || column > longestExcerpt) return [];
  const number = String(line).padStart(7);
  const text = cut(source.replaceAll("\t", " ").trimEnd(), longestExcerpt);
  const before = safeText(text.slice(0, column - 1));
  return [`${number} | ${safeText(text)}`, `${" ".repeat(number.length)} | ${" ".repeat(before.length)}^`];
}

function summary(findings: readonly Finding[], { colour, subject }: TextReportProps): string {
  const worst = (["error", "warning", "note"] as const).find((severity) =>
    findings.some((finding) => finding.severity === severity && finding.suppressed === undefined),
  );
  return `${painter(colour)(worst ?? "fine", countText(findings))}. ${shown(subject)}.`;
}

type Look = Severity | "accepted" | "place" | "code" | "source" | "fine";

const looks: Readonly<Record<Look, Parameters<typeof styleText>[0]>> = {
  error: ["bold", "red"],
  warning: ["bold", "yellow"],
  note: ["bold", "cyan"],
  accepted: ["dim"],
  place: ["bold"],
  code: ["magenta"],
  source: ["dim"],
  fine: ["green"],
};

function painter(colour: boolean): (look: Look, text: string) => string {
  return (look, text) => (colour && text !== "" ? styleText(looks[look], text, { validateStream: false }) : text);
}
