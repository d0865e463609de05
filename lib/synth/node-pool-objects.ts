import type { Construct } from "constructs";
import { type NodePoolKernelValue, type NodePoolSpec, nodePoolVersion } from "../checks/graph/node-pools";
import { nodePoolsOf } from "../core/pool";
import { type Releases, releasesOf } from "../istio/release";
import { serviceLbSysctls } from "../nodes/k3s-config";
import { reservedPortsKey } from "../nodes/kernel-keys";
import { TunedNodePool } from "../nodes/tuned-node-pool";
import type { WrittenObject } from "./written-object";

/** What the node pools of a tree are, as documents of kind NodePool: for the checks, never for a cluster. */
export function nodePoolObjects(root: Construct): readonly WrittenObject[] {
  const pools = nodePoolsOf(root).filter((pool): pool is TunedNodePool => pool instanceof TunedNodePool);
  const releases = [...new Set(pools.map((pool) => releasesOf(pool)))];
  return pools.map((pool) => ({
    construct: pool,
    data: {
      apiVersion: nodePoolVersion,
      kind: "NodePool",
      metadata: { name: pool.poolName },
      spec: nodePoolSpec(pool, releases),
    },
  }));
}

function nodePoolSpec(pool: TunedNodePool, releases: readonly Releases[]): NodePoolSpec {
  const { nodes, distribution, kubernetes, kernel, nodePorts, podSysctls, taints, labels } = pool;
  const setsConntrack = pool.kernelSettings.some(({ key }) => key === "net.netfilter.nf_conntrack_max");
  const cluster = clusterOf(pool, releases);
  return {
    nodes,
    distribution,
    ...(cluster !== undefined && { cluster }),
    ...(kubernetes !== undefined && { controlPlane: kubernetes.controlPlane, release: kubernetes.cluster.release }),
    kernel: { ...kernel.settings, ...kernel.unknown } as Readonly<Record<string, NodePoolKernelValue>>,
    ...(pool.hashSize !== undefined && { conntrack: { hashSize: pool.hashSize } }),
    ...reservedPorts(pool),
    nodePorts,
    kubelet: { allowedUnsafeSysctls: allowedUnsafeSysctls(pool), protectKernelDefaults: pool.protectKernelDefaults },
    // With kubeadm the configuration is the cluster's: what somebody else's says is not known.
    ...(setsConntrack && (distribution === "k3s" || kubernetes !== undefined) && { kubeProxy: { conntrack: { maxPerCore: 0, min: 0 } } }),
    ...(kubernetes?.distribution === "k3s" && { k3s: { disable: kubernetes.cluster.disable } }),
    podSysctls,
    labels,
    taints,
  };
}

/** Name of a pool's cluster. Clusters that others make are told apart by the releases that are named for them. */
function clusterOf(pool: TunedNodePool, releases: readonly Releases[]): string | undefined {
  if (pool.kubernetes !== undefined) return pool.kubernetes.cluster.api;
  const index = releases.indexOf(releasesOf(pool));
  return index > 0 ? `cluster-${index + 1}` : undefined;
}

function reservedPorts({ kernelSettings }: TunedNodePool): Pick<NodePoolSpec, "reservedPorts"> {
  const value = kernelSettings.find(({ key }) => key === reservedPortsKey)?.value;
  return value === undefined ? {} : { reservedPorts: value.split(",").map((range) => (range.includes("-") ? range : Number(range))) };
}

/** What the kubelet allows: k3s's own list for ServiceLB among it. */
function allowedUnsafeSysctls({ distribution, kubernetes, unsafePodSysctls }: TunedNodePool): readonly string[] {
  const withoutServiceLb = kubernetes?.distribution === "k3s" && kubernetes.cluster.disable.includes("servicelb");
  const own = distribution === "k3s" && (!withoutServiceLb || unsafePodSysctls.length > 0) ? serviceLbSysctls : [];
  return [...new Set([...own, ...unsafePodSysctls])].sort();
}
