import fc from "fast-check";
import { expect, test } from "vitest";
import { type DurationText, milliseconds } from "../../lib/core/duration";
import { promDuration } from "../../lib/prometheus/duration";

const unit = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const lengthOf = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce((sum, [, count, name]) => sum + Number(count) * unit[name as keyof typeof unit], 0);

test("a duration in Prometheus' form is as long as it was, to the millisecond, in whole units from the largest on", () => {
  const amount = fc.oneof(
    fc.integer({ min: 0, max: 100_000 }),
    fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1000),
  );
  fc.assert(
    fc.property(amount, fc.constantFrom("ms", "s", "m", "h"), (count, name) => {
      const text = `${count}${name}` as DurationText;
      expect(promDuration(text)).toMatch(/^(?=.)(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/);
      expect(lengthOf(promDuration(text))).toBe(Math.round(milliseconds(text)));
    }),
  );
});

test("fractions become smaller units, and the same length is the same text", () => {
  expect((["1.5m", "90s", "36h", "0.25ms", "1ms"] as const).map(promDuration)).toEqual(["1m30s", "1m30s", "1d12h", "0s", "1ms"]);
});
