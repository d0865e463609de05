import { namespaces } from "../../graph/injection";
import { isSystemNamespace } from "../../graph/judged";
import { isSafe, podSysctlRequests } from "../../graph/pod-sysctls";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

const enforce = "pod-security.kubernetes.io/enforce";
const enforceVersion = `${enforce}-version`;

/** A kernel setting that the namespace of the pods refuses. */
export const podSecuritySysctl: Rule = {
  code: "MG0612",
  title: "kernel setting that Pod Security refuses",
  severity: "error",
  consequence: "The API server refuses the pods. The Deployment stays at zero, and only the events of its ReplicaSet say why.",
  fix: "Leave the key out, or run the pods in a namespace at level privileged.",
  see: [
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: baseline
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      securityContext:
        sysctls:
          - name: net.core.somaxconn
            value: "32768"
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    pod-security.kubernetes.io/enforce: privileged
---
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kubelet:
    allowedUnsafeSysctls: [net.core.somaxconn]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      securityContext:
        sysctls:
          - name: net.core.somaxconn
            value: "32768"
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
`,
  },
  *check(graph) {
    for (const { workload, name, field } of graph.derive(podSysctlRequests)) {
      const level = isSystemNamespace(workload.namespace) ? undefined : levelOf(graph, workload.namespace);
      if (level === undefined || isSafe(name, level.minor)) continue;
      const { namespace } = workload;
      const version = level.pinned ? `, in its version of Kubernetes 1.${level.minor}` : "";
      yield {
        object: workload.object,
        field,
        message: `namespace ${namespace} enforces Pod Security's level ${level.name}${version}, which refuses pods that ask for ${name}: none is made.`,
        fix: `Leave ${name} out, or run the pods in a namespace with ${enforce}: privileged.`,
      };
    }
  },
};

interface Level {
  readonly name: string;
  readonly minor: number;
  /** Whether the namespace holds on to an older version of the level. */
  readonly pinned: boolean;
}

function levelOf(graph: ObjectGraph, namespace: string): Level | undefined {
  const labels = graph.derive(namespaces).get(namespace)?.labels ?? {};
  const name = labels[enforce];
  if (name !== "baseline" && name !== "restricted") return undefined;
  const { minor } = graph.surroundings.releases.kubernetes;
  const version = /^v1\.(\d{1,3})$/.exec(labels[enforceVersion] ?? "")?.[1];
  const pinned = version !== undefined && Number(version) < minor;
  return { name, minor: pinned ? Number(version) : minor, pinned };
}
