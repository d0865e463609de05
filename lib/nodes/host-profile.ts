import type { Artefact } from "../core/artefact";
import { bootUnitName } from "./boot-unit";
import { moduleOf } from "./kernel-keys";
import type { KernelSetting } from "./kernel-setting";
import type { NodeFile } from "./node-file";
import type { HostRequirements } from "./qualification-limits";

/** A symbolic link on a host: what enables a unit. */
export interface NodeLink {
  /** Absolute path of the link. */
  readonly path: string;
  /** What it points to. */
  readonly target: string;
}

/** What a host is to have. Plain data, the same for every host of a pool. */
export interface HostProfile {
  /** Name of the pool. */
  readonly pool: string;
  /** Kernel settings, in the order in which they are written. */
  readonly settings: readonly KernelSetting[];
  /** Files, by absolute path. */
  readonly files: readonly NodeFile[];
  /**
   * Links that enable units.
   *
   * @default - none
   */
  readonly links?: readonly NodeLink[];
  /** Kernel modules that have to be loaded before the settings exist. */
  readonly modules: readonly string[];
  /** Buckets of nf_conntrack's table, at least; absent: left alone. */
  readonly hashSize?: number;
}

/** What of a pool its hosts are to have. */
export interface ProfiledPool {
  readonly poolName: string;
  readonly kernelSettings: readonly KernelSetting[];
  readonly files: readonly NodeFile[];
  readonly hashSize: number | undefined;
}

/** What each host of a pool is to have: its files, its boot unit enabled, its modules and its kernel values. */
export function profileOfPool({ poolName, kernelSettings, files, hashSize }: ProfiledPool): HostProfile {
  const unit = files.find(({ path }) => path === `/etc/systemd/system/${bootUnitName}`);
  const modules = kernelSettings.map(({ key }) => moduleOf(key)).filter((name) => name !== undefined);
  return {
    pool: poolName,
    settings: kernelSettings,
    files,
    links: unit === undefined ? [] : [{ path: `/etc/systemd/system/multi-user.target.wants/${bootUnitName}`, target: unit.path }],
    modules: [...new Set(modules)].sort(),
    ...(hashSize !== undefined && { hashSize }),
  };
}

/** Names of the files, below a pool's folder, by which the command knows what the hosts are to have and to measure up to. */
export const hostFiles = { profile: "profile.json", requirements: "requirements.json" } as const;

/** The profile of a pool's hosts, and what they have to measure up to, as files that `meshground hosts` reads. */
export function hostArtefacts(profile: HostProfile, requirements: HostRequirements | undefined): readonly Artefact[] {
  const artefact = (name: string, data: unknown): Artefact => ({
    path: `nodes/${profile.pool}/${name}`,
    content: `${JSON.stringify(data, null, 2)}\n`,
  });
  return [artefact(hostFiles.profile, profile), ...(requirements === undefined ? [] : [artefact(hostFiles.requirements, requirements)])];
}
