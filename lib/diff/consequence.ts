import type { Data } from "../checks/fields";
import type { FieldChange } from "./field-change";

/**
 * How much a consequence matters, worst first.
 *
 * `danger`: something is lost, made anew, or opened and closed to others. `traffic`: requests go another way. `restart`: pods are replaced or their
 * number changes. `note`: it looks like a change, and is none for what runs.
 */
export type Level = "danger" | "traffic" | "restart" | "note";

/** Every level, worst first. */
export const levels: readonly Level[] = ["danger", "traffic", "restart", "note"];

/** What a change does to what runs. */
export interface Consequence {
  readonly level: Level;
  /** One line, a clause or a sentence. */
  readonly text: string;
}

/** An object of both outputs. */
export interface ComparedObject {
  /** `apps`; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Its data before. @default - it is new */
  readonly before?: Data;
  /** Its data after. @default - it is gone */
  readonly after?: Data;
  /** What differs; empty of one that is new or gone. */
  readonly fields: readonly FieldChange[];
}

/** Says what follows from a change, in plain rules: it knows the objects, not the cluster. */
export type ConsequenceRule = (object: ComparedObject) => readonly Consequence[];
