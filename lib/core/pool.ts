import type { Construct } from "constructs";

/** A taint of a node: pods that do not tolerate it stay away. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Kernel settings of a pod's own network namespace, as `securityContext.sysctls` takes them. */
export interface PodSysctl {
  readonly name: string;
  readonly value: string;
}

/**
 * What a workload needs to know of the nodes it runs on. `TunedNodePool` is one; anything of this shape will do.
 */
export interface NodePool {
  /** Name of the pool, an RFC 1123 label. */
  readonly poolName: string;
  /** Labels that pick the pool's nodes, and only them. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Taints that a pod on the pool must tolerate. */
  readonly taints: readonly Taint[];
  /** What makes the nodes a cluster; k3s keeps CNI plugins in folders of its own. */
  readonly distribution?: "kubeadm" | "k3s";
  /** Where the nodes stand: ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** Kernel settings that the pool asks of each pod, because the node's own do not reach a pod's network namespace. */
  readonly podSysctls: readonly PodSysctl[];
  /** Names of those that Pod Security's levels `baseline` and `restricted` refuse. */
  readonly unsafePodSysctls?: readonly string[];
  /** How many nodes there are. @default - not known: nobody misses one */
  readonly nodes?: { readonly count: number };
  /** Kernel settings of each node, in the order of the files. @default - not known */
  readonly kernelSettings?: readonly { readonly key: string; readonly value: string }[];
  /** What each node was measured by before it was tuned. @default - not known: the usual limits hold */
  readonly requirements?: NodeLimits | undefined;
}

/** Limits of a node, for whoever watches it. */
export interface NodeLimits {
  /** Share of the processors' time spent waiting for disks. Unit: percent. */
  readonly iowaitBelowPercent: number;
  /** Share of the processors' time that the hypervisor gave to others. Unit: percent. */
  readonly stealBelowPercent: number;
  /** 99th percentile of fdatasync, where etcd may run. Unit: milliseconds. */
  readonly fsyncP99BelowMs?: number;
}

const poolsOf = new WeakMap<object, NodePool[]>();

/** Makes a pool known to everything in the same tree. */
export function registerNodePool(construct: Construct, pool: NodePool): void {
  const { root } = construct.node;
  const pools = poolsOf.get(root) ?? [];
  poolsOf.set(root, pools);
  pools.push(pool);
}

/** Every pool of the tree that a construct stands in, in the order in which they were made. */
export function nodePoolsOf(construct: Construct): readonly NodePool[] {
  return poolsOf.get(construct.node.root) ?? [];
}

const residencies = new WeakMap<object, readonly string[]>();

/** Says which countries the nodes of a tree must stand in. */
export function setResidency(root: Construct, countries: readonly string[]): void {
  residencies.set(root.node.root, countries);
}

/** Countries that the nodes of a tree must stand in; none means anywhere. */
export function residencyOf(construct: Construct): readonly string[] {
  return residencies.get(construct.node.root) ?? [];
}
