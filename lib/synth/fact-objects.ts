import type { Construct } from "constructs";

/** An object as data, and the construct that it comes from. */
export interface WrittenObject {
  readonly construct: Construct;
  readonly data: unknown;
}

/** What rules need to know of a tree that no manifest says: its nodes, its control planes, its calls. Data of kinds that no cluster is given. */
export function factObjects(_root: Construct): readonly WrittenObject[] {
  return [];
}
