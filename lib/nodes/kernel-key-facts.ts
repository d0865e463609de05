import type { KernelKey, KernelKeyValue } from "./kernel-key";
import { kernelKeyNotes } from "./kernel-key-notes";
import { kernelKeys, moduleOf } from "./kernel-keys";
import { KernelProfile } from "./kernel-profile";
import { settingsOf } from "./kernel-setting";
import type { KernelKeyName } from "./kernel-settings";

/** Everything that is known of a kernel key, in words. */
export interface KernelKeyFacts {
  /** Name with dots. */
  readonly key: KernelKeyName;
  readonly summary: string;
  /** What it may be set to. */
  readonly values: string;
  /** Where the range comes from. */
  readonly range?: string;
  /** What a node has that nobody tuned. */
  readonly stock: string;
  /** Whether there is one value for the node, or one for each pod. */
  readonly scope: KernelKey["scope"];
  /** Whether a node's value reaches its pods, and how a pod gets one of its own. */
  readonly pods: string;
  /** What `KernelProfile.mesh` sets, and why. Absent where it sets nothing. */
  readonly mesh?: { readonly value: string; readonly reason: string };
  /** Who writes it after boot. */
  readonly overwrittenBy?: string;
  readonly caution?: string;
  /** What was measured of it. */
  readonly seen?: string;
  /** Kernel module without which it does not exist. */
  readonly module?: string;
  /** Primary source. */
  readonly see: string;
}

const meshSettings = settingsOf(KernelProfile.mesh());
const gibibyte = 2 ** 30;

/** What is known of a key. */
export function kernelKeyFacts(key: KernelKeyName): KernelKeyFacts {
  const { summary, value, scope, overwrittenBy, see } = kernelKeys[key];
  const { mesh: reason = "", caution, seen } = kernelKeyNotes[key] ?? {};
  const set = meshSettings.find((setting) => setting.key === key);
  const module = moduleOf(key);
  return {
    key,
    summary,
    values: valuesText(value),
    ...(value.kind !== "choice" && { range: value.range }),
    stock: stockText(kernelKeys[key]),
    scope,
    pods: podsText(kernelKeys[key]),
    ...(set !== undefined && { mesh: { value: set.value, reason } }),
    ...(overwrittenBy !== undefined && { overwrittenBy }),
    ...(caution !== undefined && { caution }),
    ...(seen !== undefined && { seen }),
    ...(module !== undefined && { module }),
    see,
  };
}

function valuesText(value: KernelKeyValue): string {
  switch (value.kind) {
    case "amount":
      return `${value.unit} from ${value.min} to ${value.max}; exactly so many, or { atLeast }, which only ever raises`;
    case "level":
      return `${value.unit} from ${value.min} to ${value.max}`;
    case "choice":
      return Object.entries(value.choices)
        .map(([choice, meaning]) => `${choice}: ${meaning}`)
        .join("; ");
    case "tuple":
      return `${value.unit}, rising: ${value.parts.map(({ name, min, max }) => `${name} from ${min} to ${max}`).join(", ")}`;
  }
}

/** The stock value; where it follows the memory, of three nodes too. */
function stockText({ stock, stockAmount }: KernelKey): string {
  const amounts = stockAmount === undefined ? [] : [1, 8, 32].map((gibibytes) => stockAmount(gibibytes * gibibyte));
  return new Set(amounts).size < 2 ? stock : `${stock}; with 1, 8 and 32 GiB: ${amounts.join(", ")}`;
}

function podsText({ scope, nodeOnly, safeInPodsSince }: KernelKey): string {
  if (scope === "node") return "one value for the whole machine: its pods have it too";
  if (nodeOnly === true) return "of use on the node itself only";
  const apart = "each pod has its own, which begins with the kernel's: the node's value reaches daemons and pods with hostNetwork only.";
  if (safeInPodsSince === undefined)
    return `${apart} A pod gets another where the kubelet is told to allow it: podSysctls.unsafe of the pool`;
  const since = safeInPodsSince === 0 ? "in every Kubernetes" : `from Kubernetes 1.${safeInPodsSince}`;
  return `${apart} A pod may set it by itself ${since} (securityContext.sysctls), and podSysctls: { safe: true } of the pool does for all services on it`;
}
