import { all, type Check, isRecord, matching, oneOf, satisfies, shape, wholeNumber } from "../../core/check";
import { dnsLabel } from "../../core/name";
import { type HostConnection, hostConnection } from "../../hosts/host-connection";

/** What a guest's network card is plugged into, on its KVM host. */
export type LibvirtNetwork =
  | {
      /** A bridge of the host, such as `"br0"`: the guest is a neighbour of its host. */
      readonly bridge: string;
    }
  | {
      /** A network of libvirt's, such as `"default"`. */
      readonly network: string;
    };

/** Inputs of a LibvirtMachine, plain. */
export interface LibvirtMachineInputs {
  /** How the KVM host is reached. */
  readonly connection: HostConnection;
  readonly name: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  readonly diskBus: "virtio" | "nvme";
  /** Cloud image on the KVM host. */
  readonly image: string;
  /** Folder of the KVM host in which disk and seed lie. */
  readonly folder: string;
  readonly network: LibvirtNetwork;
  readonly mac: string;
  readonly userData: string;
  readonly metaData: string;
  readonly networkConfig: string;
}

/** A path that is the same to a shell, to qemu's options and in XML: no comma, no quote, no space, and nothing that leaves a folder. */
export const hostPath: Check = all(
  matching(/^(?:\/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+$/, "an absolute path of letters, digits and . _ + -", 1_024),
);

const device = matching(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "the name of a bridge or network", 63);

/** What a guest is plugged into: one bridge, or one network. */
export const libvirtNetwork: Check = (path, value) =>
  isRecord(value) && "bridge" in value
    ? shape<{ bridge: string }>({
        bridge: all(device, matching(/^.{1,15}$/, "a name of at most 15 characters, as the kernel has them", 15)),
      })(path, value)
    : shape<{ network: string }>({ network: device })(path, value);

const seedFile = satisfies(
  "a file of at most 1 MiB, without NUL",
  (value) => typeof value === "string" && value.length <= 1_048_576 && /^[^\0]+$/.test(value),
);

/** A secret shows nothing of itself. */
const secretFile: Check = (path, value) =>
  seedFile(path, value).length === 0 ? [] : [{ path, message: "expected user data of at most 1 MiB." }];

/** Inputs of a LibvirtMachine. */
export const libvirtMachineInputs: Check = shape<LibvirtMachineInputs>({
  connection: hostConnection,
  name: dnsLabel,
  cores: wholeNumber(1, 1_024),
  memoryMiB: wholeNumber(512, 16_777_216),
  diskGiB: wholeNumber(1, 65_536),
  diskBus: oneOf("virtio", "nvme"),
  image: hostPath,
  folder: hostPath,
  network: libvirtNetwork,
  mac: matching(/^52:54:00(?::[0-9a-f]{2}){3}$/, "an address such as 52:54:00:12:34:56", 17),
  userData: secretFile,
  metaData: seedFile,
  networkConfig: seedFile,
});
