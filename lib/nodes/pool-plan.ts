import type { Artefact } from "../core/artefact";
import { bootFiles, bootUnitName } from "./boot-unit";
import { type Command, firstBootCommands, renderUserData } from "./cloud-init";
import { renderModprobe, renderModulesLoad } from "./conntrack";
import { k3sFiles } from "./k3s-config";
import { moduleOf, reservedPortsKey } from "./kernel-keys";
import { KernelProfile } from "./kernel-profile";
import { type KernelSetting, settingsOf } from "./kernel-setting";
import { type KubeadmNode, kubeadmFiles, kubeProxyConfiguration, renderNodeRegistration } from "./kubeadm-config";
import type { NodeConfiguration } from "./node-configuration";
import type { NodeFile } from "./node-file";
import { poolLabel } from "./node-registration";
import { distributionOf, type NodeRole } from "./node-role";
import { type PodSysctlPlan, podSysctlPlan } from "./pod-sysctls";
import type { TunedNodePoolProps } from "./pool-props";
import { reservedPortsValue } from "./ports";
import { installFile, roleArtefacts } from "./role-bootstrap";
import { renderSysctlConf, sysctlConfName } from "./sysctl-conf";

/** Everything that follows from a pool's props. Plain data. */
export interface PoolPlan {
  readonly poolName: string;
  readonly settings: readonly KernelSetting[];
  /** Limit of tracked connections, when the pool sets it. */
  readonly conntrackMax?: number;
  /** Buckets of their table, when the pool sets the limit. */
  readonly hashSize?: number;
  readonly configuration: NodeConfiguration;
  /** The same, as the configuration of kubeadm takes it. */
  readonly kubeadmNode: KubeadmNode;
  readonly podSysctls: PodSysctlPlan;
  /** Files of each node, by path. */
  readonly files: readonly NodeFile[];
  readonly artefacts: readonly Artefact[];
}

/** The kernel settings of a pool: its profile's, and the ports that it reserves. */
export function poolSettings({
  kernel = KernelProfile.mesh(),
  reservedPorts,
}: Pick<TunedNodePoolProps, "kernel" | "reservedPorts">): readonly KernelSetting[] {
  const reserved: readonly KernelSetting[] =
    reservedPorts === undefined ? [] : [{ key: reservedPortsKey, mode: "exact", value: reservedPortsValue(reservedPorts) }];
  return [...settingsOf(kernel), ...reserved];
}

/** The limit of tracked connections that settings name, exact or as a floor. */
export function conntrackMaxOf(settings: readonly KernelSetting[]): number | undefined {
  const setting = settings.find(({ key }) => key === "net.netfilter.nf_conntrack_max");
  return setting === undefined ? undefined : Number(setting.value);
}

/** What checked props lead to. */
export function poolPlan(poolName: string, props: TunedNodePoolProps, kubernetesMinor: number): PoolPlan {
  const settings = poolSettings(props);
  const conntrackMax = conntrackMaxOf(settings);
  const hashSize = conntrackMax === undefined ? undefined : (props.conntrack?.hashSize ?? conntrackMax);
  const podSysctls = podSysctlPlan(settings, props.podSysctls ?? {}, kubernetesMinor);
  const configuration: NodeConfiguration = {
    labels: { ...props.labels, [poolLabel]: poolName },
    taints: props.taints ?? [],
    keepsConntrack: conntrackMax !== undefined,
    allowedUnsafeSysctls: podSysctls.unsafe,
    protectKernelDefaults: props.protectKernelDefaults ?? false,
  };
  const distribution = distributionOf(props);
  const kubernetes = distribution === "k3s" ? k3sFiles(configuration) : kubeadmFiles(configuration);
  const files = [...kernelFiles(settings, hashSize), ...kubernetes].sort((a, b) => (a.path < b.path ? -1 : 1));
  const node: KubeadmNode = { configuration, patched: distribution === "kubeadm" && kubernetes.length > 0, kubernetesMinor };
  const clusterFiles = props.kubernetes === undefined ? somebodysArtefacts(distribution, node) : roleArtefacts(props.kubernetes, node);
  return {
    poolName,
    settings,
    ...(conntrackMax !== undefined && { conntrackMax }),
    ...(hashSize !== undefined && { hashSize }),
    configuration,
    podSysctls,
    files,
    kubeadmNode: node,
    artefacts: poolArtefacts(poolName, files, { artefacts: clusterFiles, role: props.kubernetes }),
  };
}

function kernelFiles(settings: readonly KernelSetting[], hashSize: number | undefined): readonly NodeFile[] {
  if (settings.length === 0) return [];
  const modules = modulesOf(settings);
  const exact = settings.some(({ mode }) => mode === "exact");
  return [
    ...(exact ? [file(`/etc/sysctl.d/${sysctlConfName}`, renderSysctlConf(settings))] : []),
    ...(modules.length > 0 ? [file("/etc/modules-load.d/meshground.conf", renderModulesLoad(modules))] : []),
    ...(hashSize === undefined ? [] : [file("/etc/modprobe.d/meshground.conf", renderModprobe(hashSize))]),
    ...bootFiles(settings, hashSize),
  ];
}

function file(path: string, content: string): NodeFile {
  return { path, content, mode: "0644" };
}

function modulesOf(settings: readonly KernelSetting[]): readonly string[] {
  const names = settings.map(({ key }) => moduleOf(key)).filter((name) => name !== undefined);
  return [...new Set(names)].sort();
}

/** For whoever makes the cluster. With k3s the drop-in says it all. */
function somebodysArtefacts(distribution: "kubeadm" | "k3s", node: KubeadmNode): readonly Artefact[] {
  if (distribution === "k3s") return [];
  const kubeProxy = node.configuration.keepsConntrack ? [{ path: "kubeadm/kube-proxy.yaml", content: kubeProxyConfiguration }] : [];
  return [...kubeProxy, { path: "kubeadm/node-registration.yaml", content: renderNodeRegistration(node) }];
}

interface ClusterPart {
  readonly artefacts: readonly Artefact[];
  readonly role: NodeRole | undefined;
}

/** Files of the node under their own path; beside them what is for the hands of whoever makes the node or the cluster. */
function poolArtefacts(poolName: string, files: readonly NodeFile[], cluster: ClusterPart): readonly Artefact[] {
  return [
    { path: `nodes/${poolName}/cloud-init/user-data`, content: userData(files, cluster.role) },
    ...files.map(({ path, content }) => ({ path: `nodes/${poolName}${path}`, content })),
    ...cluster.artefacts.map(({ path, content }) => ({ path: `nodes/${poolName}/${path}`, content })),
  ];
}

/** A failed download does not fail the boot: it is tried again over SSH, where somebody sees it. */
function installCommand(path: string): Command {
  return ["sh", "-c", `${path} || echo 'Kubernetes was not installed. It is tried again when the machine joins its cluster.' >&2`];
}

/** A new machine installs its release of Kubernetes at its first boot, without any secret. What joins it to the cluster comes later, over SSH. */
function userData(files: readonly NodeFile[], role: NodeRole | undefined): string {
  const paths = files.map(({ path }) => path);
  const unit = paths.some((path) => path.endsWith(bootUnitName)) ? bootUnitName : undefined;
  const modules = paths.some((path) => path.startsWith("/etc/modules-load.d/"));
  const install = role === undefined ? [] : [installFile(role)];
  const commands = [...install.map(({ path }) => installCommand(path)), ...firstBootCommands(unit, modules)];
  return renderUserData([...files, ...install], commands);
}
