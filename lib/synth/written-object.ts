import type { Construct } from "constructs";

/** An object as data, and the construct that it comes from. */
export interface WrittenObject {
  readonly construct: Construct;
  readonly data: unknown;
}
