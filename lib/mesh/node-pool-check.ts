import { type Check, satisfies } from "../core/check";
import type { NodePool } from "../core/pool";

/** A pool of nodes: a TunedNodePool, or anything of its shape. */
export const nodePool: Check = satisfies("a TunedNodePool", (value) => {
  const { nodeSelector, taints, podSysctls } = (value ?? {}) as Partial<NodePool>;
  return typeof nodeSelector === "object" && Array.isArray(taints) && Array.isArray(podSysctls);
});
