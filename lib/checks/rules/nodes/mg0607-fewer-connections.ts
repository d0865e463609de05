import { kubeProxyConntrack } from "../../../nodes/conntrack";
import { conntrackKey, conntrackMax, nodePools } from "../../graph/node-pools";
import type { Rule } from "../../rule";
import { kernelField } from "./pool-fields";

/** A limit below the one that nobody would have had to set. */
export const fewerConnections: Rule = {
  code: "MG0607",
  title: "fewer tracked connections than kube-proxy would allow",
  severity: "warning",
  consequence:
    "The node drops new connections sooner than one that nobody tuned: when the table is full, packets vanish without an answer.",
  fix: "Set at least as many as kube-proxy would, or leave the key to kube-proxy.",
  see: ["https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 16
    memory: 64Gi
  distribution: k3s
  kernel:
    net.netfilter.nf_conntrack_max: 262144
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
    cpu: 16
    memory: 64Gi
  distribution: k3s
  kernel:
    net.netfilter.nf_conntrack_max: 524288
  kubeProxy:
    conntrack:
      maxPerCore: 0
      min: 0
`,
  },
  *check(graph) {
    for (const pool of graph.derive(nodePools)) {
      const { object, cores } = pool;
      const connections = conntrackMax(pool);
      if (connections === undefined || cores === undefined) continue;
      const automatic = kubeProxyConntrack(cores, graph.surroundings.releases.kubernetes.minor);
      if (connections >= automatic) continue;
      yield {
        object,
        field: kernelField(conntrackKey),
        message: `${conntrackKey} = ${connections} is below what kube-proxy sets on ${cores} cores when it is left alone, ${automatic}.`,
        fix: `Set at least ${automatic}, or leave the key to kube-proxy.`,
      };
    }
  },
};
