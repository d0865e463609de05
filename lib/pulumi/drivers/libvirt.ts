import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { type Input, output } from "@pulumi/pulumi";
import {
  all,
  anything,
  bool,
  type Check,
  didYouMean,
  isRecord,
  listOf,
  mapOf,
  oneOf,
  optional,
  satisfies,
  shape,
  when,
} from "../../core/check";
import { cidr } from "../../core/cidr";
import { dnsLabel } from "../../core/name";
import { join, type Problem, problem } from "../../core/problem";
import { quantity } from "../../core/quantity";
import type { HostConnectionArgs } from "../host-connection-args";
import { LibvirtMachine } from "../libvirt-machine";
import { type Machine, type MachineDriver, type MachineOrder, type MachinePool, numberedNames } from "../machine-driver";
import { hostPath, libvirtNetwork } from "../provider/libvirt-machine-inputs";
import { connectionProblems, isLater } from "./connection-problems";
import type { LibvirtGuest, LibvirtProps } from "./libvirt-props";
import { renderMetaData, renderNetworkConfig } from "./no-cloud-seed";
import { publicKeyText } from "./public-key";

/**
 * Machines on KVM hosts of one's own, by virsh over SSH: a domain with the host's processor, a virtio or NVMe disk, an address that is known
 * from the start, and a host key that is pinned before it first answers.
 *
 * The pool says how many cores, how much memory and how large a disk. A changed profile reaches machines that exist over SSH; more cores or
 * memory count once a machine is shut down and started, a larger disk at once.
 *
 * @example
 * ```ts
 * import { libvirt } from "meshground/pulumi";
 *
 * const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
 * const driver = libvirt({
 *   hosts: { "kvm-1": { address: "10.0.0.2", hostKey } },
 *   guests: [{ address: "10.0.0.21/24" }, { address: "10.0.0.22/24" }],
 *   gateway: "10.0.0.1",
 *   nameservers: ["10.0.0.1"],
 *   network: { bridge: "br0" },
 *   image: "/var/lib/libvirt/images/debian-12-genericcloud-amd64.qcow2",
 *   publicKey: hostKey,
 * });
 * export const machines = { oslo: driver };
 * ```
 */
export function libvirt(props: LibvirtProps): MachineDriver {
  const guests = isRecord(props) && Array.isArray(props.guests) ? (props.guests as readonly LibvirtGuest[]) : [];
  const names = (pool: MachinePool): readonly string[] => {
    const numbered = numberedNames({ ...pool, nodes: { ...pool.nodes, count: guests.length } });
    return guests.map((guest, index) => guest?.name ?? (numbered[index] as string));
  };
  return {
    makesMachines: true,
    names,
    problems: (pool) => {
      const problems = propsForm("", props);
      return problems.length > 0 ? problems : [...hostProblems(props), ...addressProblems(props), ...diskProblems(pool)];
    },
    begin: (pool) => (order) => guestMachine(props, pool, guests[names(pool).indexOf(order.name)] as LibvirtGuest, order),
  };
}

const address = satisfies("an IP address", (value) => typeof value === "string" && isIP(value) !== 0);

const propsForm: Check = shape<LibvirtProps>({
  hosts: mapOf(dnsLabel, connectionProblems),
  guests: listOf(
    shape<LibvirtGuest>({
      address: all(
        cidr,
        satisfies("the address of a machine, such as 10.0.0.21/24", (value) => /\/(?!32$|128$)\d+$/.test(String(value))),
      ),
      on: optional(dnsLabel),
      name: optional(dnsLabel),
    }),
  ),
  gateway: address,
  nameservers: listOf(address, { min: 1 }),
  network: libvirtNetwork,
  image: hostPath,
  publicKey: when(isLater, anything, publicKeyText),
  login: optional(
    shape<NonNullable<LibvirtProps["login"]>>({
      privateKey: anything,
      privateKeyFile: anything,
      passphrase: anything,
      agent: anything,
      jump: anything,
    }),
  ),
  diskBus: optional(oneOf("virtio", "nvme")),
  folder: optional(hostPath),
  protect: optional(bool),
});

function hostProblems({ hosts, guests }: LibvirtProps): readonly Problem[] {
  const known = Object.keys(hosts);
  return guests.flatMap(({ on }, index) => {
    const path = join(join("guests", index), "on");
    if (on === undefined)
      return known.length === 1 ? [] : [problem(path, on, `the machine's KVM host: ${known.join(", ") || "there is none"}`)];
    return known.includes(on) ? [] : [problem(path, on, `one of the hosts: ${known.join(", ")}`, didYouMean(on, known))];
  });
}

function addressProblems({ guests }: LibvirtProps): readonly Problem[] {
  const addresses = guests.map((guest) => addressOf(guest));
  return addresses.flatMap((own, index) =>
    addresses.indexOf(own) === index ? [] : [problem(join(join("guests", index), "address"), own, "an address that no other machine has")],
  );
}

function diskProblems({ name, nodes }: MachinePool): readonly Problem[] {
  return nodes.disk !== undefined ? [] : [{ path: "", message: `the pool ${name} says no size of a disk. Say it: nodes.disk.` }];
}

function addressOf({ address: own }: LibvirtGuest): string {
  return own.slice(0, own.indexOf("/"));
}

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;

function guestMachine(props: LibvirtProps, { stack, nodes }: MachinePool, guest: LibvirtGuest, order: MachineOrder): Machine {
  const { hosts, gateway, nameservers, network, image, publicKey, login = {}, diskBus = "virtio", protect = true } = props;
  const { name, userData, hostKey, options } = order;
  const mac = macOf(stack, name);
  const machine = new LibvirtMachine(
    `${stack}/${name}/domain`,
    {
      connection: hosts[guest.on ?? (Object.keys(hosts)[0] as string)] as HostConnectionArgs,
      name,
      cores: nodes.cpu,
      memoryMiB: Math.floor(quantity(nodes.memory) / mebibyte),
      diskGiB: Math.ceil(quantity(nodes.disk?.size ?? "1Gi") / gibibyte),
      diskBus,
      image,
      folder: props.folder ?? "/var/lib/libvirt/images",
      network,
      mac,
      userData: userData ?? "#cloud-config\n",
      metaData: metaData(name, publicKey),
      networkConfig: renderNetworkConfig({ mac, address: guest.address, gateway, nameservers }),
    },
    {
      ...options,
      dependsOn: [...options.dependsOn],
      protect,
      deleteBeforeReplace: true,
      ignoreChanges: ["image", "userData", "metaData", "networkConfig"],
    },
  );
  return { connection: { ...login, address: addressOf(guest), hostKey: hostKey ?? "" }, resources: [machine] };
}

function metaData(name: string, publicKey: Input<string>): Input<string> {
  return output(publicKey).apply((key) => renderMetaData(name, key));
}

/** The same address for the same machine, in the range that KVM's guests have. */
function macOf(stack: string, name: string): string {
  const digest = createHash("sha256").update(`${stack}/${name}`).digest("hex");
  return ["52", "54", "00", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(":");
}
