import type { KernelSetting } from "../nodes/kernel-setting";
import type { NodeFile } from "../nodes/node-file";

/** What a host is to have. Plain data, the same for every host of a pool. */
export interface HostProfile {
  /** Name of the pool. */
  readonly pool: string;
  /** Kernel settings, in the order in which they are written. */
  readonly settings: readonly KernelSetting[];
  /** Files, by absolute path. */
  readonly files: readonly NodeFile[];
  /** Kernel modules that have to be loaded before the settings exist. */
  readonly modules: readonly string[];
  /** Buckets of nf_conntrack's table; absent: left alone. */
  readonly hashSize?: number;
}
