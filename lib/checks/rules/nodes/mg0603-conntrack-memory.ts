import { conntrackExcess } from "../../../nodes/conntrack";
import { memoryText } from "../../graph/amounts";
import { conntrackKey, conntrackMax, nodePools } from "../../graph/node-pools";
import type { Rule } from "../../rule";
import { kernelField } from "./pool-fields";

/** A full table of tracked connections must fit into a node. */
export const conntrackMemory: Rule = {
  code: "MG0603",
  title: "table of connections larger than a tenth of the memory",
  severity: "error",
  consequence:
    "The kernel's memory for tracked connections cannot be reclaimed. When the table fills, pods are ended for want of memory although the scheduler thinks that there is some.",
  fix: "Set a lower limit, or take nodes with more memory.",
  see: ["https://docs.kernel.org/networking/nf_conntrack-sysctl.html"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 2
    memory: 2Gi
  distribution: k3s
  kernel:
    net.netfilter.nf_conntrack_max: 1048576
  kubeProxy:
    conntrack:
      maxPerCore: 0
      min: 0
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 2
    memory: 2Gi
  distribution: k3s
  kernel:
    net.netfilter.nf_conntrack_max: 262144
  kubeProxy:
    conntrack:
      maxPerCore: 0
      min: 0
`,
  },
  *check(graph) {
    for (const pool of graph.derive(nodePools)) {
      const connections = conntrackMax(pool);
      const { object, memory, hashSize } = pool;
      if (connections === undefined || memory === undefined) continue;
      const excess = conntrackExcess(connections, hashSize ?? connections, memory);
      if (excess === undefined) continue;
      yield {
        object,
        field: kernelField(conntrackKey),
        message: `a full table of ${connections} connections takes ${memoryText(excess.bytes)} of each node's ${memoryText(memory)}, more than a tenth, and nothing can reclaim it.`,
        fix: `Set at most ${excess.most}.`,
      };
    }
  },
};
