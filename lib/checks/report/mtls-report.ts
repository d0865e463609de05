import { styleText } from "node:util";
import type { Callers } from "../../prometheus/access-log";
import { isSafe, type MtlsVerdict, type NamespaceStatus, type PortStatus } from "../../prometheus/mtls-status";
import { cut, safeJson, safeText } from "./safe-text";

/** What is known of the way to STRICT. */
export interface MtlsReport {
  /** The window that was looked at. */
  readonly over: string;
  /** Requests below which nothing was said. */
  readonly atLeast: number;
  readonly namespaces: readonly NamespaceStatus[];
  /** Who called without mTLS; undefined where no access log was given. */
  readonly callers: Callers | undefined;
}

/** The report as a person reads it. Ends with a line break. */
export function mtlsText(report: MtlsReport, colour: boolean): string {
  const namespaces = report.namespaces.map((status) => namespaceText(status, colour));
  const callers = report.callers === undefined ? [] : [callersText(report.callers)];
  return `${[...namespaces, ...callers, summary(report)].join("\n\n")}\n`;
}

/** The report as a program reads it. Ends with a line break. */
export function mtlsJson({ over, atLeast, namespaces, callers }: MtlsReport): string {
  const safe = namespaces.length > 0 && namespaces.every(isSafe);
  return safeJson({ safe, over, atLeast, namespaces: namespaces.map((status) => ({ ...status, safe: isSafe(status) })), callers });
}

/** What is known of one namespace: the verdict, why, and the ports. */
export function namespaceText(status: NamespaceStatus, colour: boolean = false): string {
  const { name, verdict, why, ports } = status;
  const paint = colour
    ? (text: string): string => styleText(looks(verdict), text, { validateStream: false })
    : (text: string): string => text;
  return [
    `${paint(`${shown(name)}: ${verdict}`)}. ${meanings[verdict]}`,
    ...why.map((reason) => `  ${shown(reason)}`),
    ...table(ports).map((line) => `  ${line}`),
  ].join("\n");
}

const meanings: Readonly<Record<MtlsVerdict, string>> = {
  safe: "STRICT is safe.",
  "safe-with-declared": "STRICT is safe.",
  plaintext: "STRICT would break callers. Give them sidecars, or declare them: allowPlaintext.",
  "too-little": "Whether STRICT is safe cannot be said.",
  "no-metric": "Whether STRICT is safe cannot be said.",
  unreachable: "Whether STRICT is safe cannot be said.",
};

function looks(verdict: MtlsVerdict): Parameters<typeof styleText>[0] {
  if (isSafe({ verdict })) return ["bold", "green"];
  return verdict === "plaintext" ? ["bold", "red"] : ["bold", "yellow"];
}

const head = ["WORKLOAD", "PORT", "PLAINTEXT", "MTLS", "TCP PLAINTEXT", "TCP MTLS", ""];

/** Most rows of a table; those with plaintext come first. */
const mostRows = 200;

function table(ports: readonly PortStatus[]): readonly string[] {
  if (ports.length === 0) return [];
  const sorted = [...ports].sort((a, b) => Number(hasPlaintext(b)) - Number(hasPlaintext(a)));
  const rows = [head, ...sorted.slice(0, mostRows).map(row)];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const aligned = rows.map((cells) => cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join("  "));
  const rest = ports.length - mostRows;
  return [...aligned.map((line) => line.trimEnd()), ...(rest > 0 ? [`and ${rest} more`] : [])];
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === head.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}

function row(status: PortStatus): readonly string[] {
  const { workload, port, plaintext, mutualTls, tcpPlaintext, tcpMutualTls, declared } = status;
  const words = !hasPlaintext(status) ? "" : declaredText(declared);
  return [shown(workload), port === "" ? "?" : shown(port), ...[plaintext, mutualTls, tcpPlaintext, tcpMutualTls].map(String), words];
}

function hasPlaintext({ plaintext, tcpPlaintext }: PortStatus): boolean {
  return plaintext + tcpPlaintext > 0;
}

function declaredText(reason: string | undefined): string {
  return reason === undefined ? "not declared" : `declared: ${shown(reason)}`;
}

function callersText({ most, others, unread }: Callers): string {
  const width = Math.max(0, ...most.map(({ address }) => address.length));
  const lines = most.map(
    ({ address, port, count, declared }) =>
      `  ${address.padEnd(width)}  to port ${String(port).padStart(5)}  ${count} time${count === 1 ? "" : "s"}, ${declaredText(declared)}`,
  );
  return [
    most.length === 0 ? "The access logs name no caller without mTLS." : "Callers without mTLS, as the access logs name them:",
    ...lines,
    ...(others.callers + others.count > 0 ? [`  and ${others.callers} others, ${others.count} times`] : []),
    ...(unread > 0 ? [`  ${unread} line${unread === 1 ? " is" : "s are"} of no form that Istio writes by default, and not counted.`] : []),
  ].join("\n");
}

function summary({ over, namespaces }: MtlsReport): string {
  const safe = namespaces.filter(isSafe).length;
  const all = namespaces.length;
  return `STRICT is safe in ${safe} of ${all} namespace${all === 1 ? "" : "s"}, by what was seen within ${over}.`;
}

function shown(text: string): string {
  return safeText(cut(text, 500));
}
