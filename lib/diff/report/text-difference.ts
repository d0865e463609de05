import { styleText } from "node:util";
import { safeText } from "../../checks/report/safe-text";
import type { Finding } from "../../core/finding";
import type { Level } from "../consequence";
import type { Change, Difference } from "../difference";
import { type Entry, fileEntry, type Line, objectEntry } from "./change-lines";
import { removalNote, summary } from "./summary";

/** A difference as a person reads it: by object, worst first, then files and findings, and a summary. Ends with a line break. */
export function textDifference(difference: Difference, colour: boolean): string {
  const paint = painter(colour);
  const { objects, files, findings } = difference;
  const entries = [...objects.map(objectEntry), ...files.map(fileEntry)].map((entry) => entryText(entry, paint));
  const found = [
    ...findings.appeared.map((one) => findingText(one, "new", paint)),
    ...findings.gone.map((one) => findingText(one, "gone", paint)),
  ];
  const note = removalNote(difference);
  return `${[...entries, ...found, ...(note === undefined ? [] : [note]), summary(difference)].join("\n\n")}\n`;
}

type Paint = (look: Look, text: string) => string;
type Look = Change | Level | Line["mark"];

function entryText({ change, title, consequences, lines }: Entry, paint: Paint): string {
  return [
    `${paint(change, change)} ${title}`,
    ...consequences.map(({ level, text }) => `    ${paint(level, level)}: ${safeText(text)}`),
    ...lines.map(({ mark, text }) => `    ${paint(mark, `${mark} ${text}`)}`),
  ].join("\n");
}

function findingText({ code, severity, path, message, fix, suppressed }: Finding, what: "new" | "gone", paint: Paint): string {
  const head = `${paint(what === "new" ? "added" : "removed", `${what} finding`)} ${safeText(`${severity} ${code} ${path}`)}`;
  const rest = what === "gone" ? [message] : [message, suppressed === undefined ? fix : `accepted: ${suppressed}`];
  return [head, ...rest.map((text) => `    ${safeText(text)}`)].join("\n");
}

const looks: Readonly<Record<Look, Parameters<typeof styleText>[0]>> = {
  removed: ["bold", "red"],
  changed: ["bold", "yellow"],
  added: ["bold", "green"],
  danger: ["bold", "red"],
  traffic: ["bold", "yellow"],
  restart: ["bold", "cyan"],
  note: ["dim"],
  "!": ["yellow"],
  "-": ["red"],
  "+": ["green"],
  "~": ["yellow"],
  " ": ["dim"],
};

function painter(colour: boolean): Paint {
  return (look, text) => (colour ? styleText(looks[look], text, { validateStream: false }) : text);
}
