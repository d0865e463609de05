import type { Check } from "../core/check";
import type { Problem } from "../core/problem";

type Rule<Part> = (part: Part, path: string) => readonly Problem[];

/** The problem of something that Istio takes all the same, though it does not do what it was written for. */
export interface ToleratedProblem extends Problem {
  readonly reason: "tolerated";
}

/** Whether Istio takes what the problem is about: a construct refuses it, a check of files only warns. */
export function isTolerated(problem: Problem): problem is ToleratedProblem {
  return "reason" in problem && problem.reason === "tolerated";
}

/** As the check says, and its problems with these values are such that Istio tolerates them. */
export function tolerated(check: Check, taken: (value: unknown) => boolean): Check {
  return (path, value) => {
    const problems = check(path, value);
    return problems.length > 0 && taken(value) ? problems.map(marked) : problems;
  };
}

/** As the rule says, and its problems with these parts are such that Istio tolerates them. */
export function toleratedRule<Part>(rule: Rule<Part>, taken: (part: Part) => boolean): Rule<Part> {
  return (part, path) => {
    const problems = rule(part, path);
    return problems.length > 0 && taken(part) ? problems.map(marked) : problems;
  };
}

/** Any text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Not written at all. */
export function isMissing(value: unknown): value is undefined {
  return value === undefined;
}

/** A list without items, which Istio reads as one that is not written. */
export function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** A part in which nothing is said. */
export function isEmpty(part: object): boolean {
  return Object.values(part).every(isMissing);
}

function marked(problem: Problem): ToleratedProblem {
  return { ...problem, reason: "tolerated" };
}
