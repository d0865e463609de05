/*
 * Text of one YAML scalar, as every reader in the field takes it: YAML 1.1 (Kubernetes, PyYAML) and 1.2 alike.
 * What is not plainly safe is quoted: a reader that takes `no` for false is an outage.
 */

/** Words that some reader takes for a boolean, null or number; `e1` is a number to the YAML 1.1 schema of the npm package `yaml`. */
const reserved = /^(?:y|n|yes|no|true|false|on|off|null|nan|inf|infinity|e[-+]?\d+)$/i;
/** Starts with a letter, a slash or an option's dashes; a colon or a space only between other letters. */
const plainText = /^(?:--(?=[A-Za-z]))?[A-Za-z/][\w./,=@+%()-]*(?:[: ][\w./,=@+%()-]+)*$/;
/** `-c`, amounts with a unit, and numbers with at least two dots: versions, addresses, ranges. */
const plainAmount = /^(?:-[A-Za-z]|\d+(?:\.\d+)?(?:ms|s|m|h|k|[KMGTP]i?|%)|\d+(?:\.\d+){2,}(?:\/\d+)?)$/;
const plainKey = /^[A-Za-z/][\w./-]*$/;
/** Characters that no reader may see unescaped, or no reviewer: controls, line separators, what is invisible or turns the direction. */
const unseen = /[\p{Cc}\u{a0}\u{ad}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff0}-\u{ffff}]/u;
const everyUnseen = new RegExp(unseen, "gu");
/** Readers need not look further than 1024 characters for the colon of a key (YAML 1.2.2, section 7.4.3). */
const longestSimpleKey = 1000;

/** Whether a text needs no quotes, because every reader takes it for itself. */
function isPlain(text: string): boolean {
  return (plainText.test(text) && !reserved.test(text)) || plainAmount.test(text);
}

/** Whether a text is a word that some reader takes for something else. */
export function isReserved(text: string): boolean {
  return reserved.test(text);
}

/** A text between double quotes, on one line, in escapes that YAML 1.1 and 1.2 share. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(everyUnseen, escaped);
}

/** A string as YAML, its further lines indented by `depth` steps: plain, a literal block or quoted, whichever is safe. */
export function stringText(text: string, depth: number): string {
  if (isPlain(text)) return text;
  return isLiteral(text) ? literal(text, "  ".repeat(Math.max(depth, 1))) : quoted(text);
}

/** A finite number as YAML. YAML 1.1 reads a float only when it has a dot, and an exponent only with its sign. */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
}

/** A key with its colon, indented by `depth` steps where it takes a second line. */
export function keyText(key: string, depth: number): string {
  if (plainKey.test(key) && !reserved.test(key) && key.length < longestSimpleKey) return `${key}:`;
  const text = quoted(key);
  return text.length < longestSimpleKey ? `${text}:` : `? ${text}\n${"  ".repeat(depth)}:`;
}

/** Several lines that a literal block carries as they are: all visible, no blanks at the ends, at most one line break after the last. */
function isLiteral(text: string): boolean {
  return text.includes("\n") && !/^\s|[ \t](?:\n|$)|\n\n$/.test(text) && !unseen.test(text.replaceAll("\n", "").replaceAll("\t", ""));
}

function literal(text: string, indent: string): string {
  const ended = text.endsWith("\n");
  const body = ended ? text.slice(0, -1) : text;
  return `|${ended ? "" : "-"}\n${indent}${body.replace(/\n(?!\n)/g, `\n${indent}`)}`;
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}
