import { isRecord } from "../core/check";
import { join, type Problem, problem } from "../core/problem";

/** A duration of several units, as Go reads it, or of one that the types do not have. */
const compound = /^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|(?:ms|[smh])(?=\d|\.))/;

/**
 * What Istio takes and the types do not: they know one spelling of each thing, and the program has to compile.
 *
 * What looks like one of these and is something else costs its object the type, and nothing more.
 */
export function spellingProblems(path: string, value: unknown): readonly Problem[] {
  if (typeof value === "string") return compound.test(value) ? [problem(path, value, 'a duration of one unit, such as "90s"')] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => spellingProblems(join(path, index), item));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    ...fieldProblems(join(path, name), name, field),
    ...spellingProblems(join(path, name), field),
  ]);
}

function fieldProblems(path: string, name: string, value: unknown): readonly Problem[] {
  if (name === "protocol" && typeof value === "string" && !/^[A-Z][A-Z\d_-]*$/.test(value))
    return [problem(path, value, 'a protocol in capitals, such as "HTTP"')];
  if (name === "port" && isRecord(value) && value.number === undefined) return [problem(path, value, "a port with a number")];
  return [];
}
