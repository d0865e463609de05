import { anything, type Check, type Checks, isRecord, listOf, mapOf, matching, optional, satisfies, shape } from "../../core/check";
import { join, type Problem } from "../../core/problem";
import { type HostConnection, hostConnection } from "../../hosts/host-connection";
import { type HostProfile, hostProfile } from "../../hosts/host-profile";
import type { NodeFile } from "../../nodes/node-file";
import { type HostRequirements, hostRequirementsCheck } from "../../nodes/qualification-limits";
import { type KernelTexts, kernelTexts, settingsOf, textsOf } from "./kernel-texts";
import type { Properties } from "./resource-operations";

/** A file of a tuned host; its path is the key under which it stands. */
export type HostFile = Pick<NodeFile, "content" | "mode">;

/** The profile of a host, in the form in which the engine compares it: one entry a key, a file and a link. */
export interface ProfileInputs {
  /** Name of the pool: one stack looks after a host. */
  readonly pool: string;
  readonly kernel?: KernelTexts;
  readonly files?: Readonly<Record<string, HostFile>>;
  /** Target of each link, by the link's path. */
  readonly links?: Readonly<Record<string, string>>;
  readonly modules?: readonly string[];
  readonly hashSize?: number;
}

/** Inputs of a TunedHost, plain. */
export interface TunedHostInputs extends ProfileInputs {
  readonly connection: HostConnection;
  readonly machineId?: string;
  readonly qualify?: HostRequirements;
}

const machineId = matching(/^[0-9a-f]{32}$/, "32 hexadecimal digits, as in /etc/machine-id", 32);
const text = satisfies("text", (value) => typeof value === "string");

/** What a profile is made of; what may stand in it is its own matter. */
const profileForm: Checks<ProfileInputs> = {
  pool: text,
  kernel: optional(kernelTexts),
  files: optional(mapOf(anything, shape<HostFile>({ content: text, mode: text }))),
  links: optional(mapOf(anything, text)),
  modules: optional(listOf(text)),
  hashSize: optional(satisfies("a number", (value) => typeof value === "number")),
};

const form: Check = shape<TunedHostInputs>({
  connection: hostConnection,
  ...profileForm,
  machineId: optional(machineId),
  qualify: optional(hostRequirementsCheck),
});

/** Inputs of a TunedHost: every problem at once, as far as the profile has a form in which it can be judged. */
export const tunedHostInputs: Check = (path, value) => {
  const problems = form(path, value);
  const inputs = isRecord(value) ? value : {};
  const formed = Object.entries(profileForm).every(([prop, check]) => check("", inputs[prop]).length === 0);
  return formed ? [...problems, ...profileProblems(path, inputs)] : problems;
};

/** The inputs that say the same as a profile. */
export function inputsOf({ pool, settings, files, links = [], modules, hashSize }: HostProfile): ProfileInputs {
  return {
    pool,
    ...(settings.length > 0 && { kernel: textsOf(settings) }),
    ...(files.length > 0 && { files: Object.fromEntries(files.map(({ path, content, mode }) => [path, { content, mode }])) }),
    ...(links.length > 0 && { links: Object.fromEntries(links.map(({ path, target }) => [path, target])) }),
    ...(modules.length > 0 && { modules }),
    ...(hashSize !== undefined && { hashSize }),
  };
}

/** The profile that inputs say. The same inputs give the same profile, whatever the order of their entries. */
export function profileOf({ pool, kernel = {}, files = {}, links = {}, modules = [], hashSize }: ProfileInputs): HostProfile {
  return {
    pool,
    settings: settingsOf(kernel),
    files: sortedEntries(files).map(([path, { content, mode }]) => ({ path, content, mode })),
    links: sortedEntries(links).map(([path, target]) => ({ path, target })),
    modules,
    ...(hashSize !== undefined && { hashSize }),
  };
}

/**
 * A profile for a look at a host: that of the inputs, where it is one. After a refresh the state holds what was found on the host, which need not be anything
 * that a profile may want: then it is one that names the same keys and files, and nothing more.
 */
export function lookingProfile(inputs: ProfileInputs): HostProfile {
  const profile = profileOf(inputs);
  return hostProfile("", profile).length === 0 ? profile : namesOf(inputs);
}

function namesOf({ kernel = {}, files = {}, links = {}, modules = [] }: Omit<ProfileInputs, "pool">): HostProfile {
  return profileOf({
    pool: "look",
    kernel: Object.fromEntries(Object.keys(kernel).map((key) => [key, "at least 0"])),
    files: Object.fromEntries(Object.keys(files).map((path) => [path, { content: "\n", mode: "0644" }])),
    links: Object.fromEntries(Object.keys(links).map((path) => [path, "/etc/none"])),
    modules,
  });
}

/** The inputs among properties that were checked before. */
export function tunedHostInputsIn(properties: Properties): TunedHostInputs {
  const inputs = properties as unknown as TunedHostInputs;
  const { connection, pool, kernel, files, links, modules, hashSize, machineId: pin, qualify } = inputs;
  return {
    connection,
    pool,
    ...(kernel !== undefined && { kernel }),
    ...(files !== undefined && { files }),
    ...(links !== undefined && { links }),
    ...(modules !== undefined && { modules }),
    ...(hashSize !== undefined && { hashSize }),
    ...(pin !== undefined && { machineId: pin }),
    ...(qualify !== undefined && { qualify }),
  };
}

/** What the profile refuses, at the places where the inputs have it: `settings[0].value` is `kernel["net.core.somaxconn"]`. */
function profileProblems(path: string, inputs: Properties): readonly Problem[] {
  const profile = profileOf(inputs as unknown as ProfileInputs);
  return hostProfile("", profile).map(({ path: place, message }) => ({ path: inputPlace(path, place, profile), message }));
}

function inputPlace(path: string, place: string, profile: HostProfile): string {
  const [, list = "", index, prop] = /^(settings|files|links)\[(\d+)\](?:\.(\w+))?$/.exec(place) ?? [];
  if (index === undefined) return place === "" || path === "" ? `${path}${place}` : `${path}.${place}`;
  const item: unknown = { settings: profile.settings, files: profile.files, links: profile.links ?? [] }[list]?.[Number(index)];
  if (!isRecord(item)) return join(path, list);
  const entry = join(join(path, list === "settings" ? "kernel" : list), String(item.key ?? item.path));
  return list === "files" && (prop === "content" || prop === "mode") ? join(entry, prop) : entry;
}

function sortedEntries<Value>(map: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}
