const units = [
  { unit: "h", ms: 3_600_000 },
  { unit: "m", ms: 60_000 },
] as const;

/** A span of time as people write it: `400ms`, `1.875s`, `2m`; `none` for a time that never ends. Unit of the argument: milliseconds. */
export function timeText(ms: number): string {
  if (!Number.isFinite(ms)) return "none";
  const whole = ms > 0 ? units.find((one) => ms % one.ms === 0) : undefined;
  if (whole !== undefined) return `${ms / whole.ms}${whole.unit}`;
  return ms < 1_000 ? `${rounded(ms)}ms` : `${rounded(ms / 1_000)}s`;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
