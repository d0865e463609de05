import { type Check, type Checks, isRecord, unknownProp } from "../core/check";
import { join, type Problem, problem } from "../core/problem";
import { isTolerated, type ToleratedProblem } from "./tolerated";

/** Looks at a part of a spec whose fields are sound, each by itself. Parts of it may be deferred. */
export type Rule<Part> = (part: Part, path: string) => readonly Problem[];

const none: readonly Problem[] = [];

/** A value that is made at synth, such as cdk8s's `Lazy`: nobody can look at it before. */
export function isDeferred(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { produce, resolve } = value as { readonly produce?: unknown; readonly resolve?: unknown };
  return typeof produce === "function" || typeof resolve === "function";
}

/**
 * An object with exactly these fields, each sound by itself; then the rules between them.
 *
 * As `shape` of the core, but lets deferred values pass and looks only at the fields that are there: a spec has few of the many it could have.
 */
export function part<Part extends object>(checks: Checks<Part>, ...rules: readonly Rule<Part>[]): Check {
  const known = new Map(Object.entries<Check>(checks));
  const fields: Fields = {
    known,
    required: [...known].filter(([, check]) => check("", undefined).length > 0),
    offered: [...known].flatMap(([name, check]) => (refusals.has(check) ? [] : [name])),
  };
  return (path, value) => {
    if (!isRecord(value)) return [problem(path, value, "an object")];
    let problems = fieldProblems(fields, path, value);
    if (problems.every(isTolerated)) for (const rule of rules) problems = and(problems, rule(value as Part, path));
    return problems.length > 0 && isDeferred(value) ? none : problems;
  };
}

const refusals = new WeakSet<Check>();

/** A field that Istio's schema has, and that nobody should write: what to say of its value. No hint names it. */
export function refused(say: (path: string, value: unknown) => Problem | undefined): Check {
  const check: Check = (path, value) => {
    const found = value === undefined ? undefined : say(path, value);
    return found === undefined ? none : [found];
  };
  refusals.add(check);
  return check;
}

/** A field that does nothing where it stands, which Istio refuses. */
export const withoutEffect: Check = refused((path, value) =>
  value === 0 ? undefined : problem(path, value, "nothing, because it has no effect here"),
);

/** A field that Istio's schema has and its control plane refuses whatever it says. */
export const unsupported: Check = refused((path, value) => problem(path, value, "nothing, because Istio does not support it"));

/** The second name of a field, which Istio takes, and which no one else knows. */
export function secondName(first: string, check: Check): Check {
  return refused((path, value) => {
    const message = `unknown prop. Did you mean "${first}"?`;
    return check(path, value).every(isTolerated) ? ({ path, message, reason: "tolerated" } satisfies ToleratedProblem) : { path, message };
  });
}

/** A list whose items all hold. */
export function each(
  item: Check,
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number } = {},
): Check {
  return (path, value) => {
    if (!Array.isArray(value)) return isDeferred(value) ? none : [problem(path, value, "a list")];
    if (value.length < min) return [problem(path, value, min === 1 ? "at least one item" : `at least ${min} items`)];
    if (value.length > max) return [{ path, message: `got ${value.length} items, expected at most ${max}.` }];
    return value.reduce<readonly Problem[]>((problems, entry, index) => and(problems, sound(item, `${path}[${index}]`, entry)), none);
  };
}

/** A map whose keys and values all hold. */
export function dict(key: Check, value: Check, { max = Number.POSITIVE_INFINITY }: { readonly max?: number } = {}): Check {
  return (path, map) => {
    if (!isRecord(map)) return [problem(path, map, "an object")];
    if (isDeferred(map)) return none;
    const names = Object.keys(map);
    if (names.length > max) return [{ path, message: `got ${names.length} keys, expected at most ${max}.` }];
    let problems = none;
    for (const name of names) {
      const at = join(path, name);
      problems = and(and(problems, key(at, name)), sound(value, at, map[name]));
    }
    return problems;
  };
}

/** The items of a list that is there and not deferred. */
export function items<Item>(list: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(list) ? list : [];
}

