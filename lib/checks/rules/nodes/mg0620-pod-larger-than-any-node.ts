import { coresText, memoryText } from "../../graph/amounts";
import { groupNames, mayRunElsewhere, podTotal } from "../../graph/capacity";
import { isSystemNamespace } from "../../graph/judged";
import { type NodeGroup, nodeFinder } from "../../graph/node-groups";
import { type PodDemand, podDemands } from "../../graph/pod-demands";
import type { Rule } from "../../rule";
import { severityOf } from "./confined";

/** A pod runs on one node. */
export const podLargerThanAnyNode: Rule = {
  code: "MG0620",
  title: "pod larger than any node",
  severity: "error",
  consequence: "No node takes the pod, however empty it is: it stays Pending for good, and a release that contains it never ends.",
  fix: "Lower the pod's requests, its sidecar's among them, or take larger nodes.",
  see: ["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 4
    memory: 16Gi
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 1
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
              cpu: "6"
              memory: 4Gi
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 8
    memory: 16Gi
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 1
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
              cpu: "6"
              memory: 4Gi
`,
  },
  *check(graph) {
    const finder = graph.derive(nodeFinder);
    if (finder.groups.length === 0) return;
    const sizes = new Map<readonly NodeGroup[], readonly Size[] | undefined>();
    for (const demand of graph.derive(podDemands)) {
      const { object, field, placement } = demand;
      if (isSystemNamespace(object.namespace) || mayRunElsewhere(graph, placement)) continue;
      const groups = finder.find(placement);
      if (!sizes.has(groups)) sizes.set(groups, sizesOf(groups));
      const largest = misfit(demand, sizes.get(groups));
      if (largest === undefined) continue;
      yield { object, ...(field !== undefined && { field }), severity: severityOf(groups), message: message(demand, groups, largest) };
    }
  },
};

interface Size {
  readonly cores: number;
  readonly memory: number;
}

/** Sizes of nodes, each once; undefined where one of them is not known. */
function sizesOf(groups: readonly NodeGroup[]): readonly Size[] | undefined {
  const sizes = new Map<string, Size>();
  for (const { cores, memory } of groups) {
    if (cores === undefined || memory === undefined) return undefined;
    sizes.set(`${cores} ${memory}`, { cores, memory });
  }
  return [...sizes.values()];
}

/** The largest of the nodes, where none of them is large enough for a pod. */
function misfit(demand: PodDemand, sizes: readonly Size[] | undefined): Size | undefined {
  const { cores, memory } = podTotal(demand);
  if (sizes === undefined || sizes.some((size) => size.cores >= cores && size.memory >= memory)) return undefined;
  return sizes.reduce<Size | undefined>((best, size) => (best === undefined || size.cores > best.cores ? size : best), undefined);
}

function message(demand: PodDemand, groups: readonly NodeGroup[], largest: Size): string {
  const { cores, memory } = podTotal(demand);
  const { sidecar } = demand;
  const own =
    sidecar.cores + sidecar.memory > 0 ? `, ${coresText(sidecar.cores)} and ${memoryText(sidecar.memory)} of it for its sidecar` : "";
  return `one pod of ${demand.name} asks for ${coresText(cores)} and ${memoryText(memory)}${own}, and the largest node that takes it (${groupNames(groups)}) has ${coresText(largest.cores)} and ${memoryText(largest.memory)}.`;
}
