import { type Check, line, listOf, mapOf, matching, oneOf, optional, satisfies, shape, wholeNumber } from "../../core/check";
import { type HostConnection, hostConnection } from "../../hosts/host-connection";
import type { HostProfile } from "../../hosts/host-profile";
import type { NodeFile } from "../../nodes/node-file";
import { type KernelTexts, kernelTexts, settingsOf, textsOf } from "./kernel-texts";
import type { PropertyPath } from "./property-values";

/** A file of a tuned host; its path is the key under which it stands. */
export type HostFile = Pick<NodeFile, "content" | "mode">;

/** The profile of a host, in the form in which the engine compares it: one entry a key and a file. */
export interface ProfileInputs {
  readonly pool: string;
  readonly kernel?: KernelTexts;
  readonly files?: Readonly<Record<string, HostFile>>;
  readonly modules?: readonly string[];
  readonly hashSize?: number;
}

/** Inputs of a TunedHost, plain. */
export interface TunedHostInputs extends ProfileInputs {
  readonly connection: HostConnection;
  readonly machineId?: string;
}

/** What of a connection is secret, whatever the program says. */
export const connectionSecrets: readonly PropertyPath[] = [
  ["connection", "privateKey"],
  ["connection", "passphrase"],
  ["connection", "sudoPassword"],
  ["connection", "jump", "privateKey"],
  ["connection", "jump", "passphrase"],
];

const filePath = matching(
  /^(?!.*\/\.{0,2}(?:\/|$))\/[\w.@:+/-]+$/,
  "an absolute path of letters, digits and . _ @ : + - without empty, . or .. parts",
  4_096,
);
const fileContent = satisfies("text of at most 1 MiB", (value) => typeof value === "string" && value.length <= 1_048_576);
const machineId = matching(/^[0-9a-f]{32}$/, "32 hexadecimal digits, as in /etc/machine-id", 32);
const moduleName = matching(/^[A-Za-z0-9][\w-]{0,63}$/, "the name of a kernel module", 64);

/** Inputs of a TunedHost. */
export const tunedHostInputs: Check = shape<TunedHostInputs>({
  connection: hostConnection,
  pool: line,
  kernel: optional(kernelTexts),
  files: optional(mapOf(filePath, shape<HostFile>({ content: fileContent, mode: oneOf("0644", "0755") }))),
  modules: optional(listOf(moduleName)),
  hashSize: optional(wholeNumber(1, 2 ** 31)),
  machineId: optional(machineId),
});

/** The inputs that say the same as a profile. */
export function inputsOf({ pool, settings, files, modules, hashSize }: HostProfile): ProfileInputs {
  return {
    pool,
    ...(settings.length > 0 && { kernel: textsOf(settings) }),
    ...(files.length > 0 && { files: Object.fromEntries(files.map(({ path, content, mode }) => [path, { content, mode }])) }),
    ...(modules.length > 0 && { modules }),
    ...(hashSize !== undefined && { hashSize }),
  };
}

/** The profile that checked inputs say. */
export function profileOf({ pool, kernel = {}, files = {}, modules = [], hashSize }: ProfileInputs): HostProfile {
  return {
    pool,
    settings: settingsOf(kernel),
    files: Object.entries(files)
      .map(([path, { content, mode }]) => ({ path, content, mode }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    modules,
    ...(hashSize !== undefined && { hashSize }),
  };
}
