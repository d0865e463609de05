import type { HostFacts, KeyOrigin } from "./host-facts";

/** One thing that would change on a host. */
export type HostChange =
  | {
      /** A kernel value. */
      readonly kind: "value";
      /** Name of the key, with dots. */
      readonly key: string;
      /** Present value; absent where the key does not exist yet. */
      readonly from?: string;
      /** Value that it would get. */
      readonly to: string;
      /** A floor: raised, never lowered. */
      readonly floor: boolean;
    }
  | {
      /** A file or a link. */
      readonly kind: "file";
      /** Absolute path. */
      readonly path: string;
      /** What would be done with it. */
      readonly action: "create" | "update" | "delete";
    }
  | {
      /** A kernel module that would be loaded. */
      readonly kind: "module";
      /** Name of the module. */
      readonly name: string;
    }
  | {
      /** The size of nf_conntrack's table. */
      readonly kind: "hash-size";
      /** Present number of buckets; absent where there is no table yet. */
      readonly from?: number;
      /** Number of buckets that it would get. */
      readonly to: number;
    };

/** What applying a profile would do to a host. */
export interface HostPlan {
  /** What differs from the profile; empty when the host has all of it. */
  readonly changes: readonly HostChange[];
  /** What stands in the way: apply refuses while there is any. */
  readonly conflicts: readonly KeyOrigin[];
}

/** A host beside a profile. */
export interface HostLook {
  /** What the host is and has. */
  readonly facts: HostFacts;
  /** What applying the profile would do. */
  readonly plan: HostPlan;
  /** Whether applying it would write nothing: the host has all of it, and nothing is left of another profile or of a run that was cut off. */
  readonly unchanged: boolean;
}
