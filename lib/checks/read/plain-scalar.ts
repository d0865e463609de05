/** What Kubernetes' reader makes of a word without quotes. */
const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word): [string, boolean] => [word, true]),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word): [string, boolean] => [word, false]),
  ...["", "~", "null", "Null", "NULL"].map((word): [string, null] => [word, null]),
]);

/** Words that are no text without quotes around them. */
export const plainWords: readonly string[] = [...words.keys()];

/** Words that are numbers there, and that JSON cannot carry. */
const unbounded = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const digits: readonly (readonly [pattern: RegExp, base: number, prefix: number])[] = [
  [/^[-+]?0[xX][\da-fA-F]+$/, 16, 2],
  [/^[-+]?0[oO][0-7]+$/, 8, 2],
  [/^[-+]?0[bB][01]+$/, 2, 2],
  [/^[-+]?0[0-7]+$/, 8, 1],
  [/^[-+]?(?:0|[1-9]\d*)$/, 10, 0],
];
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/** What may be anything but text begins so. */
export const mayResolve: RegExp = /^(?:$|[-+.\d~yYnNtTfFoO])/;

/** A word without quotes that is a number, and no JSON can carry. */
export function isUnbounded(word: string): boolean {
  return unbounded.test(word);
}

/**
 * What a scalar without quotes stands for: null, a boolean, a number or itself.
 *
 * As Kubernetes reads it (YAML 1.1 by go-yaml 2): `yes` and `off` are booleans, `012` and `0o12` are ten, `1_000` is a thousand,
 * `12:30` and `2001-01-01` are text.
 */
export function plainScalar(word: string): string | number | boolean | null {
  const known = words.get(word);
  if (known !== undefined) return known;
  return /^[-+.\d]/.test(word) ? (numberOf(word) ?? word) : word;
}

/** Underscores part the digits of a number that begins with a sign or a digit. */
function numberOf(word: string): number | undefined {
  const plain = word.startsWith(".") ? word : word.replaceAll("_", "");
  for (const [pattern, base, prefix] of digits) if (pattern.test(plain)) return integer(plain, base, prefix);
  const value = float.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value + 0 : undefined;
}

function integer(text: string, base: number, prefix: number): number {
  const sign = /^[-+]/.exec(text)?.[0] ?? "";
  const value = base === 10 ? Number(text.slice(sign.length)) : Number.parseInt(text.slice(sign.length + prefix), base);
  return sign === "-" && value !== 0 ? -value : value;
}
