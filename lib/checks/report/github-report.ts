import type { Finding } from "../../core/finding";
import { safeText } from "./safe-text";

/** Findings as annotations of GitHub Actions, one a line: GitHub shows them at the line of the change. Accepted ones are left out. */
export function githubReport(findings: readonly Finding[]): string {
  return findings
    .filter(({ suppressed }) => suppressed === undefined)
    .map((finding) => `${annotation(finding)}\n`)
    .join("");
}

const commands = { error: "error", warning: "warning", note: "notice" } as const;

function annotation({ code, severity, resource, field, file, line, column, path, message, fix }: Finding): string {
  const name =
    resource === undefined ? path : `${resource.kind} ${resource.namespace === undefined ? "" : `${resource.namespace}/`}${resource.name}`;
  const properties = Object.entries({ file, line, col: column, title: safeText(`${code} ${name}`) })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${property(String(value))}`);
  return `::${commands[severity]} ${properties.join(",")}::${data(safeText(`${field === undefined ? "" : `${field}: `}${message} ${fix}`))}`;
}

/** What would end the line is written as its code: what follows it would be a command of its own. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
