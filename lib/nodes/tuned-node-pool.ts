import { Construct } from "constructs";
import { yieldArtefacts } from "../core/artefact";
import { addFinding, recordAccepted } from "../core/finding";
import { type NodePool, nodePoolsOf, type PodSysctl, registerNodePool, residencyOf, type Taint } from "../core/pool";
import { refuse } from "../core/problem";
import { releasesOf } from "../istio/release";
import type { CountryCode } from "./country";
import { hostArtefacts, profileOfPool } from "./host-profile";
import { KernelProfile } from "./kernel-profile";
import type { KernelSetting } from "./kernel-setting";
import type { KubeadmNode } from "./kubeadm-config";
import type { BootstrapNode, NodeBootstrap } from "./node-bootstrap";
import type { NodeFile } from "./node-file";
import { poolLabel, sortedTaints } from "./node-registration";
import { distributionOf, type NodeRole } from "./node-role";
import { memoryFaults, portFaults } from "./pool-faults";
import { poolFindings } from "./pool-findings";
import { type PoolPlan, poolPlan } from "./pool-plan";
import { poolProblems } from "./pool-problems";
import type { NodeShape, TunedNodePoolProps } from "./pool-props";
import { defaultNodePorts, type PortRange } from "./ports";
import { type HostRequirements, hostRequirements, type QualifiedPool } from "./qualification-limits";
import { roleBootstrap } from "./role-bootstrap";

/**
 * Machines that carry a mesh, all alike, with a kernel profile that holds: after a reboot, beside kube-proxy, and where a
 * sysctl.d file alone does nothing.
 *
 * It makes files and no Kubernetes objects. Below `nodes/<pool>/`, `etc/` and `usr/` lie as on the machine; `cloud-init/user-data`
 * carries them all for a first boot; `kubeadm/` is for whoever runs kubeadm; `profile.json` for `meshground hosts`. Files of the API server's side and of machines that
 * live already are not touched by it.
 *
 * - exact settings: a sysctl.d file; floors: a boot unit that only raises; both are read back, and the unit fails when one is lost
 * - tracked connections: the module loaded before its keys are set, its table sized, kube-proxy (or k3s) told to leave them alone
 * - labels, taints and what the kubelet must allow
 *
 * @throws InvalidInput for every problem of the props at once, and when no release is named at or above it.
 *
 * @example
 * ```ts
 * import { App } from "cdk8s";
 * import { KernelProfile, TunedNodePool, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new TunedNodePool(app, "oslo", {
 *   nodes: { count: 3, cpu: 8, memory: "32Gi", disk: { kind: "nvme", size: "200Gi" }, country: "NO" },
 *   distribution: "k3s",
 *   kernel: KernelProfile.mesh({ "fs.file-max": { atLeast: 2_097_152 } }),
 * });
 * ```
 * `nodes/oslo/etc/meshground/kernel-profile`, which the boot unit goes by:
 * ```text
 * # mode name value; read by /usr/local/lib/meshground/kernel-profile.sh
 * hashsize nf_conntrack 262144
 * atLeast fs.file-max 2097152
 * exact net.netfilter.nf_conntrack_max 262144
 * exact net.core.somaxconn 32768
 * exact net.ipv4.tcp_max_syn_backlog 16384
 * exact net.ipv4.tcp_tw_reuse 1
 * exact net.ipv4.ip_local_port_range 32768 60999
 * ```
 */
export class TunedNodePool extends Construct implements NodePool {
  readonly poolName: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly podSysctls: readonly PodSysctl[];
  /** Names of those `podSysctls` that Pod Security's levels `baseline` and `restricted` refuse. */
  readonly unsafePodSysctls: readonly string[];
  /** What the machines are. */
  readonly nodes: NodeShape;
  /** Where the machines stand: ISO 3166-1 alpha-2. */
  readonly country: CountryCode;
  /** What makes the machines a cluster. */
  readonly distribution: "kubeadm" | "k3s";
  /** What the machines are in the cluster that this library makes of them; undefined where somebody else makes it. */
  readonly kubernetes: NodeRole | undefined;
  /** Labels of each node, the pool's own among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Kernel settings of each node, as the pool was given them. */
  readonly kernel: KernelProfile;
  /** Ports of NodePort Services, for the check against the range of local ports. */
  readonly nodePorts: PortRange;
  /** Whether the kubelet refuses to start when six kernel keys are not as it wants them. */
  readonly protectKernelDefaults: boolean;
  /** Kernel settings of each node, in the order of the files. */
  readonly kernelSettings: readonly KernelSetting[];
  /** Files of each node, by path. */
  readonly files: readonly NodeFile[];
  /** Buckets of the table of tracked connections on each node, when the pool sets their limit. */
  readonly hashSize: number | undefined;
  /** What each machine must measure up to, every default filled in; undefined when nothing is measured. */
  readonly requirements: HostRequirements | undefined;
  readonly #kubeadmNode: KubeadmNode;

