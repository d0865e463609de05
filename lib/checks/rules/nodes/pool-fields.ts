import { join } from "../../../core/problem";
import type { KernelSetting } from "../../../nodes/kernel-setting";

/** Field of a kernel key in a NodePool. */
export function kernelField(key: string): string {
  return join("spec.kernel", key);
}

/** Keys of settings, for a message. */
export function keys(settings: readonly Pick<KernelSetting, "key">[]): string {
  return settings.map(({ key }) => key).join(", ");
}

/** Words with `and` before the last. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
