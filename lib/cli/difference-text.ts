import type { Difference } from "../diff/difference";
import { jsonDifference } from "../diff/report/json-difference";
import { markdownDifference } from "../diff/report/markdown-difference";
import { textDifference } from "../diff/report/text-difference";

/** Options that say in which form a difference is shown. */
export interface DiffFormOptions {
  readonly format: "text" | "json" | "markdown";
  /** The same as the format json. */
  readonly json: boolean;
}

/** A difference in the form that is asked for. */
export function differenceText(found: Difference, { format, json }: DiffFormOptions, colour: boolean): string {
  if (json || format === "json") return jsonDifference(found);
  return format === "markdown" ? markdownDifference(found) : textDifference(found, colour);
}
