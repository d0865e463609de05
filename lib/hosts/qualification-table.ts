import { passes, type Qualification, type QualificationRow } from "./qualification";

/**
 * What one host or several measure up to, as a text table, with what to do about each row that does not hold below it.
 *
 * ```text
 * 10.0.0.11:22, pool oslo: 1 of 10 block it
 * measure  wanted           got                  verdict
 * cores    at least 8       8                    holds
 * fsync    p99 below 10 ms  p99 24.1 ms of 9569  FAILS
 *
 * fsync: take a faster disk …
 * ```
 */
export function qualificationTable(qualifications: Qualification | readonly Qualification[]): string {
  const all: readonly Qualification[] = "rows" in qualifications ? [qualifications] : qualifications;
  const lines = all.flatMap((qualification) => qualification.rows.map((row) => rowCells(qualification, row, all.length > 1)));
  const header = [...(all.length > 1 ? ["host"] : []), "measure", "wanted", "got", "verdict"];
  const summaries = all.map(summary);
  return `${[...summaries, ...aligned([header, ...lines]), ...advice(all)].join("\n")}\n`;
}

/** Hosts with their number of rows that block. */
function summary(qualification: Qualification): string {
  const { host, pool, rows } = qualification;
  const blocking = rows.filter(({ verdict }) => verdict === "fails" || verdict === "not measured").length;
  const accepted = rows.filter(({ verdict }) => verdict === "accepted").length;
  const state = passes(qualification) ? "qualified" : `NOT QUALIFIED, ${blocking} of ${rows.length} measures block it`;
  return `${name(host)}, pool ${name(pool)}: ${state}${accepted === 0 ? "" : `, ${accepted} accepted`}`;
}

function rowCells({ host }: Qualification, { measure, wanted, got, verdict, reason }: QualificationRow, many: boolean): readonly string[] {
  const word = verdict === "fails" || verdict === "not measured" ? verdict.toUpperCase() : verdict;
  return [...(many ? [name(host)] : []), measure, cell(wanted), cell(got), cell(reason === undefined ? word : `${word}: ${reason}`)];
}

/** Each thing to do once, with the hosts that need it where there are several. */
function advice(all: readonly Qualification[]): readonly string[] {
  const hosts = new Map<string, string[]>();
  for (const { host, rows } of all) {
    for (const { measure, verdict, fix } of rows) {
      if (fix === undefined || verdict === "holds" || verdict === "accepted") continue;
      const text = `${measure}: ${cell(fix, 400)}`;
      hosts.set(text, [...(hosts.get(text) ?? []), name(host)]);
    }
  }
  const lines = [...hosts].map(([text, names]) => (all.length > 1 ? `${text} (${names.join(", ")})` : text));
  return lines.length === 0 ? [] : ["", ...lines];
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? "")].length)));
  return rows.map((row) =>
    row
      .map((text, column) => text + " ".repeat((widths[column] ?? 0) - [...text].length))
      .join("  ")
      .trimEnd(),
  );
}

/** A name from outside: nothing in it that a terminal would obey, or that would break the columns. */
function name(text: string): string {
  return cell(text.replace(/[^\x21-\x7e]/g, "?"));
}

/** Text on one line, cut when it is long. */
function cell(text: string, longest = 100): string {
  const line = text.toWellFormed().replace(/[\p{C}\p{Z}]/gu, " ");
  return [...line].length > longest ? `${[...line].slice(0, longest - 1).join("")}…` : line;
}
