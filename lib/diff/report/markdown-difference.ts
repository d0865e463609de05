import { safeText } from "../../checks/report/safe-text";
import type { Finding } from "../../core/finding";
import type { Difference } from "../difference";
import { type Entry, fileEntry, objectEntry } from "./change-lines";
import { removalNote, summary } from "./summary";

/** Most that a comment may hold: GitHub takes 65,536 characters. Unit: UTF-16 code units. */
const longest = 60_000;

/** A difference as a comment of a merge request. What comes from outside stands in code alone, where nothing of it is Markdown or HTML. */
export function markdownDifference(difference: Difference): string {
  const { objects, files, findings } = difference;
  const entries = [
    ...objects.map(objectEntry).map(entryText),
    ...files.map(fileEntry).map(entryText),
    ...findings.appeared.map((finding) => findingText(finding, "new")),
    ...findings.gone.map((finding) => findingText(finding, "gone")),
  ];
  const note = removalNote(difference);
  return `${[`**${summary(difference)}**`, ...(note === undefined ? [] : [note]), ...fitting(entries)].join("\n\n")}\n`;
}

function fitting(entries: readonly string[]): readonly string[] {
  let length = 0;
  const taken = entries.findIndex((entry) => {
    length += entry.length + 2;
    return length > longest;
  });
  if (taken === -1) return entries;
  return [...entries.slice(0, taken), `… and ${entries.length - taken} more, too long for a comment: \`meshground diff\` shows all.`];
}

function entryText({ change, title, consequences, lines }: Entry): string {
  const details = [
    ...consequences.map(({ level, text }) => `! ${level}: ${safeText(text)}`),
    ...lines.map(({ mark, text }) => `${mark === "~" ? "!" : mark} ${text}`),
  ];
  return [`**${change}** ${code(title)}`, ...(details.length === 0 ? [] : [fence(details)])].join("\n\n");
}

function findingText({ code: name, severity, path, message, fix }: Finding, what: "new" | "gone"): string {
  return [
    `**${what} finding** ${code(safeText(`${severity} ${name} ${path}`))}`,
    fence([message, ...(what === "new" ? [fix] : [])].map(safeText)),
  ].join("\n\n");
}

/** Longer than any row of backticks in it, so that nothing in it ends it. */
function fence(lines: readonly string[]): string {
  const ticks = "`".repeat(Math.max(3, 1 + longestTicks(lines.join("\n"))));
  return [`${ticks}diff`, ...lines, ticks].join("\n");
}

function code(text: string): string {
  const ticks = "`".repeat(1 + longestTicks(text));
  return text.includes("`") ? `${ticks} ${text} ${ticks}` : `${ticks}${text}${ticks}`;
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}
