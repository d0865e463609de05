import type { KernelSetting } from "../nodes/kernel-setting";
import type { NodeFile } from "../nodes/node-file";
import type { Mismatch } from "./host-error";
import type { FileFacts, HostFacts } from "./host-facts";
import type { HostChange, HostPlan } from "./host-plan";
import { type HostProfile, type NodeLink, profileId } from "./host-profile";
import { sha256 } from "./host-program";
import type { HostReading, Kept, KeptFile } from "./host-reading";
import { bootSettings } from "./sysctl-files";

/**
 * What applying a profile would do to a host that was read: what the profile wants otherwise, and, of what an earlier profile changed and this
 * one does not want, what goes back to what it was before the first.
 */
export function planOf(reading: HostReading, profile: HostProfile): HostPlan {
  const { files, links = [], settings, modules } = profile;
  const changes = [
    ...modules.filter((name) => !reading.modules.includes(name)).map((name): HostChange => ({ kind: "module", name })),
    ...hashSizeChange(reading, profile),
    ...settings.filter((setting) => !settingHolds(reading, setting)).map((setting) => valueChange(reading, setting)),
    ...files.filter((file) => !fileHolds(reading, file)).map(({ path }) => fileChange(reading, path)),
    ...links.filter((link) => !linkHolds(reading, link)).map(({ path }) => fileChange(reading, path)),
    ...droppedChanges(reading, profile),
  ];
  return { changes, conflicts: bootSettings(reading.sysctl, profile, droppedPaths(reading, profile)).overriding };
}

/** Whether a host has the whole profile, and nothing is left of a run that was cut off or of another profile. */
export function isApplied(reading: HostReading, profile: HostProfile): boolean {
  const { kept, interrupted } = reading;
  return !interrupted && (kept === undefined || kept.profile === profileId(profile)) && planOf(reading, profile).changes.length === 0;
}

/** What of a profile a host does not have. */
export function mismatchesOf(reading: HostReading, profile: HostProfile): readonly Mismatch[] {
  const { files, links = [], settings, modules, hashSize } = profile;
  const differs = (kind: Mismatch["kind"], name: string, wanted: string, got: string | undefined): Mismatch => ({
    kind,
    name,
    wanted,
    got: got === undefined ? "absent" : got || "empty",
  });
  return [
    ...modules.filter((name) => !reading.modules.includes(name)).map((name) => differs("module", name, "loaded", undefined)),
    ...(hashSizeHolds(reading, profile)
      ? []
      : [differs("hash-size", "nf_conntrack", `at least ${hashSize}`, reading.hashSize?.toString())]),
    ...settings
      .filter((setting) => !settingHolds(reading, setting))
      .map(({ key, mode, value }) => differs("value", key, mode === "exact" ? value : `at least ${value}`, reading.values.get(key))),
    ...files
      .filter((file) => !fileHolds(reading, file))
      .map(({ path, content, mode }) =>
        differs("file", path, fileText({ mode, sha256: sha256(content), owner: reading.owner }), shapeOf(reading, path)),
      ),
    ...links
      .filter((link) => !linkHolds(reading, link))
      .map(({ path, target }) => differs("file", path, `a link to ${target}`, shapeOf(reading, path))),
  ];
}

/** What a reading says of a host, for the keys and files of a profile. */
export function factsOf(reading: HostReading & { readonly machineId: string }, profile: HostProfile): HostFacts {
  const { owner, sysctl, judged, kept, others, files, links, values, podValues, systemd, ...machine } = reading;
  const keys = profile.settings.map(({ key }) => key);
  const wanted = new Map(profile.files.map(({ path, content }) => [path, content]));
  const paths = [...wanted.keys(), ...(profile.links ?? []).map(({ path }) => path)];
  return {
    ...machine,
    systemd,
    values: picked(keys, values),
    ...(podValues !== undefined && { podValues: picked(keys, podValues) }),
    ...bootSettings(sysctl, profile, droppedPaths(reading, profile)),
    files: Object.fromEntries(
      [...files].filter(([path]) => paths.includes(path)).map(([path, file]) => [path, fileFacts(file, wanted.get(path))]),
    ),
    links: picked(paths, links),
    modules: profile.modules.filter((name) => reading.modules.includes(name)),
    ...(kept !== undefined && kept.profile !== "-" && { applied: { pool: kept.pool, id: kept.profile } }),
  };
}

