import type { Taint } from "../core/pool";
import { quoted } from "../core/yaml-scalar";
import type { NodeConfiguration } from "./node-configuration";
import type { NodeFile } from "./node-file";
import { labelPairs, sortedTaints } from "./node-registration";
import { yamlList } from "./yaml-text";

const patchFolder = "/etc/kubernetes/patches";

/**
 * A patch that kubeadm merges into the kubelet's configuration, from 1.25 on. None when the kubelet keeps its defaults.
 *
 * @see https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/control-plane-flags/#patches
 */
export function kubeadmFiles({ allowedUnsafeSysctls, protectKernelDefaults }: NodeConfiguration): readonly NodeFile[] {
  const allowed = [...allowedUnsafeSysctls].sort();
  const content = [
    allowed.length === 0 ? "" : `allowedUnsafeSysctls:\n${yamlList(allowed, "  ")}`,
    protectKernelDefaults ? "protectKernelDefaults: true\n" : "",
  ].join("");
  if (content === "") return [];
  const head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
  return [{ path: `${patchFolder}/kubeletconfiguration+merge.yaml`, content: `${head}${content}`, mode: "0644" }];
}

/**
 * The part of kubeadm's InitConfiguration or JoinConfiguration that makes a machine a node of the pool.
 *
 * The flags of the kubelet are a list since kubeadm.k8s.io/v1beta4 (Kubernetes 1.31), a map before.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
 */
export function renderNodeRegistration({ labels, taints }: NodeConfiguration, patched: boolean, kubernetesMinor: number): string {
  const value = quoted(labelPairs(labels).join(","));
  const flags = kubernetesMinor >= 31 ? `    - name: "node-labels"\n      value: ${value}\n` : `    node-labels: ${value}\n`;
  const tainted = taints.length === 0 ? "" : `  taints:\n${sortedTaints(taints).map(taintEntry).join("")}`;
  const patches = patched ? `patches:\n  directory: ${quoted(patchFolder)}\n` : "";
  return `# A part of the InitConfiguration or JoinConfiguration that kubeadm is given for a node of the pool.\nnodeRegistration:\n  kubeletExtraArgs:\n${flags}${tainted}${patches}`;
}

/**
 * The configuration of kube-proxy that leaves `nf_conntrack_max` to the node: 0 a core means hands off.
 *
 * With kubeadm it is one ConfigMap for the whole cluster: a document beside kubeadm's own, or an edit of the ConfigMap and a
 * restart of kube-proxy on a cluster that lives.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/
 */
export const kubeProxyConfiguration = `# One for the whole cluster: a document beside those for kubeadm init, or an edit of the ConfigMap kube-proxy in kube-system.
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
conntrack:
  maxPerCore: 0
  min: 0
`;

function taintEntry({ key, value, effect }: Taint): string {
  const valued = value === undefined ? "" : `      value: ${quoted(value)}\n`;
  return `    - key: ${quoted(key)}\n${valued}      effect: ${effect}\n`;
}
