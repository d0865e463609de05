import { safeJson } from "../checks/report/safe-text";
import { isRecord } from "../core/check";

/** What stands in a literal beside data: the name of a variable, or a call of a function of ours. Its words are ours, never the input's. */
export class Expression {
  readonly words: string;
  /** What the function is called with. @default - the expression is a name */
  readonly argument?: unknown;

  constructor(words: string, argument?: unknown) {
    this.words = words;
    this.argument = argument;
  }
}

/** Where a literal stands. */
export interface LiteralPlace {
  /** Levels that the line is indented by. */
  readonly level: number;
  /** Characters on its first line that are not the literal's own: the indentation, what is before it and what follows. */
  readonly beside: number;
}

const width = 100;

/**
 * Data as TypeScript that gives the same data when it runs: on one line where it is short, else one line for each entry.
 *
 * Whatever a text holds, it stays inside its quotes: nothing in it ends the line, turns its direction or hides.
 */
export function literal(value: unknown, { level, beside }: LiteralPlace): string {
  return flat(value, width - beside) ?? broken(value, level);
}

/** Characters of which nothing is seen, beside those that {@link safeJson} shows as their codes. */
const invisible = /[\u{e0000}-\u{e007f}]/gu;

/** A text in quotes, all on one line. */
export function quoted(text: string): string {
  return safeJson(text)
    .trimEnd()
    .replace(invisible, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** On one line; undefined when there is no room for that. */
function flat(value: unknown, room: number): string | undefined {
  if (value instanceof Expression) return wrapped(value, (argument) => flat(argument, room - value.words.length - 2), room);
  if (Array.isArray(value)) return gathered(["[", "]"], value, { room, entry: flat });
  if (isRecord(value)) return gathered(["{ ", " }"], Object.entries(value), { room, entry: flatEntry });
  return isLong(value) ? undefined : within(scalar(value), room);
}

/** A text of several lines reads better as its lines, however short they are. */
function isLong(value: unknown): boolean {
  return typeof value === "string" && value.indexOf("\n") !== value.lastIndexOf("\n");
}

function flatEntry([name, value]: readonly [string, unknown], room: number): string | undefined {
  const before = `${key(name)}: `;
  const text = flat(value, room - before.length);
  return text && `${before}${text}`;
}

interface Gathering<Item> {
  readonly room: number;
  readonly entry: (item: Item, room: number) => string | undefined;
}

/** Stops as soon as there is no more room, so that something huge is not written at each of its levels. */
function gathered<Item>(
  [open, close]: readonly [string, string],
  items: readonly Item[],
  { room, entry }: Gathering<Item>,
): string | undefined {
  if (items.length === 0) return within(`${open}${close}`.replaceAll(" ", ""), room);
  let text = open;
  for (const [index, item] of items.entries()) {
    const separator = index === 0 ? "" : ", ";
    const next = entry(item, room - text.length - separator.length - close.length);
    if (next === undefined) return undefined;
    text += `${separator}${next}`;
  }
  return within(`${text}${close}`, room);
}

function within(text: string, room: number): string | undefined {
  return text.length <= room ? text : undefined;
}

function wrapped({ words, argument }: Expression, print: (value: unknown) => string | undefined, room: number): string | undefined {
  if (argument === undefined) return within(words, room);
  const text = print(argument);
  return text && `${words}(${text})`;
}

/** One line for each entry; a text of several lines as a list of them. */
function broken(value: unknown, level: number): string {
  if (value instanceof Expression) return wrapped(value, (argument) => broken(argument, level), Number.POSITIVE_INFINITY) ?? "";
  if (Array.isArray(value)) return block(["[", "]"], value, { level, entry: (item) => inner(item, level, "") });
  if (isRecord(value))
    return block(["{", "}"], Object.entries(value), { level, entry: ([name, item]) => inner(item, level, `${key(name)}: `) });
  if (typeof value === "string" && value.includes("\n")) return `${broken(value.split("\n"), level)}.join("\\n")`;
  return scalar(value);
}

interface Block<Item> {
  readonly level: number;
  readonly entry: (item: Item) => string;
}

function block<Item>([open, close]: readonly [string, string], items: readonly Item[], { level, entry }: Block<Item>): string {
  if (items.length === 0) return `${open}${close}`;
  const indent = "  ".repeat(level + 1);
  return [open, ...items.map((item) => `${indent}${entry(item)},`), `${"  ".repeat(level)}${close}`].join("\n");
}

/** A value one level further in, behind its key. */
function inner(value: unknown, level: number, before: string): string {
  return `${before}${literal(value, { level: level + 1, beside: 2 * (level + 1) + before.length + 1 })}`;
}

function scalar(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A key as it is where it is a name, else in quotes. `__proto__` would set the prototype in either way. */
function key(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}
