import { tryKernelKey, tryKeyScope } from "../../nodes/kernel-keys";
import type { KernelSetting } from "../../nodes/kernel-setting";

/** A kernel setting of a node, and how far it reaches. */
export interface ReachingSetting extends KernelSetting {
  /**
   * `node`: it holds for the whole machine. `network-namespace`: pods keep the kernel's own, and the value is for the node's daemons and pods
   * with `hostNetwork`. `unknown`: the library does not know the key.
   */
  readonly reach: "node" | "network-namespace" | "unknown";
  /** What the key limits or switches. @default - the library does not know it */
  readonly summary?: string;
}

/** Kernel settings with their reach. */
export function reachOf(settings: readonly KernelSetting[]): readonly ReachingSetting[] {
  return settings.map((setting) => {
    const summary = tryKernelKey(setting.key)?.summary;
    return { ...setting, reach: tryKeyScope(setting.key)?.scope ?? "unknown", ...(summary !== undefined && { summary }) };
  });
}
