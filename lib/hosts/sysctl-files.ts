import type { KeyOrigin } from "./host-facts";
import type { HostProfile } from "./host-profile";
import { printable } from "./report-text";

/** The files that set kernel values at boot, as they lie on a host. */
export interface SysctlFiles {
  /** Absolute path of each file, also of one that only hides others: a link to /dev/null. */
  readonly paths: readonly string[];
  /** Lines that are neither blank nor a comment, in the order in which they stand in their file. */
  readonly lines: readonly SysctlLine[];
}

/** A line of such a file. */
export interface SysctlLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Where each key is set at boot, and by whom. */
export interface BootSettings {
  /** The line that counts for each key. */
  readonly origins: Readonly<Record<string, KeyOrigin>>;
  /** Lines that come after ours and say something else. */
  readonly overriding: readonly KeyOrigin[];
}

/** Folders of sysctl files. A file hides those of the same name in the folders after its own. */
const folders = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

/** Read last by `sysctl --system`, and by systemd where a link in /etc/sysctl.d names it. */
const lastFile = "/etc/sysctl.conf";

/** Two names of one value. */
const aliases: Readonly<Record<string, string>> = { "net/nf_conntrack_max": "net/netfilter/nf_conntrack_max" };

/**
 * Lines in the order in which they are set: files by name, whatever their folder, then /etc/sysctl.conf. The last one for a key counts.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sysctl.d.html
 */
export function inBootOrder({ paths, lines }: SysctlFiles): readonly SysctlLine[] {
  const byName = new Map<string, string>();
  for (const folder of folders) {
    for (const path of paths) {
      const name = path.slice(folder.length + 1);
      if (path.startsWith(`${folder}/`) && !name.includes("/") && !byName.has(name)) byName.set(name, path);
    }
  }
  const names = [...byName.keys()].sort(byBytes);
  const order = [...names.map((name) => byName.get(name)), ...(paths.includes(lastFile) ? [lastFile] : [])];
  const byFile = Map.groupBy(lines, ({ file }) => file);
  return order.flatMap((path) => (path === undefined ? [] : (byFile.get(path) ?? [])));
}

/** Who sets the keys of a profile at boot: as the files are (`origins`), and once the profile's own files are among them (`overriding`). */
export function bootSettings(
  present: SysctlFiles,
  profile: Pick<HostProfile, "settings" | "files">,
  dropped: readonly string[] = [],
): BootSettings {
  const keys = profile.settings.map(({ key }) => key);
  const now = entriesOf(inBootOrder(present));
  const origins = keys.flatMap((key) => {
    const last = settersOf(now, key).at(-1);
    return last === undefined ? [] : [[key, originOf(key, last)] as const];
  });
  const then = entriesOf(inBootOrder(withOurs(present, profile, dropped)));
  const ours = new Set(profile.files.map(({ path }) => path));
  const overriding = profile.settings.flatMap(({ key, mode, value }) => {
    const setters = settersOf(then, key);
    if (mode !== "exact" || setters.length === 0 || setters.at(-1)?.value === value) return [];
    const after = setters.slice(setters.findLastIndex(({ file }) => ours.has(file)) + 1);
    const other = after.length === setters.length ? after.slice(-1) : after;
    return other.filter((entry) => entry.value !== value).map((entry) => originOf(key, entry));
  });
  return { origins: Object.fromEntries(origins), overriding };
}

/** What one line sets. */
interface Entry {
  /** Folders of the key below /proc/sys, with slashes; may hold `*`, `?` and `[`. */
  readonly path: string;
  /** Absent: the key is left out of patterns. */
  readonly value?: string;
  readonly file: string;
  readonly line: number;
}

/** A file that only repeats /etc/sysctl.conf, as Debian's 99-sysctl.conf links to it, says nothing of its own. */
function entriesOf(lines: readonly SysctlLine[]): readonly Entry[] {
  const last = new Set(lines.filter(({ file }) => file === lastFile).map(({ line, text }) => `${line}:${text}`));
  return lines.filter(({ file, line, text }) => file !== "/etc/sysctl.d/99-sysctl.conf" || !last.has(`${line}:${text}`)).flatMap(entryOf);
}

function entryOf({ file, line, text }: SysctlLine): readonly Entry[] {
  const [, name, value] = /^\s*-?\s*([^\s=]+)\s*(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined || /^\s*[#;]/.test(text)) return [];
  const path = keyPath(name);
  if (value === undefined) return /^\s*-/.test(text) ? [{ path, file, line }] : [];
  return [{ path, value: value.trim().replace(/\s+/g, " "), file, line }];
}

/** Where the first separator is a slash, dots belong to names; where it is a dot, slashes do. */
function keyPath(name: string): string {
  const swapped = /^[^./]*\./.test(name) ? name.replace(/[./]/g, (separator) => (separator === "." ? "/" : ".")) : name;
  return aliases[swapped] ?? swapped;
}

/** Lines that set a key. One that names it beats every pattern, wherever it stands; one that only excludes it ends the patterns. */
function settersOf(entries: readonly Entry[], key: string): readonly Required<Entry>[] {
  const path = keyPath(key);
  const named = entries.filter((entry) => entry.path === path);
  const setting = named.filter((entry): entry is Required<Entry> => entry.value !== undefined);
  if (named.length > 0) return setting;
  return entries.filter((entry): entry is Required<Entry> => entry.value !== undefined && matches(entry.path, path));
}

/** Whether a shell pattern matches a key. A class of characters is taken for any one: rather one line too many is named than one too few. */
function matches(pattern: string, path: string): boolean {
  if (!/[*?[]/.test(pattern) || pattern.length > 256) return false;
  const [want, have] = [pattern.split("/"), path.split("/")];
  return want.length === have.length && want.every((part, index) => matchesPart(part.replace(/\[[^\]]*\]/g, "?"), have[index] ?? ""));
}

/** `*` and `?` in one part of a key. At most a step for each pair of characters: no pattern of a host makes it slow. */
function matchesPart(pattern: string, text: string): boolean {
  let [at, from, star, retry] = [0, 0, -1, 0];
  while (from < text.length) {
    if (pattern[at] === "?" || (pattern[at] !== "*" && pattern[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (pattern[at] === "*") {
      star = at;
      retry = from;
      at += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      from = retry;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

/** The files as they will be: those that the profile writes are ours, those that it no longer wants are gone. */
function withOurs(present: SysctlFiles, { files }: Pick<HostProfile, "files">, dropped: readonly string[]): SysctlFiles {
  const replaced = new Set([...files.map(({ path }) => path), ...dropped]);
  return {
    paths: [...present.paths.filter((path) => !replaced.has(path)), ...files.map(({ path }) => path)],
    lines: [
      ...present.lines.filter(({ file }) => !replaced.has(file)),
      ...files.flatMap(({ path, content }) => content.split("\n").map((text, index) => ({ file: path, line: index + 1, text }))),
    ],
  };
}

function originOf(key: string, { value, file, line }: Required<Entry>): KeyOrigin {
  return { key, value: printable(value, 4_096), file, line };
}

/** As strcmp has it. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
