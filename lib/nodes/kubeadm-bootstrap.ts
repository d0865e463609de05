import { etcdDiskScript } from "./etcd-disk";
import type { Kubeadm, KubeadmChecksums, KubeadmRole } from "./kubeadm";
import { patchFolder } from "./kubeadm-config";
import { type BootstrapNode, deviceLines, type NodeBootstrap, putWords, readSecrets, readyLines } from "./node-bootstrap";
import { machineWords, type PinnedFile, pinnedFiles, pinnedWords } from "./pinned-file";
import { type Architecture, mapArchitectures, urlHost } from "./pinned-release";

const programs = ["kubeadm", "kubelet", "kubectl"] as const;
const programFolder = "/usr/local/bin";
const etcdFolder = "/var/lib/etcd";
/** There once kubeadm has come to its end on the machine. */
const joinedMark = "/etc/kubernetes/meshground-joined";
const beginningHint = "What it said stands above. Before it is tried again: kubeadm reset --force";

/** Certificates wait for new control planes for two hours after they were uploaded. */
function joiningHint({ controlPlane }: KubeadmRole): string {
  const certificates =
    " If it lacks certificates, upload them again on a machine of the control plane: kubeadm init phase upload-certs --upload-certs --certificate-key, with the key of this stack.";
  return `What it said stands above. Before it is tried again: kubeadm reset --force.${controlPlane ? certificates : ""}`;
}

const networkManifest = "/etc/kubernetes/meshground-pod-network.yaml";

/** Marks in the configuration of kubeadm where a secret belongs, and under which name a script reads it. */
const marks = {
  "@TOKEN@": "KUBEADM_TOKEN",
  "@CERTIFICATE_KEY@": "KUBEADM_CERTIFICATE_KEY",
  "@CA_CERT_HASH@": "KUBEADM_CA_CERT_HASH",
} as const;

/** Secrets by which a machine begins or joins a cluster. */
export function kubeadmSecretNames({ controlPlane }: KubeadmRole, { first }: Pick<BootstrapNode, "first">): readonly string[] {
  const own = controlPlane ? ["KUBEADM_TOKEN", "KUBEADM_CERTIFICATE_KEY"] : ["KUBEADM_TOKEN"];
  return first ? own : [...own, "KUBEADM_CA_CERT_HASH"];
}

/** Installs the release, and what starts it, without starting it. Needs no secret and no name: the same for every machine of a pool. */
export function kubeadmInstallScript(role: KubeadmRole): string {
  const disk = role.etcdDisk === undefined ? "" : etcdDiskScript(role.etcdDisk, etcdFolder);
  return `set -eu
umask 022
PATH=${programFolder}:$PATH
${pinnedWords}
missing=
for tool in containerd ctr conntrack iptables ip mount nsenter ethtool; do
  command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
[ -x /opt/cni/bin/loopback ] || missing="$missing /opt/cni/bin/loopback"
[ -z "$missing" ] || fail "The machine lacks$missing. Kubernetes runs on containerd with its CNI plugins: take an image that has them, or install them first."
[ -z "$(swapon --show --noheadings)" ] || fail "Swap is on, and the kubelet does not start with it. Take it out of /etc/fstab, then: swapoff --all"
${pinnedFiles(mapArchitectures(role.cluster.checksums, (sums, name) => filesOf(role.cluster, name, sums)))}${imageLines(role.cluster)}cat >/etc/modules-load.d/meshground-kubernetes.conf <<'MODULES'
overlay
br_netfilter
MODULES
modprobe overlay
modprobe br_netfilter
cat >/etc/sysctl.d/90-meshground-kubernetes.conf <<'SYSCTL'
net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
SYSCTL
sysctl --quiet --load=/etc/sysctl.d/90-meshground-kubernetes.conf
${disk}cat >/etc/systemd/system/kubelet.service <<'UNIT'
${kubeletUnit(role)}UNIT
systemctl daemon-reload
`;
}

/** What kubeadm is given for a node of a pool. */
export interface KubeadmConfiguration {
  /** Text of init.yaml or join.yaml. */
  readonly text: string;
  /** Whether there is a patch for the kubelet. */
  readonly patched: boolean;
}

/** How a machine becomes a node of the cluster, by the configuration of its pool. */
export function kubeadmBootstrap(role: KubeadmRole, node: BootstrapNode, configuration: KubeadmConfiguration): NodeBootstrap {
  const { release } = role.cluster;
  return {
    release,
    install: kubeadmInstallScript(role),
    start: startScript(role, node, configuration),
    version: `${programFolder}/kubelet --version | sed -n 's/^Kubernetes //p'\n`,
    ...(node.first && { kubeconfig: "cat /etc/kubernetes/admin.conf\n" }),
  };
}

/**
 * A machine that is a node already gets the release by an upgrade, where it is another one. Whether it is one is told by our own mark, which is written last:
 * kubeadm writes the kubelet's files before it has come to its end.
 */
