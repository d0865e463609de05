import type { DiskFacts, FileFacts } from "./host-facts";
import { machineOf, type Texts } from "./machine-reading";
import { keyName, longestLine, printable } from "./report-text";
import type { SysctlFiles, SysctlLine } from "./sysctl-files";

/** What a program says that a host is and has, without any judgement. Every text in it has the form that it must have. */
export interface HostReading {
  /** Who owns what the program writes: `0 0`. */
  readonly owner: string;
  /** Absent where the host has none of 32 hexadecimal digits. */
  readonly machineId?: string;
  readonly hostname: string;
  readonly distribution: { readonly id: string; readonly version: string; readonly name: string };
  readonly kernel: string;
  readonly architecture: string;
  readonly virtualization: string;
  readonly systemd: boolean;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly disks: readonly DiskFacts[];
  /** By the name of the key, with dots. */
  readonly values: ReadonlyMap<string, string>;
  readonly podValues?: ReadonlyMap<string, string>;
  readonly sysctl: SysctlFiles;
  /** The program's own short form of `sysctl`. */
  readonly judged: string;
  /** By absolute path. */
  readonly files: ReadonlyMap<string, FoundFile>;
  readonly links: ReadonlyMap<string, string>;
  /** Paths where something lies that is neither a file nor a link. */
  readonly others: ReadonlySet<string>;
  readonly modules: readonly string[];
  readonly hashSize?: number;
  /** What an earlier run keeps, to put it back. */
  readonly kept?: Kept;
  readonly interrupted: boolean;
}

/** A file, with its owner as `UID GID`. */
type FoundFile = FileFacts & { readonly owner: string };

/** The originals of what was changed on a host, as the host keeps them. */
export interface Kept {
  /** `-` when they are put back already, and only sweeping is left. */
  readonly pool: string;
  readonly profile: string;
  readonly files: ReadonlyMap<string, KeptFile>;
  /** By the name of the key; undefined: it did not exist. */
  readonly values: ReadonlyMap<string, string | undefined>;
  readonly hashSize?: string;
}

/** How a file was: CHECK is the SHA-256 of a file, the target of a link. */
export interface KeptFile {
  readonly kind: "absent" | "regular" | "link";
  readonly mode: string;
  readonly owner: string;
  readonly check: string;
}

/** The program's sections, in the order in which they come. Every line between that a file of the host fills begins with `./`. */
const sections: readonly string[] = ["texts", "values", "pod-values", "conf", "lines", "files", "kept", "facts-end"];
const optionalSections: readonly string[] = ["pod-values"];

const longestContent = 65_536;

/** What the program printed of facts, or undefined when any of it is not what the program prints. */
export function tryReading(lines: readonly string[]): HostReading | undefined {
  const parts = trySections(lines);
  if (parts === undefined) return undefined;
  const part = (name: string): readonly string[] => parts.get(name) ?? [];
  const [first = "", ...facts] = part("facts");
  const [judged = ""] = part("conf");
  const said = wordsOf(facts);
  const identity = tryIdentity(first, said.get("kernel")?.[0] ?? "");
  const files = tryFiles(part("files"));
  const kept = tryKept(part("kept"));
  if (identity === undefined || files === undefined || kept === "damaged" || !/^[0-9a-f]{64}$/.test(judged)) return undefined;
  return {
    ...identity,
    ...machineOf(said, textsOf(part("texts"))),
    values: valuesOf(part("values")),
    ...(parts.has("pod-values") && { podValues: valuesOf(part("pod-values")) }),
    sysctl: sysctlOf(part("conf"), part("lines")),
    judged,
    ...files,
    modules: (said.get("module") ?? []).filter((name) => /^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)),
    ...(kept !== undefined && { kept }),
    interrupted: said.has("interrupted") || (kept !== undefined && kept.profile === "-"),
  };
}

function tryIdentity(first: string, second: string): Pick<HostReading, "owner" | "kernel" | "architecture"> | undefined {
  const [, user, group] = /^facts\t1\t(\d{1,10})\t(\d{1,10})$/.exec(first) ?? [];
  const [, kernel, architecture] = /^([\w.+~-]{1,128})\t([\w-]{1,32})$/.exec(second) ?? [];
  return kernel === undefined || architecture === undefined || user === undefined
    ? undefined
    : { owner: `${user} ${group}`, kernel, architecture };
}

/** Lines of each section; the first is `facts`, with its own line at the start. `conf` begins with its hash. */
function trySections(lines: readonly string[]): ReadonlyMap<string, readonly string[]> | undefined {
  const starts = lines.flatMap((line, index) => (index === 0 || sections.includes(line) || line.startsWith("conf\t") ? [index] : []));
  const found = starts.map((from, index) => sectionOf(lines.slice(from, starts[index + 1])));
  const names = found.slice(1).map(([name]) => name);
  const expected = sections.filter((name) => !optionalSections.includes(name) || names.includes(name));
  const whole = names.join() === expected.join() && found.at(-1)?.[1].every((line) => line === "");
  return whole ? new Map(found) : undefined;
}

function sectionOf([first = "", ...lines]: readonly string[]): readonly [string, readonly string[]] {
  if (sections.includes(first)) return [first, lines];
  return first.startsWith("conf\t") ? ["conf", [first.slice("conf\t".length), ...lines]] : ["facts", [first, ...lines]];
}

/** Fields of the lines by their first word. */
function wordsOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const words = Map.groupBy(lines, (line) => line.split("\t", 1)[0] ?? "");
  return new Map([...words].map(([word, all]) => [word, all.map((line) => line.slice(word.length + 1))]));
}

