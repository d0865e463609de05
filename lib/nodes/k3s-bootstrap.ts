import { quoted } from "../core/yaml-scalar";
import { etcdDiskScript } from "./etcd-disk";
import type { K3s, K3sRole } from "./k3s";
import { type BootstrapNode, deviceLines, type NodeBootstrap, putWords, readSecrets, readyLines } from "./node-bootstrap";
import { type PinnedFile, pinnedFiles, pinnedWords } from "./pinned-file";
import { type Architecture, mapArchitectures, urlHost } from "./pinned-release";
import { yamlList } from "./yaml-text";

const folder = "/etc/rancher/k3s";
const tokenFile = `${folder}/meshground-token`;
const agentTokenFile = `${folder}/meshground-agent-token`;
/** Read before the drop-in of the pool. */
const configFile = `${folder}/config.yaml.d/80-meshground-cluster.yaml`;
const addressFile = `${folder}/config.yaml.d/85-meshground-address.yaml`;
const database = "/var/lib/rancher/k3s/server/db";

/** Secrets by which a machine joins: servers know both, agents only their own. */
export function k3sSecretNames({ controlPlane }: K3sRole): readonly string[] {
  return controlPlane ? ["K3S_TOKEN", "K3S_AGENT_TOKEN"] : ["K3S_AGENT_TOKEN"];
}

/**
 * The part of k3s' configuration that makes a machine a node of the cluster.
 *
 * `cluster-init` and `server` count at the first start only: a server that is a member of etcd already ignores them.
 *
 * @see https://docs.k3s.io/datastore/ha-embedded
 */
export function renderK3sConfig(role: K3sRole, { name, first }: Partial<BootstrapNode>): string {
  const { cluster, controlPlane, etcdMetrics = false } = role;
  const joins = first === true ? "cluster-init: true\n" : `server: ${quoted(`https://${urlHost(cluster.api)}:6443`)}\n`;
  const node = name === undefined ? "" : `node-name: ${quoted(name)}\n`;
  return controlPlane
    ? `${joins}${node}${serverConfig(cluster)}${etcdMetrics ? "etcd-expose-metrics: true\n" : ""}`
    : `${joins}${node}token-file: ${agentTokenFile}\n`;
}

function serverConfig({ api, disable }: K3s): string {
  const disabled = disable.length === 0 ? "" : `disable:\n${yamlList(disable, "  ")}`;
  return `token-file: ${tokenFile}
agent-token-file: ${agentTokenFile}
secrets-encryption: true
write-kubeconfig-mode: "0600"
tls-san:
${yamlList([api], "  ")}${disabled}`;
}

/** Installs the release, and what starts it, without starting it. Needs no secret and no name: the same for every machine of a pool. */
export function k3sInstallScript(role: K3sRole): string {
  const disk = role.etcdDisk === undefined ? "" : etcdDiskScript(role.etcdDisk, database);
  return `set -eu
umask 022
${pinnedWords}
${pinnedFiles(mapArchitectures(role.cluster.checksums, (sha256, name) => filesOf(role.cluster, name, sha256)))}
for name in kubectl crictl ctr; do
  [ -e "/usr/local/bin/$name" ] || ln -s k3s "/usr/local/bin/$name"
done
${disk}cat >/etc/systemd/system/${unitName(role)}.service.meshground-new <<'UNIT'
${unit(role)}UNIT
mv -f /etc/systemd/system/${unitName(role)}.service.meshground-new /etc/systemd/system/${unitName(role)}.service
systemctl daemon-reload
`;
}

/** How a machine becomes a node of the cluster. */
export function k3sBootstrap(role: K3sRole, node: BootstrapNode): NodeBootstrap {
  const { release, api } = role.cluster;
  const kubeconfig = `sed 's#https://127\\.0\\.0\\.1:6443#https://${urlHost(api)}:6443#' ${folder}/k3s.yaml\n`;
  return {
    release,
    install: k3sInstallScript(role),
    start: startScript(role, node),
    version: "/usr/local/bin/k3s --version | sed -n 's/^k3s version \\([^ ]*\\).*$/\\1/p'\n",
    ...(role.controlPlane && node.first && { kubeconfig }),
  };
}

function startScript(role: K3sRole, node: BootstrapNode): string {
  const unitFile = unitName(role);
  const kubectl = "/usr/local/bin/k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig";
  const tokens = role.controlPlane
    ? `printf '%s\\n' "$K3S_TOKEN" | put ${tokenFile}\nprintf '%s\\n' "$K3S_AGENT_TOKEN" | put ${agentTokenFile}\n`
    : `printf '%s\\n' "$K3S_AGENT_TOKEN" | put ${agentTokenFile}\n`;
  return `set -eu
umask 077
${pinnedWords}
${putWords}
${readSecrets(k3sSecretNames(role))}${deviceLines}mkdir -p ${folder}/config.yaml.d
if [ -n "$device" ]; then
  printf 'node-ip: "%s"\\nflannel-iface: "%s"\\n' "$NODE_ADDRESS" "$device" | put ${addressFile}
else
  rm -f ${addressFile}
fi
${tokens}${configLines(role, node)}systemctl enable --quiet ${unitFile}.service
timeout 420 systemctl restart ${unitFile}.service || fail "k3s did not start in time, or not at all. What it says there: journalctl -u ${unitFile}"
${readyLines({ kubectl, node: node.name, tries: 25, done: "k3s was started", unit: unitFile })}`;
}

/**
 * The first server begins the cluster only where none is: a new machine in its place would begin a second one beside those that live, so it joins
 * them. k3s makes the folder of etcd before it has joined; it is a member once `member` is there.
 */
function configLines(role: K3sRole, node: BootstrapNode): string {
  const put = (first: boolean): string => `put ${configFile} <<'CONFIG'\n${renderK3sConfig(role, { ...node, first })}CONFIG\n`;
  if (!node.first) return put(false);
  return `if [ ! -d ${database}/etcd/member ] && answers_soon https://${urlHost(role.cluster.api)}:6443/ping; then
${put(false)}else
${put(true)}fi
`;
}

function unitName({ controlPlane }: K3sRole): "k3s" | "k3s-agent" {
  return controlPlane ? "k3s" : "k3s-agent";
}

/** Stopping it leaves the pods running, so that a new release restarts none of them. @see https://docs.k3s.io/upgrades/manual */
function unit({ controlPlane, etcdDisk }: K3sRole): string {
  const mounts = etcdDisk === undefined ? "" : `RequiresMountsFor=${database}\n`;
  return `[Unit]
Description=Kubernetes (k3s ${controlPlane ? "server" : "agent"})
Wants=network-online.target
After=network-online.target
${mounts}
[Service]
Type=${controlPlane ? "notify" : "exec"}
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s ${controlPlane ? "server" : "agent"}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
`;
}

const programNames = { amd64: "k3s", arm64: "k3s-arm64" } as const;

function filesOf({ release, mirror, airGap }: K3s, architecture: Architecture, sha256: string): readonly PinnedFile[] {
  const base = airGap?.folder ?? `${mirror}/${release.replace("+", "%2B")}`;
  const program = { source: `${base}/${programNames[architecture]}`, sha256, target: "/usr/local/bin/k3s", mode: "0755" } as const;
  const archive = `k3s-airgap-images-${architecture}.tar.zst`;
  const images = airGap?.images[architecture];
  if (airGap === undefined || images === undefined) return [program];
  const target = `/var/lib/rancher/k3s/agent/images/${archive}`;
  return [{ source: `${base}/${archive}`, sha256: images, target, mode: "0644" }, program];
}
