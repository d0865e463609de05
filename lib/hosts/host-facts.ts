/** What a host says of itself. Checked: everything in it came from outside. */
export interface HostFacts {
  /** /etc/machine-id: 32 hexadecimal digits. */
  readonly machineId: string;
  /** Name of the host, as its kernel has it; `unknown` where that is no host name. */
  readonly hostname: string;
  /** ID, VERSION_ID and PRETTY_NAME of /etc/os-release; the ID is `unknown` where nothing tells. */
  readonly distribution: { readonly id: string; readonly version: string; readonly name: string };
  /** Release of the running kernel: `6.1.0-32-cloud-amd64`. */
  readonly kernel: string;
  /** `x86_64`, `aarch64`. */
  readonly architecture: string;
  /** As systemd-detect-virt says it: `kvm`, `qemu`, `systemd-nspawn`, `none`; `unknown` where nothing tells. */
  readonly virtualization: string;
  /** Whether systemd runs the host. Without it no unit starts at boot, so floors are not raised then: the host's own init has to run the script. */
  readonly systemd?: boolean;
  /** Processors that are online. */
  readonly cores: number;
  /** Memory that the kernel has. Unit: bytes. */
  readonly memoryBytes: number;
  /** Disks with a size; neither loop devices nor what is made of other disks. */
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
  /** Pool and content name of the profile that was applied here last and not restored since. */
  readonly applied?: { readonly pool: string; readonly id: string };
  /** An earlier run was cut off; the next apply or restore first puts back what it had changed. */
  readonly interrupted: boolean;
}

/** A disk. Whether it rotates says nothing behind virtio, so only its transport counts. */
export interface DiskFacts {
  /** Name of the device: `nvme0n1`. */
  readonly name: string;
  /** `nvme`, `virtio`, `sata`, `scsi`, `usb`, `mmc`, `xen`, or `unknown`. */
  readonly transport: string;
  /** Unit: bytes. */
  readonly sizeBytes: number;
}

/** A line of a sysctl file that sets a key. */
export interface KeyOrigin {
  /** Name of the key, with dots. */
  readonly key: string;
  /** What the line sets it to. */
  readonly value: string;
  /** Absolute path of the file. */
  readonly file: string;
  /** Number of the line, from 1. */
  readonly line: number;
}

/** A file as it lies on the host. */
export interface FileFacts {
  /** SHA-256 of its content, in hexadecimal digits. */
  readonly sha256: string;
  /** Permissions in four octal digits: `0644`. */
  readonly mode: string;
  /** Text of the file, where it is text and at most 64 KiB. */
  readonly content?: string;
}
