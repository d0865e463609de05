import { type Check, satisfies } from "./check";

/** A span of time with its unit: `"500ms"`, `"2s"`, `"1.5m"`, `"1h"`. Unit: as written. */
export type DurationText = `${number}${"ms" | "s" | "m" | "h"}`;

const millisecondsIn = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const pattern = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/;

/** A hundred years. Go, which Istio is written in, cannot count more than about 292. */
const longest = 100 * 365 * 24 * millisecondsIn.h;

/** Milliseconds of a duration text, or undefined when it is none. */
export function tryMilliseconds(text: unknown): number | undefined {
  const [, amount, unit] = (typeof text === "string" && pattern.exec(text)) || [];
  const ms = amount === undefined ? undefined : Number(amount) * millisecondsIn[unit as keyof typeof millisecondsIn];
  return ms !== undefined && ms <= longest ? ms : undefined;
}

/** Milliseconds of a duration text that was checked before. */
export function milliseconds(text: DurationText): number {
  const result = tryMilliseconds(text);
  if (result === undefined) throw new RangeError(`${JSON.stringify(text)} is not a duration`);
  return result;
}

/**
 * A duration of at least `min`, `1ms` unless said otherwise.
 *
 * Istio's CRDs refuse less than a millisecond, and JSON schema cannot see it.
 */
export function duration({ min = "1ms", max }: { readonly min?: DurationText; readonly max?: DurationText } = {}): Check {
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  return satisfies(
    `a duration ${range}, such as "500ms", "2s" or "1m"`,
    (value) => {
      const ms = tryMilliseconds(value);
      return ms !== undefined && ms >= milliseconds(min) && (max === undefined || ms <= milliseconds(max));
    },
    (value) => (typeof value === "number" ? `Say the unit: "${value}ms" or "${value}s".` : undefined),
  );
}
