import { tryAmount } from "../checks/graph/amounts";
import type { Path, Step } from "./field-change";

/** Fields whose values are quantities, and maps all of whose values are. */
const quantities: ReadonlySet<string> = new Set(
  `cpu memory storage ephemeral-storage cpuLimit memoryLimit sizeLimit divisor averageValue requests limits capacity hard min max default
  defaultRequest maxLimitRequestRatio`.split(/\s+/),
);
const duration = /(?:timeout|interval|duration|time|delay|ttl|period|backoff|maxage|window)$/i;
const oneSpan = /(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/gy;
const microseconds: Readonly<Record<string, number>> = { ns: 1e-3, us: 1, µs: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 };

/** Whether two values of a field are one quantity or one span of time, written in two ways: `"1000m"` and `"1"`, `"60s"` and `"1m0s"`. */
export function meansTheSame(path: Path, before: unknown, after: unknown): boolean {
  const [name = "", around = ""] = path.filter(isName).reverse();
  if (quantities.has(name) || quantities.has(around)) return isSame(tryAmount(before), tryAmount(after));
  return duration.test(name) && isSame(trySpan(before), trySpan(after));
}

function isName(step: Step): step is string {
  return typeof step === "string";
}

function isSame(before: number | undefined, after: number | undefined): boolean {
  return before !== undefined && after !== undefined && Math.abs(before - after) <= Number.EPSILON * Math.max(before, after);
}

/** Microseconds of a span as Go reads it: `1h30m`, `0.5s`. Undefined for what is none. */
function trySpan(value: unknown): number | undefined {
  if (typeof value !== "string" || value.length > 64) return undefined;
  const parts = [...value.matchAll(oneSpan)];
  if (parts.length === 0 || parts.map(([text]) => text).join("") !== value) return undefined;
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (microseconds[unit] ?? Number.NaN), 0);
}
