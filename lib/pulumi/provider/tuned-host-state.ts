import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { FileFacts, HostFacts } from "../../hosts/host-facts";
import { foundText } from "./kernel-texts";
import type { ResourceDifference } from "./resource-operations";
import type { HostFile, ProfileInputs, TunedHostInputs } from "./tuned-host-inputs";

/** What the state shows of a host beside its inputs. */
export interface ShownFacts {
  readonly hostname: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly distribution: string;
  /** Release of the running kernel. */
  readonly kernelRelease: string;
  readonly architecture: string;
  readonly virtualization: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** What a pod gets for each key that every network namespace has of its own. */
  readonly podValues: Readonly<Record<string, string>>;
  /** An earlier run was cut off, and the next one has something to put back. */
  readonly interrupted: boolean;
}

/** State of a TunedHost: its inputs, as they are on the host, and what the host is. */
export interface TunedHostState extends TunedHostInputs, ShownFacts {
  /** What was measured before the host was tuned, as a table. */
  readonly qualification?: string;
}

const profileProps = ["pool", "kernel", "files", "links", "modules", "hashSize"] as const satisfies readonly (keyof ProfileInputs)[];

/** What the state shows of a host's facts. */
export function shownFacts(facts: HostFacts): ShownFacts {
  const { hostname, architecture, virtualization, cores, memoryBytes, interrupted } = facts;
  return {
    hostname,
    distribution: facts.distribution.name,
    kernelRelease: facts.kernel,
    architecture,
    virtualization,
    cores,
    memoryBytes,
    podValues: facts.podValues ?? {},
    interrupted,
  };
}

/**
 * Inputs as they are on the host: what holds stands as it was wanted, what does not with its real value, what is gone not at all.
 *
 * Held against the program's inputs, they show what somebody changed. A value above its floor holds.
 */
export function foundInputs(wanted: TunedHostInputs, facts: HostFacts): TunedHostInputs {
  const { kernel, files, links, modules, hashSize, ...rest } = wanted;
  return {
    ...rest,
    ...(kernel !== undefined && { kernel: mapped(kernel, (text, key) => maybe(facts.values[key], (real) => foundText(key, text, real))) }),
    ...(files !== undefined && { files: mapped(files, (file, path) => maybe(facts.files[path], (real) => foundFile(file, real))) }),
    ...(links !== undefined && { links: mapped(links, (_target, path) => facts.links?.[path]) }),
    ...(modules !== undefined && { modules: modules.filter((name) => facts.modules.includes(name)) }),
    ...(hashSize !== undefined && facts.hashSize !== undefined && { hashSize: Math.min(hashSize, facts.hashSize) }),
  };
}

/** Whether two profiles say the same. */
function sameProfile(a: Partial<ProfileInputs>, b: Partial<ProfileInputs>): boolean {
  return profileProps.every((prop) => isDeepStrictEqual(filled(a[prop]), filled(b[prop])));
}

/** What differs between state and program. A pinned machine that is another one is a new resource. */
export function tunedHostDifference(id: string, state: Partial<TunedHostState>, inputs: TunedHostInputs): ResourceDifference {
  const replaces = inputs.machineId === undefined || inputs.machineId === id ? [] : ["machineId"];
  const same = (["connection", "qualify", "machineId"] as const).every((prop) => isDeepStrictEqual(state[prop], inputs[prop]));
  return { changed: !same || !sameProfile(state, inputs) || state.interrupted === true, replaces };
}

function foundFile(wanted: HostFile, real: FileFacts): HostFile {
  const same = real.sha256 === createHash("sha256").update(wanted.content).digest("hex");
  const content = same ? wanted.content : (real.content ?? `(no text, or more than 64 KiB; SHA-256 ${real.sha256})`);
  return { content, mode: real.mode as HostFile["mode"] };
}

function mapped<Value, Result>(
  map: Readonly<Record<string, Value>>,
  to: (value: Value, key: string) => Result | undefined,
): Record<string, Result> {
  const entries = Object.entries(map).map(([key, value]) => [key, to(value, key)] as const);
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, Result] => entry[1] !== undefined));
}

function maybe<Value, Result>(value: Value | undefined, then: (value: Value) => Result): Result | undefined {
  return value === undefined ? undefined : then(value);
}

/** An empty map or list says the same as none. */
function filled(value: unknown): unknown {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0 ? undefined : value;
}
