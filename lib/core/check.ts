import { nearest } from "./nearest";
import { join, type Problem, problem } from "./problem";

/** Looks at a value and says what is wrong with it. Pure; never throws. */
export type Check = (path: string, value: unknown) => readonly Problem[];

/** A check that holds when the predicate does. */
export function satisfies(expected: string, holds: (value: unknown) => boolean, hint?: (value: unknown) => string | undefined): Check {
  return (path, value) => (holds(value) ? [] : [problem(path, value, expected, hint?.(value))]);
}

/** As {@link satisfies}, for what may hold a password, as addresses do: the value is not shown. */
export function satisfiesUnshown(expected: string, holds: (value: unknown) => boolean): Check {
  return (path, value) => {
    if (holds(value)) return [];
    return value === undefined
      ? [problem(path, value, expected)]
      : [{ path, message: `expected ${expected}. What is there is not shown: it may hold a password.` }];
  };
}

/** Holds for undefined, else as the check says. */
export function optional(check: Check): Check {
  return (path, value) => (value === undefined ? [] : check(path, value));
}

/** A whole number between two bounds, both included. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Check {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return satisfies(`a whole number ${range}`, (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max);
}

/** A number between two bounds, both included. */
export function numberBetween(min: number, max: number): Check {
  return satisfies(`a number from ${min} to ${max}`, (value) => typeof value === "number" && value >= min && value <= max);
}

/** TCP or UDP port. */
export const port: Check = wholeNumber(1, 65535);

/** True or false. */
export const bool: Check = satisfies("true or false", (value) => typeof value === "boolean");

/** One of the words; a near miss is named. */
export function oneOf(...words: readonly string[]): Check {
  const list = words.map((word) => JSON.stringify(word)).join(", ");
  return satisfies(
    words.length === 1 ? list : `one of ${list}`,
    (value) => typeof value === "string" && words.includes(value),
    (value) => didYouMean(value, words),
  );
}

/** Text of one line, without control characters, not empty. */
export const line: Check = satisfies(
  "text on one line, not empty, without control characters",
  (value) => typeof value === "string" && value.trim() !== "" && !/\p{Cc}|[\u2028\u2029]/u.test(value) && value.isWellFormed(),
);

/** A string that matches a pattern in whole. */
export function matching(pattern: RegExp, expected: string, maxLength: number = 253): Check {
  return satisfies(expected, (value) => typeof value === "string" && value.length <= maxLength && pattern.test(value));
}

/** A list whose items all hold. */
export function listOf(item: Check, { min = 0 }: { readonly min?: number } = {}): Check {
  return (path, value) => {
    if (!Array.isArray(value)) return [problem(path, value, "a list")];
    if (value.length < min) return [problem(path, value, min === 1 ? "at least one item" : `at least ${min} items`)];
    return value.flatMap((entry, index) => item(join(path, index), entry));
  };
}

/** A map whose keys and values all hold. */
export function mapOf(key: Check, value: Check): Check {
  return (path, map) => {
    if (!isRecord(map)) return [problem(path, map, "an object")];
    return Object.entries(map).flatMap(([name, entry]) => [...key(join(path, name), name), ...value(join(path, name), entry)]);
  };
}

/** A check for every prop of a type: leaving one out does not compile. */
export type Checks<Props> = { readonly [Prop in keyof Required<Props>]: Check };

/** An object with exactly these props; an unknown one is refused with the nearest known name. */
export function shape<Props>(checks: Checks<Props>): Check {
  const known = Object.keys(checks);
  return (path, value) => {
    if (!isRecord(value)) return [problem(path, value, "an object")];
    const unknown = Object.keys(value).filter((prop) => value[prop] !== undefined && !known.includes(prop));
    return [
      ...unknown.map((prop) => unknownProp(join(path, prop), prop, known)),
      ...known.flatMap((prop) => (checks as Readonly<Record<string, Check>>)[prop]?.(join(path, prop), value[prop]) ?? []),
    ];
  };
}

/** The first check for values of one kind, the second for all others. */
export function when(kind: (value: unknown) => boolean, then: Check, otherwise: Check): Check {
  return (path, value) => (kind(value) ? then : otherwise)(path, value);
}

/** All checks, one after the other; the later ones only run on what the earlier ones let pass. */
export function all(...checks: readonly Check[]): Check {
  return (path, value) => {
    for (const check of checks) {
      const problems = check(path, value);
      if (problems.length > 0) return problems;
    }
    return [];
  };
}

/** Anything: for values that another check, or their own class, has looked at. */
export const anything: Check = () => [];

/** A plain object, neither null nor a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Did you mean "x"?`, where one is near. */
export function didYouMean(value: unknown, words: Iterable<string>): string | undefined {
  const near = typeof value === "string" ? nearest(value, words) : undefined;
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}

/** The problem of a prop that nobody knows. */
export interface UnknownProp extends Problem {
  readonly reason: "unknown prop";
}

/** The problem of a prop that nobody knows, with the nearest known name. */
export function unknownProp(path: string, prop: string, known: readonly string[]): UnknownProp {
  const hint = didYouMean(prop, known) ?? `Known: ${known.join(", ")}.`;
  return { path, message: `unknown prop. ${hint}`, reason: "unknown prop" };
}

/** Whether a problem is a prop that nobody knows: an API server drops such a field in silence. */
export function isUnknownProp(problem: Problem): problem is UnknownProp {
  return "reason" in problem && problem.reason === "unknown prop";
}
