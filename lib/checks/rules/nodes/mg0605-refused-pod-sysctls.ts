import { nodePools } from "../../graph/node-pools";
import { isSafe, kernelNamespace } from "../../graph/pod-sysctls";
import type { Rule } from "../../rule";

/** A pool whose pods ask for unsafe settings narrows where they can run. */
export const refusedPodSysctls: Rule = {
  code: "MG0605",
  title: "pods of a pool that Pod Security refuses",
  severity: "warning",
  consequence:
    "Namespaces at level baseline or restricted refuse the pods, and nodes whose kubelet has not been told end them with SysctlForbidden.",
  fix: "Keep the pods to namespaces at level privileged and to nodes of the pool; restart the kubelet after its list changes.",
  see: [
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/",
  ],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    net.core.somaxconn: 32768
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn]
  podSysctls:
    - name: net.core.somaxconn
      value: "32768"
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    net.ipv4.tcp_keepalive_time: 600
  podSysctls:
    - name: net.ipv4.tcp_keepalive_time
      value: "600"
`,
  },
  *check(graph) {
    const { minor } = graph.surroundings.releases.kubernetes;
    for (const { object, name, podSysctls } of graph.derive(nodePools)) {
      const unsafe = podSysctls.map((sysctl) => sysctl.name).filter((key) => kernelNamespace(key) !== undefined && !isSafe(key, minor));
      if (unsafe.length === 0) continue;
      yield {
        object,
        field: "spec.podSysctls",
        message: `pods of the pool ask for ${unsafe.join(", ")}: Pod Security's levels baseline and restricted refuse them.`,
        fix: `Keep them to namespaces at level privileged, on nodes of ${name} that have the kubelet's new list; it counts after a restart of the kubelet.`,
      };
    }
  },
};
