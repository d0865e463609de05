import { type Check, line, listOf, mapOf, matching, numberBetween, oneOf, optional, satisfies, shape, wholeNumber } from "../core/check";
import { type DurationText, duration, milliseconds } from "../core/duration";
import { quantity } from "../core/quantity";
import type { NodeShape } from "./pool-props";

/** A share, with its unit: `"5%"`. */
export type PercentText = `${number}%`;

/** What is measured on a host. */
export type QualificationMeasure =
  | "cores"
  | "memory"
  | "diskSize"
  | "nvme"
  | "virtualization"
  | "clock"
  | "link"
  | "linkSpeed"
  | "iowait"
  | "steal"
  | "jitter"
  | "fsync";

/** Every measure. */
const measures: readonly QualificationMeasure[] = [
  "cores",
  "memory",
  "diskSize",
  "nvme",
  "virtualization",
  "clock",
  "link",
  "linkSpeed",
  "iowait",
  "steal",
  "jitter",
  "fsync",
];

/** Virtualization under which a kernel of its own runs at the machine's speed. Words of systemd-detect-virt, and `none` for bare metal. */
export type MachineKind = "none" | "kvm" | "amazon" | "google" | "microsoft" | "vmware" | "xen" | "oracle" | "parallels" | "bhyve";

/**
 * What each host of a pool must measure up to before it is tuned.
 *
 * Cores, memory, the disk's size and, for a disk of kind `nvme`, its transport are held against the pool's `nodes`; the clock must be
 * synchronised, because certificates of the mesh are young, and the link to the default route up and free of errors. What was asked for and
 * could not be measured blocks the pool like what fails.
 */
export interface QualificationLimits {
  /**
   * Share of the processors' time spent waiting for disks, while the host is idle.
   *
   * Unit: percent, above 0 to 100.
   *
   * @default "5%"
   * @see https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
   */
  readonly iowaitBelow?: PercentText;
  /**
   * Share of the processors' time that the hypervisor gave to others.
   *
   * Nothing can be taken from processors that sleep, so every core is kept busy for a second window, unless pods run on the host already.
   * Unit: percent, above 0 to 100.
   *
   * @default "1%"
   * @see https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
   */
  readonly stealBelow?: PercentText;
  /**
   * Delay of the slowest of a thousand wake-ups (p99.9), measured with cyclictest on each core. A request through the mesh takes several.
   *
   * Range: 0.05ms to 10ms. Needs the package rt-tests on the host.
   *
   * @default "1ms"
   * @see https://wiki.linuxfoundation.org/realtime/documentation/howto/tools/cyclictest/start
   */
  readonly jitterBelow?: DurationText;
  /**
   * 99th percentile of fdatasync, measured with fio as etcd writes. Slower disks cost etcd its heartbeats, and the cluster its leader.
   *
   * Range: 0.1ms to 1s. Writes 22 MB below `folder`, and deletes them. Needs the package fio on the host.
   *
   * @default "10ms" where etcd may run, else not asked
   * @see https://etcd.io/docs/v3.5/faq/#what-does-the-etcd-warning-failed-to-send-out-heartbeat-on-time-mean
   */
  readonly fsyncP99Below?: DurationText;
  /**
   * Speed of the link to the default route. Behind virtio nobody can tell.
   *
   * Range: 10Mbit to 800Gbit.
   *
   * @default - not asked
   */
  readonly linkAtLeast?: `${number}${"Mbit" | "Gbit"}`;
  /**
   * What the host may be: words of systemd-detect-virt, `none` for bare metal. Containers have no kernel of their own to tune, emulated machines no speed.
   *
   * @default - every kind that has a kernel of its own and runs at the machine's speed
   * @see https://www.freedesktop.org/software/systemd/man/252/systemd-detect-virt.html
   */
  readonly virtualization?: readonly MachineKind[];
  /**
   * How long the idle host is watched, and then the busy one.
   *
   * Range: 1s to 30s, rounded up to whole seconds.
   *
   * @default "10s"
   */
  readonly window?: DurationText;
  /**
   * Folder on the disk that is measured: absolute, of letters, digits and `._@+-`. Where it does not exist yet, its nearest parent is taken.
   *
   * @default - where the distribution keeps etcd's data: /var/lib/rancher/k3s/server/db, /var/lib/etcd
   */
  readonly folder?: string;
  /**
   * Measures that may fail, or be missing, with the reason. They stay in the result, as accepted.
   *
   * @default - none
   */
  readonly accept?: Readonly<Partial<Record<QualificationMeasure, string>>>;
}

/** What a host is held against: the limits of its pool, every default filled in. Plain data. */
export interface HostRequirements {
  /** Name of the pool. */
  readonly pool: string;
  /** Cores that have to be online. */
  readonly cores: number;
  /** What the pool declares. A machine always shows somewhat less. */
  readonly memoryBytes: number;
  /** Absent where the pool does not state its disk. */
  readonly disk?: { readonly kind: "nvme" | "ssd" | "hdd" | "network"; readonly sizeBytes: number };
  /** Kinds of machines that are taken. */
  readonly virtualization: readonly MachineKind[];
  /** Unit: percent. */
  readonly iowaitBelowPercent: number;
  /** Unit: percent. */
  readonly stealBelowPercent: number;
  /** p99.9 of a wake-up. Unit: milliseconds. */
  readonly jitterBelowMs: number;
  /** Absent where it is not asked. */
  readonly fsyncP99BelowMs?: number;
  /** Absent where it is not asked. */
  readonly linkAtLeastMbit?: number;
  /** How long the host is watched. Unit: seconds. */
  readonly windowSeconds: number;
  /** Folder on the disk that is measured. */
  readonly folder: string;
  /** Measure to the reason why it may fail or be missing. */
  readonly accept: Readonly<Partial<Record<QualificationMeasure, string>>>;
}

