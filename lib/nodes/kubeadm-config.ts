import type { Taint } from "../core/pool";
import { quoted } from "../core/yaml-scalar";
import type { KubeadmRole } from "./kubeadm";
import type { NodeConfiguration } from "./node-configuration";
import type { NodeFile } from "./node-file";
import { labelPairs, sortedTaints } from "./node-registration";
import { urlHost } from "./pinned-release";
import { yamlList } from "./yaml-text";

/** Where kubeadm finds the patches of a pool. */
export const patchFolder = "/etc/kubernetes/patches";

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

/** What the configuration of kubeadm says of a node of a pool. */
export interface KubeadmNode {
  readonly configuration: NodeConfiguration;
  /** Whether {@link kubeadmFiles} has a patch for its kubelet. */
  readonly patched: boolean;
  readonly kubernetesMinor: number;
}

/** The part of kubeadm's InitConfiguration or JoinConfiguration that makes a machine a node of the pool. */
export function renderNodeRegistration(node: KubeadmNode): string {
  const { taints } = node.configuration;
  const tainted = taints.length === 0 ? "" : renderTaints(taints);
  return `# A part of the InitConfiguration or JoinConfiguration that kubeadm is given for a node of the pool.
nodeRegistration:
${renderFlags(node)}${tainted}${renderPatches(node)}`;
}

/**
 * What begins a cluster: all that `kubeadm init --config` wants. `@…@` stands where the machine's name and the secrets belong.
 *
 * The token does not expire, so that nodes can join later; `kubeadm token delete` ends that.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
 */
export function renderKubeadmInit(role: KubeadmRole, node: KubeadmNode): string {
  const { release, api, podNetwork } = role.cluster;
  const version = apiVersion(node);
  const kubeProxy = node.configuration.keepsConntrack ? `---\n${withoutComment(kubeProxyConfiguration)}` : "";
  return `apiVersion: ${version}
kind: InitConfiguration
bootstrapTokens:
  - token: "@TOKEN@"
    ttl: "0s"
certificateKey: "@CERTIFICATE_KEY@"
${ownRegistration(node)}---
apiVersion: ${version}
kind: ClusterConfiguration
kubernetesVersion: ${quoted(release)}
controlPlaneEndpoint: ${quoted(`${urlHost(api)}:6443`)}
networking:
  podSubnet: ${quoted(podNetwork.cidr)}
apiServer:
  certSANs:
${yamlList([api], "    ")}${renderEtcd(role, node)}${kubeProxy}`;
}

function renderEtcd({ etcdDisk, etcdMetrics = false }: KubeadmRole, { kubernetesMinor }: KubeadmNode): string {
  if (etcdDisk === undefined && !etcdMetrics) return "";
  // A new file system has a folder of its own in it, and kubeadm wants an empty one.
  const folder = etcdDisk === undefined ? "" : "    dataDir: /var/lib/etcd/data\n";
  return `etcd:\n  local:\n${folder}${etcdMetrics ? renderEtcdMetrics(kubernetesMinor) : ""}`;
}

function renderEtcdMetrics(kubernetesMinor: number): string {
  const urls = quoted("http://0.0.0.0:2381");
  const flag =
    kubernetesMinor >= 31 ? `      - name: "listen-metrics-urls"\n        value: ${urls}\n` : `      listen-metrics-urls: ${urls}\n`;
  return `    extraArgs:\n${flag}`;
}

/** What joins a cluster: all that `kubeadm join --config` wants. The cluster is known by the fingerprint of its certificate authority. */
export function renderKubeadmJoin({ cluster: { api }, controlPlane }: KubeadmRole, node: KubeadmNode): string {
  const plane = controlPlane ? 'controlPlane:\n  certificateKey: "@CERTIFICATE_KEY@"\n' : "";
  return `apiVersion: ${apiVersion(node)}
kind: JoinConfiguration
discovery:
  bootstrapToken:
    apiServerEndpoint: ${quoted(`${urlHost(api)}:6443`)}
    token: "@TOKEN@"
    caCertHashes:
      - "@CA_CERT_HASH@"
${plane}${ownRegistration(node)}`;
}

/** Taints are always said, so that a control plane has those of its pool and not kubeadm's own. */
function ownRegistration(node: KubeadmNode): string {
  const { taints } = node.configuration;
  return `nodeRegistration:
  name: "@NODE_NAME@"
  criSocket: "unix:///run/containerd/containerd.sock"
${renderFlags(node)}${taints.length === 0 ? "  taints: []\n" : renderTaints(taints)}${renderPatches(node)}`;
}

function apiVersion({ kubernetesMinor }: KubeadmNode): string {
  return kubernetesMinor >= 31 ? "kubeadm.k8s.io/v1beta4" : "kubeadm.k8s.io/v1beta3";
}

/** Flags of the kubelet are a list since kubeadm.k8s.io/v1beta4 (Kubernetes 1.31), a map before. */
function renderFlags({ configuration, kubernetesMinor }: KubeadmNode): string {
  const value = quoted(labelPairs(configuration.labels).join(","));
  const flags = kubernetesMinor >= 31 ? `    - name: "node-labels"\n      value: ${value}\n` : `    node-labels: ${value}\n`;
  return `  kubeletExtraArgs:\n${flags}`;
}

function renderTaints(taints: readonly Taint[]): string {
  return `  taints:\n${sortedTaints(taints).map(taintEntry).join("")}`;
}

function renderPatches({ patched }: KubeadmNode): string {
  return patched ? `patches:\n  directory: ${quoted(patchFolder)}\n` : "";
}

function withoutComment(text: string): string {
  return text.replace(/^#.*\n/, "");
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
