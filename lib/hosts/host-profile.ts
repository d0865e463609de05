import { createHash } from "node:crypto";
import { all, type Check, isRecord, listOf, matching, oneOf, optional, satisfies, shape, wholeNumber } from "../core/check";
import { labelValue } from "../core/name";
import { join, problem } from "../core/problem";
import { type HostProfile, type NodeLink, profileOfPool } from "../nodes/host-profile";
import type { KernelSetting } from "../nodes/kernel-setting";
import type { NodeFile } from "../nodes/node-file";
import type { TunedNodePool } from "../nodes/tuned-node-pool";

export type { HostProfile, NodeLink } from "../nodes/host-profile";

/** What each host of a pool is to have: its files, its boot unit enabled, its modules and its kernel values. */
export function hostProfileOf(pool: TunedNodePool): HostProfile {
  return profileOfPool(pool);
}

/** Name of a profile by its content: the same text for the same profile, another one for any other. */
export function profileId({ pool, settings, files, links = [], modules, hashSize }: HostProfile): string {
  const content = [
    pool,
    settings.map(({ mode, key, value }) => [mode, key, value]),
    files.map(({ path, mode, content }) => [path, mode, content]),
    links.map(({ path, target }) => [path, target]),
    modules,
    hashSize ?? null,
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

/** Segments of letters, digits, `_` and `-`: no slash and no empty segment, so a key cannot leave /proc/sys. */
const key = matching(/^[a-z][a-z0-9_-]*(?:\.[A-Za-z0-9_-]+){1,10}$/, "the name of a kernel key, with dots", 128);
const value = matching(
  /^[A-Za-z0-9_+-][\w.,:+-]*(?: [\w.,:+-]+)*$/,
  "words of letters, digits and _ . , : + -, with one space between them",
  4096,
);
const floor = matching(/^(?:0|[1-9][0-9]{0,19})$/, "a whole number of at most 20 digits, as text", 20);
const setting: Check = (path, given) => [
  ...shape<KernelSetting>({ key, mode: oneOf("exact", "atLeast"), value })(path, given),
  ...(isRecord(given) && given.mode === "atLeast" ? floor(join(path, "value"), given.value) : []),
];

/** Normalized, and below folders that hold configuration: nothing else of a host is ever written. */
const path = all(
  matching(/^(?:\/[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*)+$/, "an absolute path of letters, digits and . _ @ + -, without . and .. in it", 255),
  satisfies("a path below /etc or /usr/local/lib", (text) => /^\/(?:etc|usr\/local\/lib)\//.test(String(text))),
  satisfies("a path that is not the system's own identity or login", (text) => !reserved.test(String(text))),
);
/** Who may log in, how sshd runs and who becomes root: a profile that changed these could lock everybody out. */
const reserved =
  /^\/etc\/(?:passwd|shadow|group|gshadow|sudoers|fstab|machine-id|hostname|ld\.so\.preload|pam\.d|ssh|sudoers\.d|security)-?(?:$|\/)/;
const content = satisfies("text of at most 256 KiB that ends with a line break, without NUL", (text) => {
  return typeof text === "string" && text.length <= 262_144 && /^[^\0]*\n$/.test(text) && text.isWellFormed();
});
const file: Check = shape<NodeFile>({ path, content, mode: oneOf("0644", "0755") });
const link: Check = shape<NodeLink>({ path, target: path });
const moduleName: Check = matching(/^[a-z0-9][a-z0-9_-]*$/, "the name of a kernel module", 64);

/** A profile from outside. */
export const hostProfile: Check = all(
  shape<HostProfile>({
    pool: all(matching(/./, "a name"), labelValue),
    settings: listOf(setting),
    files: listOf(file),
    links: optional(listOf(link)),
    modules: listOf(moduleName),
    hashSize: optional(wholeNumber(1, 2 ** 31)),
  }),
  (at, given) => {
    const { settings, files, links = [] } = given as HostProfile;
    return [
      ...repeated(
        join(at, "settings"),
        settings.map((item) => item.key),
      ),
      ...repeated(
        join(at, "files"),
        [...files, ...links].map((item) => item.path),
      ),
    ];
  },
  satisfies(
    "at most 1 MiB of files",
    (given) => (given as HostProfile).files.reduce((sum, item) => sum + item.content.length, 0) <= 1_048_576,
  ),
);

function repeated(at: string, names: readonly string[]): ReturnType<Check> {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [problem(join(at, index), name, "each name once")] : []));
}
