/** What a host says of itself. Checked: everything in it came from outside. */
export interface HostFacts {
  /** /etc/machine-id: 32 hexadecimal digits. */
  readonly machineId: string;
  readonly hostname: string;
  /** ID, VERSION_ID and PRETTY_NAME of /etc/os-release. */
  readonly distribution: { readonly id: string; readonly version: string; readonly name: string };
  /** Release of the running kernel: `6.1.0-32-cloud-amd64`. */
  readonly kernel: string;
  /** `x86_64`, `aarch64`. */
  readonly architecture: string;
  /** As systemd-detect-virt says it: `kvm`, `qemu`, `systemd-nspawn`, `none`; `unknown` where nothing tells. */
  readonly virtualization: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly disks: readonly DiskFacts[];
  /** Value of each key that was asked for; a key that does not exist is absent. */
  readonly values: Readonly<Record<string, string>>;
  /** What a new network namespace, and so a pod, gets for each key that was asked for and exists there. Absent where none can be made. */
  readonly podValues?: Readonly<Record<string, string>>;
  /** Where each key that was asked for is set at boot, the one that counts: `/etc/sysctl.d/99-sysctl.conf:12`. */
  readonly origins: Readonly<Record<string, KeyOrigin>>;
  /** Settings of other files that win over ours after a reboot or `sysctl --system`. */
  readonly overriding: readonly KeyOrigin[];
  /** Each file that was asked for and exists. */
  readonly files: Readonly<Record<string, FileFacts>>;
  /** Target of each link that was asked for and exists. */
  readonly links?: Readonly<Record<string, string>>;
  /** Modules that were asked for and are loaded or built in. */
  readonly modules: readonly string[];
  /** Buckets of nf_conntrack's table, where there is one. */
  readonly hashSize?: number;
  /** The profile that was applied here last and not restored since. */
  readonly applied?: { readonly pool: string; readonly id: string };
  /** An earlier run was cut off; the next apply or restore first puts back what it had changed. */
  readonly interrupted: boolean;
}

/** A disk. Whether it rotates says nothing behind virtio, so only its transport counts. */
export interface DiskFacts {
  readonly name: string;
  /** `nvme`, `virtio`, `sata`, `scsi`, … */
  readonly transport: string;
  readonly sizeBytes: number;
}

/** A line of a sysctl file that sets a key. */
export interface KeyOrigin {
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** A file as it lies on the host. */
export interface FileFacts {
  readonly sha256: string;
  readonly mode: string;
  /** Text of the file, where it is text and at most 64 KiB. */
  readonly content?: string;
}
