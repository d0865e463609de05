import { type Check, isRecord, satisfies } from "../core/check";
import { type Problem, problem } from "../core/problem";
import type { KubernetesRelease } from "../istio/release";
import type { K3sRole } from "./k3s";
import type { KubeadmRole } from "./kubeadm";
import { releaseProblems } from "./pinned-release";

/** What the machines of a pool are in their cluster: what `K3s` or `Kubeadm` makes of them. */
export type NodeRole = K3sRole | KubeadmRole;

/** Who makes the machines of a pool a cluster: somebody else, with what is said here, or this library. */
export type PoolKubernetes =
  | {
      /** What makes the machines a cluster. It decides how kube-proxy and the kubelet are told, and who overwrites kernel keys. */
      readonly distribution: "kubeadm" | "k3s";
      readonly kubernetes?: undefined;
    }
  | {
      /** The cluster that the machines are made a part of: `k3s.server()`, `k3s.agent()`, `kubeadm.controlPlane()`, `kubeadm.worker()`. */
      readonly kubernetes: NodeRole;
      readonly distribution?: undefined;
    };

/** Something that a cluster of `K3s` or `Kubeadm` returned. */
export const nodeRole: Check = satisfies(
  "what a cluster makes of its machines, such as k3s.server() or kubeadm.worker()",
  (value) =>
    isRecord(value) &&
    (value.distribution === "k3s" || value.distribution === "kubeadm") &&
    typeof value.controlPlane === "boolean" &&
    isRecord(value.cluster) &&
    typeof value.cluster.release === "string",
);

/** What makes the machines a cluster. */
export function distributionOf({ distribution, kubernetes }: PoolKubernetes): "kubeadm" | "k3s" {
  return distribution ?? kubernetes.distribution;
}

/** What is wrong with who makes the machines a cluster: exactly one has to. */
export const poolKubernetes: Check = (path, value) => {
  const { distribution, kubernetes } = value as PoolKubernetes;
  if (distribution === undefined && kubernetes === undefined) {
    const expected = '"kubeadm" or "k3s" where somebody else makes the cluster; else give kubernetes';
    return [problem(path === "" ? "distribution" : `${path}.distribution`, undefined, expected)];
  }
  if (distribution === undefined || kubernetes === undefined) return [];
  return [{ path: "distribution", message: "is given, and kubernetes says it already. Leave out one of the two." }];
};

/** What is wrong between a role, the number of its machines, and the Kubernetes that the tree is rendered for. */
export function roleProblems({ cluster, controlPlane }: NodeRole, count: number, kubernetes: KubernetesRelease): readonly Problem[] {
  const even = controlPlane && count % 2 === 0;
  const members = even
    ? [
        problem(
          "nodes.count",
          count,
          "an odd number of servers",
          "etcd needs more than half of its members: one more adds nothing but a way to fail.",
        ),
      ]
    : [];
  const many =
    controlPlane && count > 7 ? [problem("nodes.count", count, "at most 7 servers: each write to etcd waits for most of them")] : [];
  return [...members, ...many, ...releaseProblems("kubernetes.release", cluster.release, kubernetes)];
}