  constructor(scope: Construct, id: string, props: TunedNodePoolProps) {
    super(scope, id);
    const { kubernetes } = releasesOf(this);
    const poolName = props?.name ?? id;
    refuse(this.node.path, poolProblems(poolName, props, kubernetes));
    const plan = poolPlan(poolName, props, kubernetes.minor);
    this.poolName = poolName;
    this.nodeSelector = { [poolLabel]: poolName };
    this.labels = plan.configuration.labels;
    this.taints = sortedTaints(plan.configuration.taints);
    this.podSysctls = plan.podSysctls.asked;
    this.unsafePodSysctls = plan.podSysctls.unsafe;
    this.nodes = props.nodes;
    this.country = props.nodes.country;
    this.distribution = distributionOf(props);
    this.kubernetes = props.kubernetes;
    this.#kubeadmNode = plan.kubeadmNode;
    this.kernel = props.kernel ?? KernelProfile.mesh();
    this.nodePorts = props.nodePorts ?? defaultNodePorts;
    this.protectKernelDefaults = plan.configuration.protectKernelDefaults;
    this.kernelSettings = plan.settings;
    this.files = plan.files;
    this.hashSize = plan.hashSize;
    this.requirements = props.qualify && hostRequirements(qualifiedPool(this), props.qualify);
    report(this, plan, props);
    registerNodePool(this, this);
    yieldArtefacts(this, () => [...plan.artefacts, ...hostArtefacts(profileOfPool(this), this.requirements)]);
    this.node.addValidation({ validate: () => [...residencyConflict(this), ...poolConflicts(this), ...clusterConflicts(this)] });
  }

  /** How one of the machines becomes a node: scripts that are run over SSH. Undefined where somebody else makes the cluster. */
  bootstrap(node: BootstrapNode): NodeBootstrap | undefined {
    return this.kubernetes && roleBootstrap(this.kubernetes, node, this.#kubeadmNode);
  }
}

/** etcd runs where the control plane does; where somebody else makes the cluster, it may run anywhere. */
function qualifiedPool({ poolName, nodes, distribution, kubernetes }: TunedNodePool): QualifiedPool {
  return { poolName, nodes, distribution, mayRunEtcd: kubernetes?.controlPlane ?? true };
}

/** A cluster has one pool of servers, which all its other pools join. */
function clusterConflicts(pool: TunedNodePool): string[] {
  const { kubernetes } = pool;
  if (kubernetes === undefined) return [];
  const pools = nodePoolsOf(pool).filter((other): other is TunedNodePool => other instanceof TunedNodePool);
  const servers = pools.filter((other) => other.kubernetes?.cluster === kubernetes.cluster && other.kubernetes.controlPlane);
  if (servers.length === 0)
    return ["kubernetes: no pool of the tree has the servers of this cluster. One has to: server() or controlPlane()."];
  const [first] = servers;
  if (!kubernetes.controlPlane || first === pool || first === undefined) return [];
  return [
    `kubernetes: ${first.node.path} has the servers of this cluster already. Give that pool more machines, and make this one join it.`,
  ];
}

function report(pool: TunedNodePool, plan: PoolPlan, props: TunedNodePoolProps): void {
  const { minor } = releasesOf(pool).kubernetes;
  for (const finding of poolFindings(plan, props, minor)) addFinding(pool, finding, props.suppress);
  recordAccepted(pool, [...portFaults(props, minor), ...memoryFaults(props)], props.suppress);
}

/** A pool outside the countries that the tree's data must stay in. */
function residencyConflict({ node, country }: TunedNodePool): string[] {
  const allowed = residencyOf(node.root);
  if (allowed.length === 0 || allowed.includes(country)) return [];
  return [`nodes.country: got ${JSON.stringify(country)}, expected a country of the residency: ${allowed.join(", ")}.`];
}

/** What a pool and those before it in the tree cannot both have. */
function poolConflicts(pool: TunedNodePool): string[] {
  const pools = nodePoolsOf(pool).filter((other): other is TunedNodePool => other instanceof TunedNodePool);
  const earlier = pools.slice(0, pools.indexOf(pool));
  return earlier.flatMap((other) => [...nameConflict(pool, other), ...kubeProxyConflict(pool, other)]);
}

function nameConflict(pool: TunedNodePool, other: TunedNodePool): string[] {
  if (pool.poolName !== other.poolName) return [];
  return [`name: got ${JSON.stringify(pool.poolName)}, expected a name of its own: ${other.node.path} has it.`];
}

function kubeProxyConflict(pool: TunedNodePool, other: TunedNodePool): string[] {
  const kubeadm = pool.distribution === "kubeadm" && other.distribution === "kubeadm";
  if (!kubeadm || releasesOf(pool) !== releasesOf(other) || setsConntrack(pool) === setsConntrack(other)) return [];
  const [without, owner] = setsConntrack(pool) ? [other, pool] : [pool, other];
  return [
    `kernel: ${owner.node.path} sets net.netfilter.nf_conntrack_max and ${without.node.path} does not, but with kubeadm kube-proxy has one configuration for the cluster and would leave both alone. Set it in both or in neither.`,
  ];
}

function setsConntrack(pool: TunedNodePool): boolean {
  return pool.kernelSettings.some(({ key }) => key === "net.netfilter.nf_conntrack_max");
}
