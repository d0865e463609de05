import type { Construct } from "constructs";
import { callGraphObject } from "./call-graph-object";
import { controlPlaneObjects } from "./control-plane-objects";
import { nodePoolObjects } from "./node-pool-objects";
import type { WrittenObject } from "./written-object";

/** What rules need to know of a tree that no manifest says: its nodes, its control planes, its calls. Data of kinds that no cluster is given. */
export function factObjects(root: Construct): readonly WrittenObject[] {
  const calls = callGraphObject(root);
  return [...nodePoolObjects(root), ...controlPlaneObjects(root), ...(calls === undefined ? [] : [{ construct: root, data: calls }])];
}
