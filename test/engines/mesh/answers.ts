import type { Answer } from "./load.mts";

/** How many answers of each kind there are: `200 pricing-v1-0`, `503 upstream connect error …`, `0 ECONNRESET`. */
export function countAnswers(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [, , status, body] of answers) {
    const kind = `${status} ${body}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Answers that are not 200. */
export function failuresOf(answers: readonly Answer[]): readonly Answer[] {
  return answers.filter(([, , status]) => status !== 200);
}

/** How many answers came from pods of a Deployment. */
export function answersFrom(answers: readonly Answer[], deployment: string): number {
  return answers.filter(([, , status, body]) => status === 200 && body.startsWith(`${deployment}-`)).length;
}

/**
 * How far a count may lie from its mean when each of so many requests is drawn on its own with the probability given: five standard deviations of the
 * binomial distribution. A right share falls outside once in some 1.7 million runs.
 */
export function spread(requests: number, probability: number): number {
  return 5 * Math.sqrt(requests * probability * (1 - probability));
}

/** A duration that so many percent of the answers did not exceed. Unit: milliseconds. */
export function percentile(answers: readonly Answer[], percent: number): number {
  const sorted = answers.map(([, took]) => took).sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