/** Whether a list is there and, as far as can be seen, not empty. */
export function given(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && !(Array.isArray(list) && list.length === 0);
}

/** Exactly one of the fields is there. */
export function exactlyOneOf<Part extends object>(...names: readonly (keyof Part & string)[]): Rule<Part> {
  return (part, path) => (howMany(part, names) === 1 ? none : [onlyOneOf("exactly one", part, path, names)]);
}

/** At most one of the fields is there. */
export function atMostOneOf<Part extends object>(...names: readonly (keyof Part & string)[]): Rule<Part> {
  return (part, path) => (howMany(part, names) <= 1 ? none : [onlyOneOf("at most one", part, path, names)]);
}

/** At least one of the fields is there. */
export function atLeastOneOf<Part extends object>(...names: readonly (keyof Part & string)[]): Rule<Part> {
  return (part, path) => (howMany(part, names) > 0 ? none : [onlyOneOf("at least one", part, path, names)]);
}

/** None of the fields is there when the condition holds. */
export function noneOf<Part extends object>(
  part: Part,
  path: string,
  because: string,
  ...names: readonly (keyof Part & string)[]
): Problem[] {
  return present(part, names).map((name) => problem(below(path, name), part[name], `nothing, because ${because}`));
}

/** Each value occurs once in the list. Undefined values do not count. */
export function distinct<Item>(
  list: readonly Item[] | undefined,
  path: string,
  key: (item: Item) => unknown,
  field?: string,
): readonly Problem[] {
  if (items(list).length < 2) return none;
  const seen = new Set<unknown>();
  return items(list).flatMap((item, index) => {
    const value = key(item);
    if (value === undefined || isDeferred(value) || !seen.has(value)) {
      seen.add(value);
      return none;
    }
    return [
      problem(field === undefined ? `${path}[${index}]` : `${path}[${index}].${field}`, value, "a value that occurs once in the list"),
    ];
  });
}

/** `a.b`. As `join` of the core, for names that are known to need no brackets. */
export function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Both lists. Most are empty, and an empty one costs nothing. The first is `none`, or one that was made here and is filled up. */
function and(list: readonly Problem[], more: readonly Problem[]): readonly Problem[] {
  if (more.length === 0) return list;
  if (list === none) return [...more];
  for (const problem of more) (list as Problem[]).push(problem);
  return list;
}

/** What is wrong with a value. Nothing is with one that is made at synth. */
function sound(check: Check, path: string, value: unknown): readonly Problem[] {
  const problems = check(path, value);
  return problems.length > 0 && isDeferred(value) ? none : problems;
}

interface Fields {
  readonly known: ReadonlyMap<string, Check>;
  readonly required: readonly (readonly [name: string, check: Check])[];
  /** Names that a hint may say. */
  readonly offered: readonly string[];
}

function fieldProblems({ known, required, offered }: Fields, path: string, value: Readonly<Record<string, unknown>>): readonly Problem[] {
  let problems = none;
  for (const [name, check] of required) if (value[name] === undefined) problems = and(problems, check(below(path, name), undefined));
  for (const name of Object.keys(value)) {
    if (value[name] === undefined) continue;
    const check = known.get(name);
    const found = check === undefined ? [unknownProp(join(path, name), name, offered)] : sound(check, below(path, name), value[name]);
    problems = and(problems, found);
  }
  return problems;
}

function present<Part extends object>(part: Part, names: readonly (keyof Part & string)[]): readonly (keyof Part & string)[] {
  return names.filter((name) => part[name] !== undefined);
}

function howMany<Part extends object>(part: Part, names: readonly (keyof Part & string)[]): number {
  let count = 0;
  for (const name of names) if (part[name] !== undefined) count++;
  return count;
}

function onlyOneOf<Part extends object>(amount: string, part: Part, path: string, names: readonly (keyof Part & string)[]): Problem {
  const found = present(part, names);
  return { path, message: `got ${found.length === 0 ? "none" : found.join(" and ")}, expected ${amount} of ${names.join(", ")}.` };
}
