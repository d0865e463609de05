import type { Suppressions } from "../core/finding";
import type { Taint } from "../core/pool";
import type { MemoryQuantity } from "../core/quantity";
import type { ConntrackProps } from "./conntrack";
import type { CountryCode } from "./country";
import type { KernelProfile } from "./kernel-profile";
import type { PoolKubernetes } from "./node-role";
import type { PodSysctlsProps } from "./pod-sysctls";
import type { PortRange } from "./ports";
import type { QualificationLimits } from "./qualification-limits";

/** A disk of each node, as its vendor sells it. A virtual machine cannot tell: behind virtio all disks look alike. */
export interface NodeDisk {
  /** `network` is a volume that the vendor mounts: its latency is not the disk's. */
  readonly kind: "nvme" | "ssd" | "hdd" | "network";
  /** Unit: quantity such as `"200Gi"`. */
  readonly size: MemoryQuantity;
}

/** What the machines of a pool are, all alike. */
export interface NodeShape {
  /** Unit: machines, 1 to 5000, the most that Kubernetes supports. @see https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
  readonly count: number;
  /** Unit: cores, 1 to 1024. kube-proxy sizes its own connection table by them. */
  readonly cpu: number;
  /** Unit: quantity such as `"32Gi"`, at least `"512Mi"`. The connection table is held against it. */
  readonly memory: MemoryQuantity;
  /** The disk that holds the container images, and etcd's data on a control plane. @default - not stated */
  readonly disk?: NodeDisk;
  /** Where the machines stand: ISO 3166-1 alpha-2, in capitals, such as `"NO"`. Held against the app's residency. */
  readonly country: CountryCode;
}

/** Props of {@link TunedNodePool}. */
export type TunedNodePoolProps = PoolProps & PoolKubernetes;

/** What a pool is, whoever makes its machines a cluster. */
export interface PoolProps {
  /**
   * Name of the pool, an RFC 1123 label, once in the tree. Nodes carry it as the label `meshground.io/pool`.
   *
   * @default - the construct's id
   */
  readonly name?: string;
  /** What the machines are. */
  readonly nodes: NodeShape;
  /**
   * Kernel settings of each node.
   *
   * @default KernelProfile.mesh()
   */
  readonly kernel?: KernelProfile;
  /**
   * Size of the table of tracked connections. Needs `net.netfilter.nf_conntrack_max` in the profile.
   *
   * @default - as many buckets as connections
   */
  readonly conntrack?: ConntrackProps;
  /**
   * Ports that no outgoing connection of the node is given, although they lie in its range of local ports.
   *
   * Each port at which something listens belongs here, or outside the range: a listener that restarts may find its port taken.
   * The kernel's list is replaced, not added to. Range: 1 to 65535.
   *
   * @default - the kernel's list stays as it is
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   */
  readonly reservedPorts?: readonly PortRange[];
  /**
   * The API server's `--service-node-port-range`, for the check against the range of local ports.
   *
   * @default "30000-32767"
   */
  readonly nodePorts?: PortRange;
  /**
   * Kernel settings that pods of the pool ask for, because the node's do not reach them.
   *
   * @default - none, and a note (MG0601) names the settings that no pod sees
   */
  readonly podSysctls?: PodSysctlsProps;
  /**
   * Makes the kubelet refuse to start when six kernel keys are not as it wants them, in place of writing them.
   *
   * The profile must then set all six. With kubeadm from Kubernetes 1.25 on.
   *
   * @default false
   * @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
   */
  readonly protectKernelDefaults?: boolean;
  /**
   * Labels that each node registers with, beside `meshground.io/pool`.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Taints that each node registers with. A node that exists keeps those it has.
   *
   * @default - none
   */
  readonly taints?: readonly Taint[];
  /**
   * What each machine must measure up to before anything is written to it. `{}` takes every default; a machine that fails keeps the pool from
   * being rolled out, unless the measure is accepted with a reason.
   *
   * @default - nothing is measured
   */
  readonly qualify?: QualificationLimits;
  /**
   * Findings that are accepted, code to reason. Without it a pool is refused for MG0602 (local ports that something listens on) and MG0603
   * (memory of the connection table).
   *
   * @default - none
   */
  readonly suppress?: Suppressions;
}
