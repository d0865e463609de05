import { deepest } from "./not-plain";
import { join, type Problem, problem } from "./problem";

/** Everything in a value that YAML cannot carry to a cluster, each with its path. */
export function dataProblems(value: unknown): readonly Problem[] {
  return problemsOf("", value, []);
}

function problemsOf(path: string, value: unknown, above: readonly object[]): readonly Problem[] {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? [] : [problem(path, value, "text without half a surrogate pair", "UTF-8 has no byte for it.")];
    case "number":
      return Number.isFinite(value) ? [] : [problem(path, value, "a finite number", "JSON, and so Kubernetes, has no other.")];
    case "function":
    case "symbol":
      return [problem(path, value, "plain data")];
    case "object":
      return value === null ? [] : objectProblems(path, value, above);
    default:
      return [];
  }
}

function objectProblems(path: string, value: object, above: readonly object[]): readonly Problem[] {
  if (above.includes(value)) return [{ path, message: "got an object that contains itself, expected plain data." }];
  if (above.length > deepest) return [{ path, message: `got more than ${deepest} levels, expected plain data.` }];
  const below = [...above, value];
  if (Array.isArray(value)) return value.flatMap((item, index) => problemsOf(join(path, index), item, below));
  const plain = tryPlain(value);
  if (plain === undefined) return [{ path, message: `got ${value.constructor.name}, expected plain data.` }];
  if (plain !== value) return problemsOf(path, plain, below);
  return Object.entries(value).flatMap(([key, entry]) => [...keyProblems(path, key), ...problemsOf(join(path, key), entry, below)]);
}

function keyProblems(path: string, key: string): readonly Problem[] {
  return key.isWellFormed() ? [] : [problem(path, key, "a key without half a surrogate pair", "UTF-8 has no byte for it.")];
}

/**
 * The plain data that an object stands for, as JSON takes it; undefined when it stands for none.
 *
 * An object without own properties that is not plain, such as a Map or a Promise, would become an empty map without a word.
 */
export function tryPlain(value: object): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return value;
  if ("toJSON" in value && typeof value.toJSON === "function") return value.toJSON() ?? null;
  const copy = { ...value };
  return prototype === null || Object.keys(copy).length > 0 ? copy : undefined;
}
