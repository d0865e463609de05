import { refuse } from "../core/problem";
import type { KernelSettings, UnknownSetting } from "./kernel-settings";

const reference: KernelSettings = {
  "fs.file-max": 2_097_152,
  "net.netfilter.nf_conntrack_max": 262_144,
  "net.core.somaxconn": 32_768,
  "net.ipv4.tcp_max_syn_backlog": 16_384,
  "net.ipv4.tcp_tw_reuse": 1,
  "net.ipv4.ip_local_port_range": [32_768, 60_999],
};

/**
 * Kernel settings of a pool's nodes, changed key by key. A profile never changes: each method returns a new one.
 *
 * A bare value is exact and goes into a sysctl.d file, which can lower what a node has. `{ atLeast }` goes to a boot unit that
 * reads first and only raises. Values are checked by the pool that uses the profile, so that one error names all there is.
 *
 * @example
 * ```ts
 * import { KernelProfile } from "meshground";
 *
 * export const profile = KernelProfile.mesh({
 *   "fs.file-max": { atLeast: 2_097_152 },
 *   "net.ipv4.tcp_keepalive_time": 600,
 * }).without("net.ipv4.ip_local_port_range");
 * ```
 * A pool with it writes `/etc/sysctl.d/99-zz-meshground.conf`:
 * ```text
 * net.netfilter.nf_conntrack_max = 262144
 * net.core.somaxconn = 32768
 * net.ipv4.tcp_max_syn_backlog = 16384
 * net.ipv4.tcp_tw_reuse = 1
 * net.ipv4.tcp_keepalive_time = 600
 * ```
 */
export class KernelProfile {
  /** Settings of known keys, as given. */
  readonly settings: KernelSettings;
  /** Settings of keys that the library does not know, as given. */
  readonly unknown: Readonly<Record<string, UnknownSetting>>;

  private constructor(settings: KernelSettings, unknown: Readonly<Record<string, UnknownSetting>>) {
    this.settings = frozen({ ...settings });
    this.unknown = frozen({ ...unknown });
    Object.freeze(this);
  }

  /**
   * Six settings for a node that carries a service mesh: open files, tracked connections, both listen queues, reuse of ports in
   * TIME-WAIT and the range of local ports.
   *
   * All six are exact. Under systemd `fs.file-max` is higher than the profile's value, which therefore lowers it (MG0604);
   * `{ "fs.file-max": { atLeast: 2_097_152 } }` does not.
   *
   * Measured against the kernel's own defaults, an Envoy gains where more than 4096 connections come at once, and where it makes many short ones
   * to one address. For ordinary churn the profile does nothing. Each key says what was seen of it (docs/evidence.md).
   *
   * @param changes - settings in place of, or in addition to, the six
   */
  static mesh(changes: KernelSettings = {}): KernelProfile {
    return new KernelProfile({ ...reference, ...changes }, {});
  }

  /** Only these settings. `KernelProfile.of({})` leaves the kernel as it is. */
  static of(settings: KernelSettings): KernelProfile {
    return new KernelProfile(settings, {});
  }

  /** The profile with these settings in place of, or in addition to, its own. */
  with(changes: KernelSettings): KernelProfile {
    return new KernelProfile({ ...this.settings, ...changes }, this.unknown);
  }

  /**
   * The profile without these keys: the node keeps what it has.
   *
   * @throws InvalidInput when the profile does not set a key.
   */
  without(...keys: readonly (keyof KernelSettings)[]): KernelProfile {
    const missing = keys.filter((key) => !Object.hasOwn(this.settings, key));
    refuse(
      "KernelProfile.without",
      missing.map((key) => ({ path: "", message: `got ${JSON.stringify(key)}, expected a key that the profile sets.` })),
    );
    const rest = Object.entries(this.settings).filter(([key]) => !(keys as readonly string[]).includes(key));
    return new KernelProfile(Object.fromEntries(rest), this.unknown);
  }

  /**
   * The profile with keys that the library does not know. It cannot check their values, and says so in the report (MG0606).
   *
   * A key is written with dots, a value is a number or words of letters, digits and `_ . , : + -`.
   *
   * @example
   * ```ts
   * import { KernelProfile } from "meshground";
   *
   * export const profile = KernelProfile.mesh().withUnknown({
   *   "net.ipv4.tcp_congestion_control": { exact: "bbr", reason: "long paths to Tromsø" },
   * });
   * ```
   * ```text
   * net.ipv4.tcp_congestion_control = bbr
   * ```
   */
  withUnknown(settings: Readonly<Record<string, UnknownSetting>>): KernelProfile {
    return new KernelProfile(this.settings, { ...this.unknown, ...settings });
  }
}

/** A copy that nobody can change, two levels deep: settings have no third. */
function frozen<Map extends object>(map: Map): Map {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined);
  return Object.freeze(Object.fromEntries(entries.map(([key, value]) => [key, frozenValue(value)]))) as Map;
}

function frozenValue(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze([...value]);
  if (typeof value !== "object" || value === null) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, frozenValue(inner)])));
}
