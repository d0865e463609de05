import { type Budget, budgets, evictable } from "../../graph/budgets";
import { isSystemNamespace } from "../../graph/judged";
import type { Rule } from "../../rule";

/** A budget must let a pod go at a time. */
export const budgetWithoutRoom: Rule = {
  code: "MG0623",
  title: "disruption budget that never lets a pod go",
  severity: "warning",
  consequence:
    "Every eviction of these pods is refused: a drain of their node hangs until somebody deletes them by hand, and so does the upgrade of the cluster.",
  fix: "Set maxUnavailable: 1, or more replicas than minAvailable.",
  see: ["https://kubernetes.io/docs/tasks/run-application/configure-pdb/"],
  example: {
    bad: `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: pricing
  namespace: shop
spec:
  minAvailable: 2
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
`,
    good: `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: pricing
  namespace: shop
spec:
  maxUnavailable: 1
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
`,
  },
  *check(graph) {
    for (const budget of graph.derive(budgets)) {
      const { object, limit } = budget;
      const message = isSystemNamespace(object.namespace) ? undefined : complaint(budget);
      if (message !== undefined) yield { object, field: limit.field, message };
    }
  },
};

function complaint({ limit, pods, most, workloads }: Budget): string | undefined {
  const never = limit.field === "spec.maxUnavailable" ? limit.amount === 0 : limit.percent && limit.amount >= 100;
  if (never) return `${limit.text} lets no pod go, however many there are.`;
  if (workloads.length === 0 || pods === 0 || evictable(limit, pods) > 0) return undefined;
  if (evictable(limit, most) === 0) return `${limit.text} lets no pod go: there ${pods === 1 ? "is 1" : `are ${most}`}.`;
  return `${limit.text} lets no pod go at rest: the autoscaler keeps ${pods} then.`;
}
