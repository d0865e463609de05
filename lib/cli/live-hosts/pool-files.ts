import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import type { Check } from "../../core/check";
import type { Problem } from "../../core/problem";
import { type HostProfile, hostProfile } from "../../hosts/host-profile";
import { hostFiles } from "../../nodes/host-profile";
import { type HostRequirements, hostRequirementsCheck } from "../../nodes/qualification-limits";
import { reason } from "../source-files";
import { refuseUsage } from "../usage-error";

/** Finds what was read for a pool. @throws RangeError for a pool that was not read. */
export type ByPool<Data> = (pool: string) => Data;

/**
 * What the hosts of each pool are to have, as the synth of the tree wrote it below the folder of its artefacts.
 *
 * @throws UsageError naming every file that is not there or not what it has to be.
 */
export function poolProfiles(folder: string, hosts: readonly InPool[]): ByPool<HostProfile> {
  const lost = "Let the program of the tree write it (npx cdk8s synth), or name the folder where it did in --artefacts.";
  return poolData(hosts, { folder, name: hostFiles.profile, check: hostProfile, lost });
}

/** What the hosts of each pool have to measure up to. @throws UsageError as {@link poolProfiles}. */
export function poolRequirements(folder: string, hosts: readonly InPool[]): ByPool<HostRequirements> {
  const lost = "A pool has one when its props say qualify: {}, once the program of the tree has run (npx cdk8s synth).";
  return poolData(hosts, { folder, name: hostFiles.requirements, check: hostRequirementsCheck, lost });
}

interface InPool {
  readonly pool: string;
}

interface DataFile {
  readonly folder: string;
  readonly name: string;
  readonly check: Check;
  /** What to do where there is none. */
  readonly lost: string;
}

function poolData<Data extends InPool>(hosts: readonly InPool[], data: DataFile): ByPool<Data> {
  const read = [...new Set(hosts.map(({ pool }) => pool))].map((pool) => ({ pool, ...poolFile<Data>(pool, data) }));
  refuseUsage(read.flatMap(({ problems }) => problems));
  const contents = new Map(read.map(({ pool, content }) => [pool, content]));
  return (pool) => {
    const content = contents.get(pool);
    // Nothing in place of a profile would put the host back.
    if (content === undefined) throw new RangeError(`nothing was read for the pool ${pool}`);
    return content;
  };
}

interface FileRead<Data> {
  readonly content?: Data;
  readonly problems: readonly string[];
}

function poolFile<Data extends InPool>(pool: string, { folder, name, check, lost }: DataFile): FileRead<Data> {
  const file = joinPath(folder, "nodes", pool, name);
  try {
    const content = JSON.parse(readFileSync(file, "utf8")) as Data;
    const problems = check("", content);
    const found = problems.length > 0 ? problems : poolProblems(pool, content);
    return { content, problems: found.map(({ path, message }) => `${file}: ${path === "" ? "" : `${path}: `}${message}`) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problems: [`${file}: it is not JSON.`] };
    return { problems: [`${file}: ${reason(error)} ${(error as NodeJS.ErrnoException).code === "ENOENT" ? lost : ""}`.trim()] };
  }
}

function poolProblems(pool: string, content: InPool): readonly Problem[] {
  return content.pool === pool ? [] : [{ path: "pool", message: `got "${content.pool}", expected "${pool}", as its folder says.` }];
}
