import type { Taint } from "../core/pool";

/** What the kubelet and kube-proxy of a pool's nodes are told. */
export interface NodeConfiguration {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Whether kube-proxy must leave `nf_conntrack_max` alone. */
  readonly keepsConntrack: boolean;
  /** Kernel keys that pods may ask for although they are not safe. */
  readonly allowedUnsafeSysctls: readonly string[];
  readonly protectKernelDefaults: boolean;
}
