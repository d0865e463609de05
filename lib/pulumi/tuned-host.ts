import { CustomResource, type CustomResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import { hostProfileOf } from "../hosts/host-profile";
import type { HostRequirements } from "../nodes/qualification-limits";
import type { TunedNodePool } from "../nodes/tuned-node-pool";
import { type HostConnectionArgs, sealedConnection } from "./host-connection-args";
import { packageVersion } from "./package-version";
import { type HostFile, inputsOf, type ProfileInputs } from "./provider/tuned-host-inputs";

/** Props of {@link TunedHost}. */
export interface TunedHostArgs {
  /** How the host is reached and trusted. A new address, port, user or key of the user is an update that leaves the host as it is. */
  readonly connection: Input<HostConnectionArgs>;
  /** Name of the pool. A host that is tuned for another pool is refused: two programs would undo each other's work. */
  readonly pool: Input<string>;
  /**
   * Kernel settings by key: `"32768"` is set as it is, `"at least 2097152"` raises what is lower and leaves what is higher.
   *
   * @default - none
   */
  readonly kernel?: Input<Readonly<Record<string, Input<string>>>>;
  /**
   * Files by absolute path, below /etc and /usr/local/lib only.
   *
   * @default - none
   */
  readonly files?: Input<Readonly<Record<string, Input<HostFile>>>>;
  /**
   * Targets of symbolic links by absolute path: what enables a unit of systemd.
   *
   * @default - none
   */
  readonly links?: Input<Readonly<Record<string, Input<string>>>>;
  /**
   * Kernel modules that are loaded before the settings are written.
   *
   * @default - none
   */
  readonly modules?: Input<readonly Input<string>[]>;
  /**
   * Buckets of the table of tracked connections, at least. Range: 1 to 2147483648.
   *
   * @default - left as it is
   */
  readonly hashSize?: Input<number>;
  /**
   * The machine that this has to be: 32 hexadecimal digits, as in its /etc/machine-id. Another one is another resource.
   *
   * @default - whichever machine holds the pinned host key
   */
  readonly machineId?: Input<string>;
  /**
   * What the host must measure up to before anything is written to it, see `hostRequirements`. Measured once, and again when it changes.
   *
   * @default - nothing is measured
   */
  readonly qualify?: Input<HostRequirements>;
}

/**
 * A Linux host with the kernel profile of its pool: files, modules and values, all of them or none, each read back.
 *
 * The host is its machine-id, which is the resource's id, and its pinned key. `pulumi refresh` shows each key that somebody changed, and
 * `pulumi up` puts it right; deleting the resource puts back the files and values from before. A host that does not answer is an error and
 * never taken for gone: `MESHGROUND_FORGET=<machine-id> pulumi up` forgets one that is.
 *
 * @example
 * ```ts
 * import { TunedHost } from "meshground/pulumi";
 *
 * const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
 * const host = new TunedHost("oslo-1", {
 *   connection: { address: "10.0.0.11", hostKey },
 *   pool: "oslo",
 *   kernel: { "net.core.somaxconn": "32768", "fs.file-max": "at least 2097152" },
 * });
 * export const release = host.kernelRelease;
 * ```
 */
export class TunedHost extends CustomResource {
  /** Name that the host gives itself. */
  declare readonly hostname: Output<string>;
  /** Name of the distribution: `Debian GNU/Linux 12 (bookworm)`. */
  declare readonly distribution: Output<string>;
  /** Release of the running kernel: `6.1.0-32-cloud-amd64`. */
  declare readonly kernelRelease: Output<string>;
  /** `x86_64`, `aarch64`. */
  declare readonly architecture: Output<string>;
  /** As systemd-detect-virt says it: `kvm`, `none` for bare metal, `unknown` where nothing tells. */
  declare readonly virtualization: Output<string>;
  /** Cores that are online. */
  declare readonly cores: Output<number>;
  /** Memory that the kernel manages. Unit: bytes. */
  declare readonly memoryBytes: Output<number>;
  /** What a new pod gets for each key that every network namespace has of its own; empty where the host makes no network namespaces. */
  declare readonly podValues: Output<Readonly<Record<string, string>>>;
  /** Whether an earlier run was cut off, so that the next one first puts something back. */
  declare readonly interrupted: Output<boolean>;
  /** What was measured before the host was tuned, as a table; undefined where nothing was asked for. */
  declare readonly qualification: Output<string | undefined>;

  constructor(name: string, args: TunedHostArgs, opts?: CustomResourceOptions) {
    const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
    super(
      "meshground:index:TunedHost",
      name,
      { ...unknown, ...args, connection: sealedConnection(args.connection) },
      { version: packageVersion, ...opts },
    );
  }
}

/** Props of a {@link TunedHost} that a pool decides, the same for each of its machines. */
export function tunedHostProfile(pool: TunedNodePool): ProfileInputs {
  return inputsOf(hostProfileOf(pool));
}

const outputs = [
  "hostname",
  "distribution",
  "kernelRelease",
  "architecture",
  "virtualization",
  "cores",
  "memoryBytes",
  "podValues",
  "interrupted",
  "qualification",
];
