/** One thing that is wrong with an input: where, and what to do about it. */
export interface Problem {
  /** Path of the prop, as the user wrote it: `release.canary.weight`, `ports[0].port`. Empty for the whole input. */
  readonly path: string;
  /** What was found and what is expected, one line: `got 11, expected a whole number from 0 to 10.` */
  readonly message: string;
}

/**
 * An input that cannot be rendered. Thrown before anything is created; names every problem of the construct at once, sorted by path.
 *
 * @example
 * ```ts
 * import { InvalidInput } from "meshground";
 *
 * const error = new InvalidInput("shop/Checkout", [{ path: "attempts", message: "got 11, expected a whole number from 0 to 10." }]);
 * console.log(error.message);
 * ```
 * ```text
 * shop/Checkout: 1 invalid prop
 *   attempts: got 11, expected a whole number from 0 to 10.
 * ```
 */
export class InvalidInput extends Error {
  override readonly name: string = "InvalidInput";
  /** Path of the construct, or the name of what was checked. */
  readonly subject: string;
  /** Every problem found, sorted by path. */
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    super(`${subject}: ${sorted.length} invalid prop${sorted.length === 1 ? "" : "s"}\n${sorted.map(problemLine).join("\n")}`);
    this.subject = subject;
    this.problems = sorted;
    // An uncaught error is printed with its message and its own fields: the message says it all.
    for (const field of ["name", "subject", "problems"]) Object.defineProperty(this, field, { enumerable: false });
  }
}

/** Throws one {@link InvalidInput} when there are problems. */
export function refuse(subject: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const error = new InvalidInput(subject, problems);
  Error.captureStackTrace?.(error, refuse);
  throw error;
}

/** A problem in the library's one form: `got <value>, expected <rule>. <hint>`. */
export function problem(path: string, got: unknown, expected: string, hint?: string): Problem {
  return { path, message: `got ${shown(got)}, expected ${expected}.${hint === undefined ? "" : ` ${hint}`}` };
}

/** A value as an error shows it: quoted, on one line, cut when it is long. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  const text = json(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** `a.b` of `a` and `b`, `b` of nothing and `b`. */
export function join(path: string, prop: string | number): string {
  if (typeof prop === "number") return `${path}[${prop}]`;
  const step = /^[A-Za-z_$][\w$]*$/.test(prop) ? prop : `[${JSON.stringify(prop)}]`;
  return path === "" || step.startsWith("[") ? `${path}${step}` : `${path}.${step}`;
}

function problemLine({ path, message }: Problem): string {
  return path === "" ? `  ${message}` : `  ${path}: ${message}`;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    return "an object that refers to itself";
  }
}
