import { conntrackKey, conntrackMax, nodePools, type PoolFacts } from "../../graph/node-pools";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** kubeadm has one configuration of kube-proxy for the cluster. */
export const oneKubeProxy: Rule = {
  code: "MG0615",
  title: "pools of one kubeadm cluster that want kube-proxy told differently",
  severity: "error",
  consequence:
    "The cluster has one configuration of kube-proxy. Whichever pool it is written for, on the other one the limit of tracked connections is not what its profile says: connections are dropped, or the table is never sized.",
  fix: "Set net.netfilter.nf_conntrack_max in all pools of the cluster, or in none.",
  see: ["https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-init/"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: control
spec:
  distribution: kubeadm
  kernel:
    net.netfilter.nf_conntrack_max: 262144
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: work
spec:
  distribution: kubeadm
  kernel:
    fs.file-max: { atLeast: 2097152 }
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: control
spec:
  distribution: kubeadm
  kernel:
    net.netfilter.nf_conntrack_max: 262144
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: work
spec:
  distribution: kubeadm
  kernel:
    net.netfilter.nf_conntrack_max: 524288
`,
  },
  *check(graph) {
    const first = graph.derive(firstOfCluster);
    for (const pool of graph.derive(nodePools)) {
      const other = pool.distribution === "kubeadm" ? first.get(pool.cluster) : undefined;
      if (other === undefined || wish(other) === wish(pool)) continue;
      yield {
        object: pool.object,
        field: pool.kubeProxy === undefined ? "spec.kernel" : "spec.kubeProxy.conntrack",
        message: `${other.name} wants kube-proxy to ${wish(other)}, and ${pool.name} wants it to ${wish(pool)}; with kubeadm there is one configuration for both.`,
      };
    }
  },
};

/** The first kubeadm pool of each cluster. */
function firstOfCluster(graph: ObjectGraph): ReadonlyMap<string, PoolFacts> {
  const pools = graph.derive(nodePools).filter(({ distribution }) => distribution === "kubeadm");
  return new Map([...pools].reverse().map((pool) => [pool.cluster, pool]));
}

function wish(pool: PoolFacts): string {
  const { maxPerCore = 32_768, min = 131_072 } = pool.kubeProxy ?? {};
  if (pool.kubeProxy === undefined) return conntrackMax(pool) === undefined ? byCores(32_768, 131_072) : alone;
  return maxPerCore === 0 ? alone : byCores(maxPerCore, min);
}

const alone = `leave ${conntrackKey} alone`;

function byCores(maxPerCore: number, min: number): string {
  return `set ${conntrackKey} to ${maxPerCore} a core, at least ${min}`;
}