/** The program does not send the text of a file that is as it has to be. */
function fileFacts({ sha256: sum, mode, content }: FileFacts, wanted: string | undefined): FileFacts {
  const text = content ?? (wanted !== undefined && sum === sha256(wanted) ? wanted : undefined);
  return { sha256: sum, mode, ...(text !== undefined && { content: text }) };
}

function picked<Value>(names: readonly string[], from: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries(names.flatMap((name) => (from.has(name) ? [[name, from.get(name) as Value] as const] : [])));
}

function settingHolds({ values }: HostReading, { key, mode, value }: KernelSetting): boolean {
  const now = values.get(key);
  if (mode === "exact") return now === value;
  return now !== undefined && /^\d{1,20}$/.test(now) && BigInt(now) >= BigInt(value);
}

function hashSizeHolds({ hashSize }: HostReading, profile: HostProfile): boolean {
  return profile.hashSize === undefined || (hashSize !== undefined && hashSize >= profile.hashSize);
}

function fileHolds({ files, owner }: HostReading, { path, content, mode }: NodeFile): boolean {
  const file = files.get(path);
  return file !== undefined && file.mode === mode && file.owner === owner && file.sha256 === sha256(content);
}

function linkHolds({ links }: HostReading, { path, target }: NodeLink): boolean {
  return links.get(path) === target;
}

function valueChange({ values }: HostReading, { key, mode, value }: KernelSetting): HostChange {
  const from = values.get(key);
  return { kind: "value", key, ...(from !== undefined && { from }), to: value, floor: mode === "atLeast" };
}

function hashSizeChange(reading: HostReading, profile: HostProfile): readonly HostChange[] {
  if (hashSizeHolds(reading, profile) || profile.hashSize === undefined) return [];
  return [{ kind: "hash-size", ...(reading.hashSize !== undefined && { from: reading.hashSize }), to: profile.hashSize }];
}

function fileChange(reading: HostReading, path: string): HostChange {
  return { kind: "file", path, action: shapeOf(reading, path) === undefined ? "create" : "update" };
}

/** What lies at a path, for messages. */
function shapeOf({ files, links, others }: HostReading, path: string): string | undefined {
  const [file, target] = [files.get(path), links.get(path)];
  if (target !== undefined) return `a link to ${target}`;
  if (file !== undefined) return fileText(file);
  return others.has(path) ? "not a file" : undefined;
}

function fileText({ sha256: sum, mode, owner }: Pick<FileFacts, "sha256" | "mode"> & { readonly owner: string }): string {
  return `sha256 ${sum}, mode ${mode}, owner ${owner.replace(" ", ":")}`;
}

function droppedPaths({ kept }: HostReading, profile: HostProfile): readonly string[] {
  const wanted = new Set([...profile.files, ...(profile.links ?? [])].map(({ path }) => path));
  return [...(kept?.files.keys() ?? [])].filter((path) => !wanted.has(path));
}

/** What goes back to what it was before the first apply. */
function droppedChanges(reading: HostReading, profile: HostProfile): readonly HostChange[] {
  const { kept, values, hashSize } = reading;
  if (kept === undefined || kept.profile === "-") return [];
  const keys = new Set(profile.settings.map(({ key }) => key));
  const original = Number(kept.hashSize);
  const sized = kept.hashSize === undefined || profile.hashSize !== undefined || hashSize === undefined || hashSize === original;
  return [
    ...(sized ? [] : [{ kind: "hash-size", from: hashSize, to: original } as const]),
    ...[...kept.values].flatMap(([key, to]) => droppedValue(key, values.get(key), keys.has(key) ? undefined : to)),
    ...droppedPaths(reading, profile).flatMap((path) => droppedFile(reading, path, kept)),
  ];
}

function droppedValue(key: string, from: string | undefined, to: string | undefined): readonly HostChange[] {
  return to === undefined || from === undefined || from === to ? [] : [{ kind: "value", key, from, to, floor: false }];
}

function droppedFile(reading: HostReading, path: string, kept: Kept): readonly HostChange[] {
  const was = kept.files.get(path);
  if (was === undefined || isAsItWas(reading, path, was)) return [];
  return [was.kind === "absent" ? { kind: "file", path, action: "delete" } : fileChange(reading, path)];
}

function isAsItWas(reading: HostReading, path: string, { kind, mode, owner, check }: KeptFile): boolean {
  if (kind === "absent") return shapeOf(reading, path) === undefined;
  if (kind === "link") return reading.links.get(path) === check;
  const file = reading.files.get(path);
  return file !== undefined && file.mode === mode && file.owner === owner && file.sha256 === check;
}
