import type { Input } from "@pulumi/pulumi";
import type { HostConnectionArgs } from "../host-connection-args";
import type { LibvirtNetwork } from "../provider/libvirt-machine-inputs";

/** A machine that the driver `libvirt` makes. */
export interface LibvirtGuest {
  /** Its address with the length of the network's prefix: `"10.0.0.21/24"`. */
  readonly address: string;
  /**
   * Its KVM host, by the host's name.
   *
   * @default - the only one that there is
   */
  readonly on?: string;
  /**
   * Name of the machine, an RFC 1123 label, and its identity: name the machines if one of them may leave the list.
   *
   * @default - the pool's name and the machine's number: `oslo-1`
   */
  readonly name?: string;
}

/** Props of {@link libvirt}. */
export interface LibvirtProps {
  /** KVM hosts by name: how each is reached. x86-64, with libvirt, qemu-img and a program that writes CD images (xorriso or genisoimage). */
  readonly hosts: Readonly<Record<string, HostConnectionArgs>>;
  /** The machines, as many as the pool has. */
  readonly guests: readonly LibvirtGuest[];
  /** Where the machines' network leads out. */
  readonly gateway: string;
  /** Name servers of the machines. */
  readonly nameservers: readonly string[];
  /** What the machines' network cards are plugged into. */
  readonly network: LibvirtNetwork;
  /** Path of a cloud image on the KVM hosts, such as Debian's genericcloud. Each machine gets a copy of its own. */
  readonly image: string;
  /** Public key that root may log in with. */
  readonly publicKey: Input<string>;
  /**
   * How to log in: the private key that belongs to `publicKey`, or where it is, and the way through a jump host.
   *
   * @default - the agent of the environment
   */
  readonly login?: Pick<HostConnectionArgs, "privateKey" | "privateKeyFile" | "passphrase" | "agent" | "jump">;
  /**
   * What the disk looks like to the machine. For `"nvme"` the host's libvirt must know NVMe disks, or must not confine qemu.
   *
   * @default "virtio"
   */
  readonly diskBus?: "virtio" | "nvme";
  /**
   * Folder of the KVM hosts in which the disks lie.
   *
   * @default "/var/lib/libvirt/images"
   */
  readonly folder?: string;
  /**
   * Whether Pulumi refuses to delete or replace the machines until this is false. Their disks go with them.
   *
   * @default true
   */
  readonly protect?: boolean;
}
