import { cut, safeText } from "../../checks/report/safe-text";
import { yamlDocument } from "../../core/yaml";
import { concealed } from "../concealed";
import type { Consequence } from "../consequence";
import type { Change, FileChange, ObjectChange } from "../difference";
import { type ChangedField, type FieldChange, pathText } from "../field-change";
import { lineChanges } from "./text-lines";

/** A line of a report: what it says is on one line, and no terminal obeys it. */
export interface Line {
  /** `!` what follows from a change, `-` what was, `+` what is, `~` both, blank for what belongs to the line before. */
  readonly mark: "!" | "-" | "+" | "~" | " ";
  readonly text: string;
}

/** An object or a file in a report. */
export interface Entry {
  readonly change: Change;
  readonly title: string;
  readonly consequences: readonly Consequence[];
  readonly lines: readonly Line[];
}

/** Lines that one value may fill. A new Deployment within a list would hide everything else. */
const mostLines = 20;
const longestLine = 300;

/** An object as it stands in a report. */
export function objectEntry({ resource: { kind, namespace, name }, change, consequences, fields }: ObjectChange): Entry {
  const title = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  return { change, title: shown(title), consequences, lines: fields.flatMap(fieldLines) };
}

/** A file as it stands in a report. */
export function fileEntry({ path, change, form, fields }: FileChange): Entry {
  const isText = form === "text" || form === "bytes";
  const bytes = change === "changed" && form === "bytes" ? [line(" ", "its bytes are others")] : [];
  return {
    change,
    title: path === "" ? "the file" : shown(path),
    consequences: [],
    lines: [...bytes, ...fields.flatMap((field) => (isText && field.kind === "changed" ? textLines(field, "") : fieldLines(field)))],
  };
}

function fieldLines(field: FieldChange): readonly Line[] {
  const place = pathText(field.path);
  if (field.kind === "moved") return [line("~", `${place}: in another order: ${field.after.join(", ")}`)];
  if (field.kind === "added") return valueLines("+", place, field.after);
  if (field.kind === "removed") return valueLines("-", place, field.before);
  if (isLong(field.before) || isLong(field.after)) return [line("~", `${place}:`), ...textLines(field, "  ")];
  if (field.before === concealed && field.after === concealed) return [line("~", `${place}: changed ${concealed}`)];
  const [before, after] = [valueText(field.before), valueText(field.after)];
  // What a text hides may be all that differs.
  const arrow = before === after ? `${before}, changed where it is ${concealed}` : `${before} -> ${after}`;
  return [line("~", `${place}: ${arrow}${field.sameMeaning === true ? " (means the same)" : ""}`)];
}

function isLong(value: unknown): boolean {
  return typeof value === "string" && value.includes("\n");
}

function textLines({ before, after }: ChangedField, indent: string): readonly Line[] {
  const { removed, added } = lineChanges(blockText(before), blockText(after));
  const lines = [...removed.map((text) => line("-", `${indent}${text}`)), ...added.map((text) => line("+", `${indent}${text}`))];
  return lines.length === 0
    ? [line(" ", `${indent}its lines stand in another order, or differ where they are ${concealed}`)]
    : limited(lines);
}

function blockText(value: unknown): string {
  return typeof value === "string" ? value : blockOf(value);
}

function valueLines(mark: "+" | "-", place: string, value: unknown): readonly Line[] {
  const isBlock = (typeof value === "object" && value !== null) || isLong(value);
  if (!isBlock) return [line(mark, `${place}: ${valueText(value)}`)];
  const lines = blockText(value).trimEnd().split("\n");
  return [line(mark, `${place}:`), ...limited(lines.map((text) => line(mark, `  ${text}`)))];
}

/** As YAML; as JSON where that cannot carry it. */
function blockOf(value: unknown): string {
  try {
    return yamlDocument(value);
  } catch {
    return JSON.stringify(value, null, 2);
  }
}

function valueText(value: unknown): string {
  return typeof value === "string" && /^[\w./:%@-]+$/.test(value) && Number.isNaN(Number(value)) ? value : JSON.stringify(value);
}

function limited(lines: readonly Line[]): readonly Line[] {
  const more = lines.length - mostLines;
  return more <= 1 ? lines : [...lines.slice(0, mostLines), line(" ", `… and ${more} lines more`)];
}

function line(mark: Line["mark"], text: string): Line {
  return { mark, text: shown(text) };
}

function shown(text: string): string {
  return safeText(cut(text.replaceAll("\t", "  "), longestLine));
}
