import { groupNames } from "../../graph/capacity";
import { isSystemNamespace } from "../../graph/judged";
import { hasOtherNodes, nodeGroups } from "../../graph/node-groups";
import {
  allows,
  isSafe,
  kernelNamespace,
  kubeletList,
  kubeletsFor,
  type PodSysctlRequest,
  podSysctlRequests,
} from "../../graph/pod-sysctls";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** A kernel setting that the kubelet refuses to give to a pod. */
export const forbiddenSysctl: Rule = {
  code: "MG0611",
  title: "kernel setting that the kubelet refuses",
  severity: "error",
  consequence:
    "The kubelet ends the pod with SysctlForbidden, its controller makes another one, and so on: the pods never run, and failed ones pile up.",
  fix: "Add the key to allowedUnsafeSysctls of the kubelet and restart it, or let the pods do without.",
  see: ["https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/"],
  example: {
    bad: `
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
      nodeSelector:
        meshground.io/pool: oslo
      securityContext:
        sysctls:
          - name: net.core.somaxconn
            value: "32768"
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: kubeadm
  kubelet:
    allowedUnsafeSysctls: []
`,
    good: `
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
      nodeSelector:
        meshground.io/pool: oslo
      securityContext:
        sysctls:
          - name: net.core.somaxconn
            value: "32768"
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  distribution: kubeadm
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn]
`,
  },
  *check(graph) {
    for (const request of graph.derive(podSysctlRequests)) {
      if (isSystemNamespace(request.workload.namespace)) continue;
      const found = judge(graph, request);
      if (found !== undefined) yield { object: request.workload.object, field: request.field, ...found };
    }
  },
};

function judge(graph: ObjectGraph, { workload, name }: PodSysctlRequest): Omit<RuleFinding, "object" | "field"> | undefined {
  const namespace = kernelNamespace(name);
  if (namespace === undefined) {
    return { message: `${name} belongs to the whole node: no pod has a value of its own, and the pod never starts.`, fix: onNodes(name) };
  }
  const shared = namespace === "net" ? workload.pod.hostNetwork : workload.pod.hostIPC;
  if (shared === true) {
    const field = namespace === "net" ? "hostNetwork" : "hostIPC";
    return {
      message: `${name} cannot be set by pods with ${field}: they have the node's own, and the kubelet refuses them.`,
      fix: onNodes(name),
    };
  }
  return isSafe(name, graph.surroundings.releases.kubernetes.minor) ? undefined : unsafe(graph, { workload, name });
}

function onNodes(name: string): string {
  return `Set it on the nodes, in the kernel profile of their pool, and take ${name} out of the pod.`;
}

function unsafe(
  graph: ObjectGraph,
  { workload, name }: Pick<PodSysctlRequest, "workload" | "name">,
): Omit<RuleFinding, "object" | "field"> | undefined {
  const { minor } = graph.surroundings.releases.kubernetes;
  const { allowing, refusing, unknown } = kubeletsFor(graph, workload, name);
  if (allowing.length > 0 || unknown || hasOtherNodes(graph)) return undefined;
  if (refusing.length > 0) {
    return {
      message: `${name} is not safe in Kubernetes 1.${minor}, and the kubelet of ${groupNames(refusing)} does not allow it: the pods end with SysctlForbidden.`,
    };
  }
  const common = graph.derive(kubeletList);
  if (common !== undefined && !allows(common, name)) {
    return {
      message: `${name} is not safe in Kubernetes 1.${minor}, and no KubeletConfiguration allows it: the pods end with SysctlForbidden.`,
    };
  }
  return common !== undefined || graph.derive(nodeGroups).length > 0 || graph.isExternal("KubeletConfiguration", "default", "")
    ? undefined
    : unseen(name, minor);
}

function unseen(name: string, minor: number): Omit<RuleFinding, "object" | "field"> {
  return {
    severity: "note",
    message: `${name} is not safe in Kubernetes 1.${minor}, and nothing among the objects that were checked says that a kubelet allows it: without that the pods end with SysctlForbidden.`,
    fix: 'Check the kubelet\'s allowedUnsafeSysctls along with the pods, in a KubeletConfiguration or a NodePool, or declare it: externals: ["KubeletConfiguration *"].',
  };
}
