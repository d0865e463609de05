import type { Severity } from "../../../core/finding";
import { kubeProxyConntrack } from "../../../nodes/conntrack";
import { clusterKubeProxy } from "../../graph/kube-proxy";
import { type ConntrackFacts, conntrackKey, conntrackMax, nodePools, type PoolFacts } from "../../graph/node-pools";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { kernelField } from "./pool-fields";

/** A limit of tracked connections that does not last beyond the start of kube-proxy or k3s. */
export const overwrittenConntrack: Rule = {
  code: "MG0614",
  title: "limit of tracked connections that is set back",
  severity: "error",
  consequence:
    "The node boots with the limit and loses it minutes later, when kube-proxy or k3s starts. Under load the smaller table fills, and new connections are dropped without an answer.",
  fix: "Tell kube-proxy to leave the kernel's value alone: conntrack: { maxPerCore: 0, min: 0 }.",
  see: [
    "https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/",
    "https://github.com/kubernetes/kubernetes/pull/120448",
    "https://github.com/kubernetes/kubernetes/pull/142035",
    "https://github.com/k3s-io/k3s/blob/main/pkg/agent/syssetup/setup.go",
  ],
  example: {
    istio: "1.29",
    kubernetes: "1.35",
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
  distribution: kubeadm
  kernel:
    net.netfilter.nf_conntrack_max: 1048576
  kubeProxy:
    conntrack:
      maxPerCore: 32768
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 4
    memory: 16Gi
  distribution: kubeadm
  kernel:
    net.netfilter.nf_conntrack_max: 1048576
  kubeProxy:
    conntrack:
      maxPerCore: 0
      min: 0
`,
  },
  *check(graph) {
    for (const pool of graph.derive(nodePools)) {
      const connections = conntrackMax(pool);
      const found = connections === undefined ? undefined : judge(graph, pool, connections);
      if (found !== undefined) yield { object: pool.object, field: kernelField(conntrackKey), ...found };
    }
  },
};

type Found = Omit<RuleFinding, "object" | "field">;

function judge(graph: ObjectGraph, pool: PoolFacts, connections: number): Found | undefined {
  const told = clusterKubeProxy(graph, pool);
  if (pool.distribution === "k3s") return byK3s(pool, connections, told);
  if (told === undefined || pool.cores === undefined) return undefined;
  const { minor } = graph.surroundings.releases.kubernetes;
  const own = kubeProxyConntrack(pool.cores, minor, told);
  const habit = habitOf(minor);
  if (habit === undefined || own === 0 || own >= connections) return undefined;
  return {
    severity: habit.severity,
    message: `kube-proxy of Kubernetes 1.${minor} sets ${conntrackKey} back from ${connections} to ${own} on ${pool.cores} cores when it starts${habit.unless}.`,
  };
}

interface Habit {
  readonly severity: Severity;
  readonly unless: string;
}

/** Whether a kube-proxy lowers a value that is there: from 1.29 on, and no longer since a change of September 2026 that 1.36 and 1.37 got in a patch. */
function habitOf(minor: number): Habit | undefined {
  if (minor < 29 || minor >= 38) return undefined;
  return minor < 36
    ? { severity: "error", unless: "" }
    : { severity: "warning", unless: ", unless its patch release has the change that only raises it (kubernetes#142035)" };
}

/** k3s writes the value by itself, whenever the kernel's is another. */
function byK3s({ cores }: PoolFacts, connections: number, told: ConntrackFacts | undefined): Found | undefined {
  if (cores === undefined) return undefined;
  const own = kubeProxyConntrack(cores, 0, told);
  if (own === 0 || own >= connections) return undefined;
  const known = told !== undefined;
  return {
    severity: known ? "error" : "warning",
    message: `k3s sets ${conntrackKey} back from ${connections} to ${own} on ${cores} cores when it starts${known ? "" : ", unless it is told not to, which the pool does not say"}.`,
    fix: "Start k3s with --kube-proxy-arg=conntrack-max-per-core=0 and --kube-proxy-arg=conntrack-min=0, and say so: kubeProxy: { conntrack: { maxPerCore: 0, min: 0 } }.",
  };
}
