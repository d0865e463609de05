import { type DurationText, milliseconds } from "../core/duration";

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** A duration in Prometheus' own form, which takes no fractions: `1.5m` is `1m30s`. Less than a millisecond is left out. */
export function promDuration(text: DurationText): string {
  let left = Math.round(milliseconds(text));
  const parts = units.map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.join("") || "0s";
}