function startScript(role: KubeadmRole, node: BootstrapNode, { text, patched }: KubeadmConfiguration): string {
  const secrets = kubeadmSecretNames(role, node);
  // Each node can see itself by its own certificate.
  const kubectl = "kubectl --kubeconfig /etc/kubernetes/kubelet.conf";
  return `set -eu
umask 077
PATH=${programFolder}:$PATH
${pinnedWords}
${putWords}
${readSecrets(secrets)}${deviceLines}${addressLines(text, node)}systemctl enable --quiet kubelet.service
if [ -f ${joinedMark} ]; then
${upgradeLines(role, node, patched)}  systemctl restart kubelet.service
elif [ -f /etc/kubernetes/kubelet.conf ]; then
  fail "kubeadm began here and did not come to its end, or somebody else made this machine a node. If nothing on it counts yet: kubeadm reset --force, then run this again. If it is a whole node of this cluster: touch ${joinedMark}"
else
${node.first ? refuseSecondCluster(role.cluster) : ""}  mkdir -p /etc/kubernetes
  config=/etc/kubernetes/meshground-kubeadm.yaml
  trap 'rm -f "$config"' EXIT
  put "$config" <<CONFIG
${withSecrets(text, node)}CONFIG
  kubeadm ${node.first ? "init --upload-certs" : "join"} --config "$config" >/dev/null || fail "${node.first ? "kubeadm init" : "kubeadm join"} failed. ${node.first ? beginningHint : joiningHint(role)}"
  : >${joinedMark}
fi
${node.first ? networkLines(role.cluster) : ""}${readyLines({ kubectl, node: node.name, tries: 40, done: "kubeadm came to its end", unit: "kubelet" })}`;
}

/** The manifest of the API server says which release a control plane runs. */
function upgradeLines({ cluster: { release, api }, controlPlane }: KubeadmRole, { first }: BootstrapNode, patched: boolean): string {
  const patches = patched ? ` --patches ${patchFolder}` : "";
  if (!controlPlane) return `  kubeadm upgrade node${patches} >&2\n`;
  const upgrade = `kubeadm upgrade ${first ? `apply --yes ${release}` : "node"}${patches}`;
  return `  grep -q 'server: https://${urlHost(api)}:6443$' /etc/kubernetes/admin.conf || fail "The cluster has another address than ${urlHost(api)}:6443. kubeadm cannot change it: give the pool's Kubeadm the api that it had."
  if ! grep -q 'kube-apiserver:${release}$' /etc/kubernetes/manifests/kube-apiserver.yaml; then
    ${upgrade} >&2
  fi
`;
}

/** A new machine in the place of the first would begin a second cluster beside the machines that live. */
function refuseSecondCluster({ api }: Kubeadm): string {
  const address = `${urlHost(api)}:6443`;
  return `  if answers_soon https://${address}/readyz; then
    fail "An API server answers at ${address} already, and this machine is no part of its cluster. Beginning another would split it. Join it by hand (on a machine that is: kubeadm token create --print-join-command), then touch ${joinedMark} and run this again."
  fi
`;
}

/** Lines of the configuration about the machine's address, in variables that are empty where there is nothing to say. */
function addressLines(text: string, { first }: BootstrapNode): string {
  const flag = text.includes('    - name: "node-labels"') ? '    - name: "node-ip"\n      value: "' : '    node-ip: "';
  const indent = first ? "" : "  ";
  return `node_ip=
endpoint=
if [ -n "$device" ]; then
  node_ip='${flag}'$NODE_ADDRESS'"'
  endpoint='${indent}localAPIEndpoint:
${indent}  advertiseAddress: "'$NODE_ADDRESS'"'
fi
`;
}

/** The text of a here-document, in which a shell puts the secrets, which so show in no process list, and the machine's address. */
function withSecrets(configuration: string, { name, first }: BootstrapNode): string {
  if (/[$`\\]/.test(configuration)) throw new RangeError("kubeadm's configuration holds what a shell would read");
  const named = configuration
    .replaceAll("@NODE_NAME@", name)
    .replace("  kubeletExtraArgs:\n", "  kubeletExtraArgs:\n$node_ip\n")
    .replace(first ? /^(?=nodeRegistration:\n)/m : /(?<=^controlPlane:\n)/m, "$endpoint\n");
  return Object.entries(marks).reduce((text, [mark, secret]) => text.replaceAll(mark, `$${secret}`), named);
}

function networkLines({ podNetwork: { manifest, sha256 } }: Kubeadm): string {
  return `pinned ${manifest} ${sha256} ${networkManifest} 0644
kubectl --kubeconfig /etc/kubernetes/admin.conf apply --server-side --filename ${networkManifest} >/dev/null
`;
}

/** @see https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/ */
function kubeletUnit({ etcdDisk }: KubeadmRole): string {
  const mounts = etcdDisk === undefined ? "" : `RequiresMountsFor=${etcdFolder}\n`;
  return `[Unit]
Description=kubelet
Wants=network-online.target
After=network-online.target containerd.service
StartLimitIntervalSec=0
${mounts}
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
ExecStart=${programFolder}/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS
Restart=always
RestartSec=10

[Install]
WantedBy=multi-user.target
`;
}

function filesOf({ release, mirror, airGap }: Kubeadm, architecture: Architecture, checksums: KubeadmChecksums): readonly PinnedFile[] {
  const base = airGap?.folder ?? `${mirror}/${release}/bin/linux/${architecture}`;
  return programs.map(
    (name): PinnedFile => ({
      source: `${base}/${name}`,
      sha256: checksums[name],
      target: `${programFolder}/${name}`,
      mode: "0755",
    }),
  );
}

/** Hands the images of a release to containerd, where the machine reaches no registry. */
function imageLines({ airGap }: Kubeadm): string {
  if (airGap === undefined) return "";
  const cases = (["amd64", "arm64"] as const).flatMap((name) => {
    const sha256 = airGap.images[name];
    return sha256 === undefined ? [] : [`  ${machineWords[name]}) images ${airGap.folder}/kubernetes-images-${name}.tar ${sha256} ;;\n`];
  });
  return `images() { # FILE SHA256
  [ "$(sha256sum <"$1")" = "$2  -" ] || fail "$1 is not there, or not the pinned one. Nothing of it was handed to containerd."
  ctr --namespace k8s.io images import "$1" >/dev/null
}
case $(uname -m) in
${cases.join("")}esac
`;
}
