import { poolLabel } from "../../../nodes/node-registration";
import { at } from "../../fields";
import { groupNames } from "../../graph/capacity";
import { isSystemNamespace } from "../../graph/judged";
import { isSafe, kernelNamespace, kubeletsFor, podSysctlRequests } from "../../graph/pod-sysctls";
import type { Rule } from "../../rule";

/** Pods that need what only some kubelets allow have to stay there. */
export const sysctlOnOtherNodes: Rule = {
  code: "MG0613",
  title: "pods that may land on nodes which refuse their kernel setting",
  severity: "warning",
  consequence:
    "The scheduler knows nothing of kernel settings. On the other nodes the kubelet ends the pods with SysctlForbidden, over and over: a release or a drain hangs half way.",
  fix: "Give the pods a nodeSelector for the nodes that allow it.",
  see: ["https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/"],
  example: {
    bad: `
apiVersion: v1
kind: Pod
metadata:
  name: pricing
  namespace: shop
spec:
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
  name: edge
spec:
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn]
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: work
spec:
  kubelet:
    allowedUnsafeSysctls: []
`,
    good: `
apiVersion: v1
kind: Pod
metadata:
  name: pricing
  namespace: shop
spec:
  nodeSelector:
    meshground.io/pool: edge
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
  name: edge
spec:
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn]
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: work
spec:
  kubelet:
    allowedUnsafeSysctls: []
`,
  },
  *check(graph) {
    const { minor } = graph.surroundings.releases.kubernetes;
    for (const { workload, name, field } of graph.derive(podSysctlRequests)) {
      if (isSystemNamespace(workload.namespace) || isSafe(name, minor) || kernelNamespace(name) === undefined) continue;
      // An affinity may keep them where they belong.
      if (at(workload.pod.affinity, "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution") !== undefined) continue;
      const { allowing, refusing } = kubeletsFor(graph, workload, name);
      const [first] = allowing;
      if (first === undefined || refusing.length === 0) continue;
      yield {
        object: workload.object,
        field,
        message: `${groupNames(allowing)} allows ${name}, and nothing keeps the pods off ${groupNames(refusing)}, which does not.`,
        ...(first.pool !== undefined && {
          fix: `Set nodeSelector: { ${poolLabel}: ${first.name} }, or allow ${name} on ${groupNames(refusing)} too.`,
        }),
      };
    }
  },
};
