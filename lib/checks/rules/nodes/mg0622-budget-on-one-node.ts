import { type Budget, budgets, evictable } from "../../graph/budgets";
import { mayRunElsewhere } from "../../graph/capacity";
import { isSystemNamespace } from "../../graph/judged";
import { type NodeGroup, nodeFinder, placementOf } from "../../graph/node-groups";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** A budget needs a second node to move pods to. */
export const budgetOnOneNode: Rule = {
  code: "MG0622",
  title: "disruption budget with a single node",
  severity: "warning",
  consequence:
    "A drained node takes no new pods, and there is no other: the pods that were evicted cannot come back, the budget lets no further ones go, and the drain hangs. So does every upgrade of the node.",
  fix: "Add a second node, or leave the budget out while there is one.",
  see: ["https://kubernetes.io/docs/tasks/run-application/configure-pdb/"],
  example: {
    bad: `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: pricing
  namespace: shop
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: pricing
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 1
`,
    good: `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: pricing
  namespace: shop
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: pricing
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 2
`,
  },
  *check(graph) {
    const known = new Map<Budget["workloads"], NodeGroup | undefined>();
    for (const { object, limit, pods, workloads } of graph.derive(budgets)) {
      const left = pods - evictable(limit, pods);
      // A budget that lets none go at all is another fault.
      if (isSystemNamespace(object.namespace) || left <= 0 || left === pods) continue;
      if (!known.has(workloads)) known.set(workloads, onlyNode(graph, workloads));
      const node = known.get(workloads);
      if (node === undefined) continue;
      yield {
        object,
        field: limit.field,
        message: `the ${pods} pods can run on ${node.name} only, which is one node: when it is drained, ${limit.text} keeps ${left} of them there, and the drain does not end.`,
      };
    }
  },
};

/** The one node that all the pods may run on; undefined where some may run on others, or nobody knows. */
function onlyNode(graph: ObjectGraph, workloads: Budget["workloads"]): NodeGroup | undefined {
  const finder = graph.derive(nodeFinder);
  let only: NodeGroup | undefined;
  for (const { pod } of workloads) {
    const placement = placementOf(pod);
    const [group, ...others] = mayRunElsewhere(graph, placement) ? [] : finder.find(placement);
    if (group?.count !== 1 || others.length > 0 || (only !== undefined && only !== group)) return undefined;
    only = group;
  }
  return only;
}