/** Every kind of machine that can be tuned. */
export const machineKinds: readonly MachineKind[] = [
  "none",
  "kvm",
  "amazon",
  "google",
  "microsoft",
  "vmware",
  "xen",
  "oracle",
  "parallels",
  "bhyve",
];

const percent: Check = satisfies(
  'a share above 0 % and of at most 100 %, such as "5%"',
  (value) => {
    const share = typeof value === "string" && /^\d{1,3}(?:\.\d{1,3})?%$/.test(value) ? Number.parseFloat(value) : 0;
    return share > 0 && share <= 100;
  },
  (value) => (typeof value === "number" ? `Say the unit: "${value}%".` : undefined),
);

const speed: Check = satisfies(
  'a speed from 10Mbit to 800Gbit, such as "1Gbit"',
  (value) => {
    const mbit = typeof value === "string" && /^\d{1,6}(?:\.\d{1,3})?[MG]bit$/.test(value) ? megabits(value) : 0;
    return mbit >= 10 && mbit <= 800_000;
  },
  (value) => (typeof value === "number" ? `Say the unit: "${value}Mbit".` : undefined),
);

const folder: Check = matching(
  /^(?:\/(?!\.{1,2}(?:\/|$))[\w.@+-]+)+$/,
  "an absolute path of letters, digits and ._@+-, without . and ..",
  255,
);

const accept: Check = mapOf(oneOf(...measures), line);

/** Limits that can be measured against. */
export const qualificationLimits: Check = shape<QualificationLimits>({
  iowaitBelow: optional(percent),
  stealBelow: optional(percent),
  jitterBelow: optional(duration({ min: "0.05ms", max: "10ms" })),
  fsyncP99Below: optional(duration({ min: "0.1ms", max: "1s" })),
  linkAtLeast: optional(speed),
  virtualization: optional(listOf(oneOf(...machineKinds), { min: 1 })),
  window: optional(duration({ min: "1s", max: "30s" })),
  folder: optional(folder),
  accept: optional(accept),
});

const bytes = wholeNumber(1);
const share = numberBetween(0, 100);

/** Requirements from outside. What {@link hostRequirements} makes always holds; what was written by hand may not. */
export const hostRequirementsCheck: Check = shape<HostRequirements>({
  pool: line,
  cores: wholeNumber(1, 65_536),
  memoryBytes: bytes,
  disk: optional(shape<NonNullable<HostRequirements["disk"]>>({ kind: oneOf("nvme", "ssd", "hdd", "network"), sizeBytes: bytes })),
  virtualization: listOf(oneOf(...machineKinds), { min: 1 }),
  iowaitBelowPercent: share,
  stealBelowPercent: share,
  jitterBelowMs: numberBetween(0.05, 10),
  fsyncP99BelowMs: optional(numberBetween(0.1, 1_000)),
  linkAtLeastMbit: optional(numberBetween(10, 800_000)),
  windowSeconds: wholeNumber(1, 30),
  folder,
  accept,
});

/** What is known of a pool whose hosts are to be measured. */
export interface QualifiedPool {
  readonly poolName: string;
  readonly nodes: NodeShape;
  readonly distribution: "kubeadm" | "k3s";
  /** Whether etcd may run on the nodes. */
  readonly mayRunEtcd: boolean;
}

const etcdFolder = { k3s: "/var/lib/rancher/k3s/server/db", kubeadm: "/var/lib/etcd" } as const;

/** Checked limits with every default filled in, and what the pool itself says. */
export function hostRequirements(pool: QualifiedPool, limits: QualificationLimits): HostRequirements {
  const { cpu, memory, disk } = pool.nodes;
  const fsyncP99Below = limits.fsyncP99Below ?? (pool.mayRunEtcd ? "10ms" : undefined);
  return {
    pool: pool.poolName,
    cores: cpu,
    memoryBytes: quantity(memory),
    ...(disk !== undefined && { disk: { kind: disk.kind, sizeBytes: quantity(disk.size) } }),
    virtualization: limits.virtualization ?? machineKinds,
    iowaitBelowPercent: Number.parseFloat(limits.iowaitBelow ?? "5%"),
    stealBelowPercent: Number.parseFloat(limits.stealBelow ?? "1%"),
    jitterBelowMs: milliseconds(limits.jitterBelow ?? "1ms"),
    ...(fsyncP99Below !== undefined && { fsyncP99BelowMs: milliseconds(fsyncP99Below) }),
    ...(limits.linkAtLeast !== undefined && { linkAtLeastMbit: megabits(limits.linkAtLeast) }),
    windowSeconds: Math.ceil(milliseconds(limits.window ?? "10s") / 1_000),
    folder: limits.folder ?? etcdFolder[pool.distribution],
    accept: limits.accept ?? {},
  };
}

function megabits(text: string): number {
  return Number.parseFloat(text) * (text.endsWith("Gbit") ? 1_000 : 1);
}
