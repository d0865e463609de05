import type { QualificationMeasure } from "../nodes/qualification-limits";

/**
 * What a measure comes to. `not measured` blocks the pool like `fails`: what was asked for and cannot be told is not known to hold.
 * `accepted` is either of the two with the user's reason.
 */
export type Verdict = "holds" | "fails" | "not measured" | "accepted";

/** One measure of a host. */
export interface QualificationRow {
  /** What was measured. */
  readonly measure: QualificationMeasure;
  /** What the pool asks for: `p99 below 10 ms`. */
  readonly wanted: string;
  /** What was found, or why nothing was: `p99 24.1 ms, of 9569`. */
  readonly got: string;
  /** What it comes to. */
  readonly verdict: Verdict;
  /** Why the user accepts it. */
  readonly reason?: string;
  /** What to do about it, unless it holds. */
  readonly fix?: string;
}

/** What a host measures up to. Plain data. */
export interface Qualification {
  /** Address and port. */
  readonly host: string;
  /** Name of the pool whose limits it is held against. */
  readonly pool: string;
  /** A row for each measure that was asked for. */
  readonly rows: readonly QualificationRow[];
}

/** Whether nothing keeps the host out of its pool. */
export function passes({ rows }: Qualification): boolean {
  return rows.every(({ verdict }) => verdict === "holds" || verdict === "accepted");
}