/** Lines of each file that is printed with its name before each line. */
function textsOf(lines: readonly string[]): Texts {
  const split = lines.flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 || line.length > longestLine ? [] : [{ file: line.slice(0, colon), text: line.slice(colon + 1) }];
  });
  return new Map([...Map.groupBy(split, ({ file }) => file)].map(([file, all]) => [file, all.map(({ text }) => text)]));
}

/** Values by key, their words with one space between them. A value of several lines is one of many words. */
function valuesOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const texts = [...textsOf(lines)].flatMap(([file, all]) => {
    const key = /^\.\/proc\/sys\/([a-z][a-z0-9_-]*(?:\/[A-Za-z0-9_-]+){1,10})$/.exec(file)?.[1];
    return key === undefined ? [] : [[keyName(key), printable(all.join(" "), 4_096)] as const];
  });
  return new Map(texts);
}

function sysctlOf([, ...found]: readonly string[], numbered: readonly string[]): SysctlFiles {
  const paths = found.flatMap((line) => /^\.(\/[^\p{Cc}]{1,512})$/u.exec(line)?.[1] ?? []);
  const known = new Set(paths);
  const lines = numbered.flatMap((text): readonly SysctlLine[] => {
    const [, file = "", line, setting = ""] = text.length > longestLine ? [] : (/^\.(\/.{1,512}?\.conf):(\d{1,7}):(.*)$/s.exec(text) ?? []);
    return known.has(file) ? [{ file, line: Number(line), text: setting.slice(0, 4_096) }] : [];
  });
  return { paths, lines };
}

type Files = Pick<HostReading, "files" | "links" | "others">;

const fileWords = /^(?:stat|link|other|content|[0-9a-f]{64} [ *]\.\/.{1,512})$/;

function tryFiles(lines: readonly string[]): Files | undefined {
  const words = wordsOf(lines.filter((line) => line !== ""));
  if ([...words.keys()].some((word) => !fileWords.test(word))) return undefined;
  const fields = (word: string): (readonly [string, readonly string[]])[] =>
    (words.get(word) ?? []).map((line) => line.split("\t")).map(([path = "", ...rest]) => [path.slice(1), rest]);
  const stats = new Map(fields("stat"));
  const contents = new Map(fields("content").map(([path, [base64 = ""]]) => [path, textOf(base64)]));
  const sums = [...words.keys()].filter((word) => word.includes(" ")).map((line) => [line.slice(67), line.slice(0, 64)] as const);
  return {
    files: new Map(sums.flatMap(([path, sum]) => fileOf(sum, stats.get(path), contents.get(path)).map((file) => [path, file]))),
    links: new Map(fields("link").map(([path, [target = ""]]) => [path, printable(target, 4_096)])),
    others: new Set(fields("other").map(([path]) => path)),
  };
}

function fileOf(sha256: string, [mode = "", uid = "", gid = ""]: readonly string[] = [], content?: string): readonly FoundFile[] {
  if (!/^[0-7]{1,4}$/.test(mode) || !/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) return [];
  return [{ sha256, mode: mode.padStart(4, "0"), owner: `${uid} ${gid}`, ...(content !== undefined && { content }) }];
}

/** Text of a small file; undefined for anything that is not text. */
function textOf(base64: string): string | undefined {
  const bytes = Buffer.from(base64, "base64");
  const text = bytes.toString("utf8");
  return bytes.length <= longestContent && !text.includes("\0") && Buffer.from(text).equals(bytes) ? text : undefined;
}

const keptForms: readonly RegExp[] = [
  /^(?:transaction|profile)\t[0-9a-f-]{1,64}$/,
  /^pool\t[\w.-]{1,63}$/,
  /^folder\t\.\/[\w./@+-]{1,512}$/,
  /^file\t\.\/[\w./@+-]{1,512}\t(?:absent|regular|link)\t[0-7-]{1,4}\t[\d-]{1,10}\t[\d-]{1,10}\t[\w./@+:-]{1,4096}$/,
  /^value\t[\w/-]{1,128}\t(?:absent|=[^\t]{0,4096})$/,
  /^hashsize\t\d{1,12}$/,
  /^module\t[\w-]{1,64}$/,
];

function tryKept(lines: readonly string[]): Kept | undefined | "damaged" {
  const said = lines.filter((line) => line !== "");
  if (said.length === 0) return undefined;
  if (said.pop() !== "end" || !said.every((line) => keptForms.some((form) => form.test(line)))) return "damaged";
  const words = wordsOf(said);
  const fields = (word: string): (readonly string[])[] => (words.get(word) ?? []).map((line) => line.split("\t"));
  const hashSize = words.get("hashsize")?.[0];
  return {
    pool: words.get("pool")?.[0] ?? "",
    profile: words.get("profile")?.[0] ?? "",
    files: new Map(fields("file").map(([path = "", ...file]) => [path.slice(1), keptFile(file)])),
    values: new Map(
      fields("value").map(([path = "", value = ""]) => [keyName(path), value === "absent" ? undefined : printable(value.slice(1), 4_096)]),
    ),
    ...(hashSize !== undefined && { hashSize }),
  };
}

function keptFile([kind, mode = "", uid, gid, check = ""]: readonly string[]): KeptFile {
  return { kind: kind as KeptFile["kind"], mode: mode.padStart(4, "0"), owner: `${uid} ${gid}`, check };
}
