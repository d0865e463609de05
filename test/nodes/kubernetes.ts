import { K3s, type K3sProps } from "../../lib/nodes/k3s";
import { Kubeadm, type KubeadmProps } from "../../lib/nodes/kubeadm";

/** A checksum that no test cares about. */
export const checksum: string = "0123456789abcdef".repeat(4);

/** A cluster of k3s, with what a test wants to be different. */
export function k3sOf(different: Partial<K3sProps> = {}): K3s {
  return new K3s({ release: "v1.36.2+k3s1", checksums: { amd64: checksum }, api: "api.oslo.example.no", ...different });
}

/** A cluster of kubeadm, with what a test wants to be different. */
export function kubeadmOf(different: Partial<KubeadmProps> = {}): Kubeadm {
  return new Kubeadm({
    release: "v1.36.3",
    checksums: { amd64: { kubeadm: checksum, kubelet: checksum, kubectl: checksum } },
    api: "api.oslo.example.no",
    podNetwork: { cidr: "10.244.0.0/16", manifest: "/srv/kubernetes/pod-network.yaml", sha256: checksum },
    ...different,
  });
}
