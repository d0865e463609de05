import { groupNames, nodeCount, type Share, shares } from "../../graph/capacity";
import type { Rule } from "../../rule";
import { confined, severityOf } from "./confined";

/** A kubelet takes so many pods, however small they are. */
export const morePodsThanKubeletsTake: Rule = {
  code: "MG0621",
  title: "more pods than the kubelets take",
  severity: "error",
  consequence:
    "A kubelet takes 110 pods unless it is told otherwise. The pods beyond that stay Pending, although the nodes have cpu and memory to spare.",
  fix: "Add nodes, raise maxPods of the kubelets along with the addresses of each node, or lower replicas.",
  see: ["https://kubernetes.io/docs/setup/best-practices/cluster-large/"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 1
    cpu: 64
    memory: 256Gi
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 150
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
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 1
    cpu: 64
    memory: 256Gi
  kubelet:
    maxPods: 250
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 150
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
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
`,
  },
  *check(graph) {
    for (const share of confined(graph.derive(shares), exceeds)) {
      const { groups, pods, daemonPods, room } = share;
      const [first] = groups;
      if (first === undefined) continue;
      const daemons = daemonPods > 0 ? ` and ${daemonPods} that run on each node` : "";
      const nodes = nodeCount(groups);
      yield {
        object: first.object,
        ...(first.pool !== undefined && { field: "spec.kubelet.maxPods" }),
        severity: severityOf(groups),
        message: `${pods} pods at rest${daemons} can run on ${groupNames(groups)} only, and the ${nodes === 1 ? "kubelet takes" : `kubelets of the ${nodes} nodes take`} ${room}: ${pods + daemonPods - (room ?? 0)} of them stay Pending, those of the system not counted.`,
      };
    }
  },
};

function exceeds({ pods, daemonPods, room }: Share): boolean {
  return room !== undefined && pods + daemonPods > room;
}
