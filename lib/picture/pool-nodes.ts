import { type Share, shares } from "../checks/graph/capacity";
import { reachOf } from "../checks/graph/kernel-reach";
import { type NodeGroup, nodeGroups } from "../checks/graph/node-groups";
import type { PoolFacts } from "../checks/graph/node-pools";
import type { ObjectGraph } from "../checks/object-graph";
import { poolId } from "./ids";
import { mostItems, mostPools } from "./limits";
import type { Amount, Capacity, KernelEntry, PoolNode } from "./topology";

/** Pools, and nodes that are of none of them. */
export function poolNodes(graph: ObjectGraph): { readonly pools: readonly PoolNode[]; readonly leftOut: number } {
  const groups = new Map(graph.derive(nodeGroups).map((group) => [group.name, group]));
  const pools = [...groups.values()].slice(0, mostPools).map(poolNode);
  return { pools, leftOut: groups.size - pools.length };
}

function poolNode({ name, pool, count, cores, memory, pods, taints }: NodeGroup): PoolNode {
  return {
    id: poolId(name),
    name,
    ...(pool?.country !== undefined && { country: pool.country }),
    ...(count !== undefined && { nodes: count }),
    ...(cores !== undefined && { cores }),
    ...(memory !== undefined && { memory }),
    pods,
    role: pool === undefined ? "node" : roleText(pool),
    taints: taints.slice(0, mostItems).map(({ key, value, effect }) => `${key}${value === "" ? "" : `=${value}`}:${effect}`),
    kernel: pool === undefined ? [] : kernelEntries(pool),
  };
}

/** `k3s v1.36.2+k3s1, control plane`. */
function roleText({ distribution, release, controlPlane }: PoolFacts): string {
  const cluster = [distribution, release].filter((part) => part !== undefined).join(" ");
  const role = controlPlane === undefined ? "" : controlPlane ? "control plane" : "workers";
  return [cluster, role].filter((part) => part !== "").join(", ");
}

function kernelEntries({ settings, podSysctls }: PoolFacts): readonly KernelEntry[] {
  const asked = new Map(podSysctls.map(({ name, value }) => [name, value]));
  return reachOf(settings).map(({ key, value, mode, reach, summary }) => {
    const pods = asked.get(key);
    return {
      key,
      value,
      ...(mode === "atLeast" && { floor: true as const }),
      reach,
      ...(pods !== undefined && { pods }),
      ...(summary !== undefined && { what: summary }),
    };
  });
}

/** What must run on which pools, against what they have. */
export function capacities(graph: ObjectGraph): readonly Capacity[] {
  return graph
    .derive(shares)
    .filter(({ groups, demands }) => groups.length <= mostPools && demands.length > 0)
    .slice(0, mostItems)
    .map(capacity);
}

function capacity({ groups, asked, daemons, cores, memory, room, pods, daemonPods }: Share): Capacity {
  return {
    pools: groups.map(({ name }) => poolId(name)),
    cores: amount(asked.cores + daemons.cores, cores),
    memory: amount(asked.memory + daemons.memory, memory),
    pods: amount(pods + daemonPods, room),
  };
}

/** Sums of decimal fractions are rounded to thousandths: one of a core is the least that Kubernetes counts. */
function amount(asked: number, has: number | undefined): Amount {
  const rounded = Math.round(asked * 1_000) / 1_000;
  return has === undefined ? { asked: rounded } : { asked: rounded, has };
}
