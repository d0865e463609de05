import type { KeyOrigin } from "./host-facts";

/** One thing that would change on a host. */
export type HostChange =
  | {
      readonly kind: "value";
      readonly key: string;
      readonly from?: string;
      readonly to: string;
      /** A floor: raised, never lowered. */
      readonly floor: boolean;
    }
  | { readonly kind: "file"; readonly path: string; readonly action: "create" | "update" | "delete" }
  | { readonly kind: "module"; readonly name: string }
  | { readonly kind: "hash-size"; readonly from?: number; readonly to: number };

/** What applying a profile would do to a host. */
export interface HostPlan {
  readonly changes: readonly HostChange[];
  /** What stands in the way: apply refuses while there is any. */
  readonly conflicts: readonly KeyOrigin[];
}
