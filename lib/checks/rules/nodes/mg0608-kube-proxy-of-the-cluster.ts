import { kubeProxyConntrack } from "../../../nodes/conntrack";
import { clusterKubeProxy } from "../../graph/kube-proxy";
import { conntrackKey, conntrackMax, nodePools } from "../../graph/node-pools";
import type { Rule } from "../../rule";
import { kernelField } from "./pool-fields";

/** What a node sets, kube-proxy may set anew. */
export const kubeProxyOfTheCluster: Rule = {
  code: "MG0608",
  title: "kube-proxy that may set the limit of tracked connections anew",
  severity: "note",
  consequence: "kube-proxy writes its own value when it starts, unless its configuration leaves the kernel's alone.",
  fix: "Give kubeadm init a KubeProxyConfiguration with conntrack: { maxPerCore: 0, min: 0 } (a TunedNodePool writes it to nodes/<pool>/kubeadm/kube-proxy.yaml), or edit the ConfigMap kube-proxy in kube-system and restart its pods.",
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
    cpu: 8
    memory: 32Gi
  distribution: kubeadm
  kernel:
    net.netfilter.nf_conntrack_max: 262144
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
    memory: 32Gi
  distribution: kubeadm
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
      const { object, distribution, cores } = pool;
      if (distribution !== "kubeadm" || conntrackMax(pool) === undefined || clusterKubeProxy(graph, pool) !== undefined) continue;
      const value = cores === undefined ? "its own value" : kubeProxyConntrack(cores, graph.surroundings.releases.kubernetes.minor);
      yield {
        object,
        field: kernelField(conntrackKey),
        message: `kube-proxy's configuration is one for the cluster: until it leaves ${conntrackKey} alone, kube-proxy may set it to ${value}.`,
      };
    }
  },
};
