import type { Finding } from "../../core/finding";
import { safeJson } from "./safe-text";

/** Findings for programs: `{ "findings": [...] }`, what is absent left out. Ends with a line break. */
export function jsonReport(findings: readonly Finding[]): string {
  return safeJson({ findings: findings.map(entry) });
}

/** Fields in the order that is documented. */
function entry(finding: Finding): Finding {
  const { code, severity, resource, field, file, line, column, path, message, fix, link, suppressed } = finding;
  return {
    code,
    severity,
    ...(resource !== undefined && { resource }),
    ...(field !== undefined && { field }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    path,
    message,
    fix,
    ...(link !== undefined && { link }),
    ...(suppressed !== undefined && { suppressed }),
  };
}
