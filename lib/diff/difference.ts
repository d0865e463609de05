import type { MeshObject } from "../checks/mesh-object";
import type { Finding, ResourceName } from "../core/finding";
import { concealedChange, isSecretObject } from "./concealed";
import { type Consequence, levels } from "./consequence";
import { consequencesOf } from "./consequences/all-consequences";
import type { FieldChange } from "./field-change";
import { contentText } from "./list-match";
import type { FileForm, OtherContent, Output } from "./output";
import { valueChanges } from "./value-changes";

/** What became of an object or a file. */
export type Change = "removed" | "changed" | "added";

/** An object that differs. */
export interface ObjectChange {
  /** By its apiVersion after the change; of one that is gone, before. */
  readonly resource: ResourceName;
  readonly change: Change;
  /** What follows, worst first. */
  readonly consequences: readonly Consequence[];
  /** What differs, no secret in it. Empty of one that is new or gone. */
  readonly fields: readonly FieldChange[];
}

/** A file without objects that differs. */
export interface FileChange {
  readonly path: string;
  readonly change: Change;
  readonly form: FileForm;
  /** What differs, no secret in it. Empty of one that is new or gone, and of one that is no text. */
  readonly fields: readonly FieldChange[];
}

/** What differs between two outputs. */
export interface Difference {
  /** Worst first. */
  readonly objects: readonly ObjectChange[];
  /** By path. */
  readonly files: readonly FileChange[];
  /** Findings of the synth that only one of the outputs has. */
  readonly findings: { readonly appeared: readonly Finding[]; readonly gone: readonly Finding[] };
}

/** Compares two outputs by object and field. The order of files, objects and keys means nothing. */
export function difference(before: Output, after: Output): Difference {
  return {
    objects: objectChanges(before.objects, after.objects),
    files: fileChanges(before.others, after.others),
    findings: { appeared: without(after.findings, before.findings), gone: without(before.findings, after.findings) },
  };
}

/** Whether two outputs are the same. */
export function isEmpty({ objects, files, findings: { appeared, gone } }: Difference): boolean {
  return [objects, files, appeared, gone].every(({ length }) => length === 0);
}

function objectChanges(before: readonly MeshObject[], after: readonly MeshObject[]): readonly ObjectChange[] {
  const shared = new Set([...namesTwice(before), ...namesTwice(after)]);
  const pairs = paired(keyed(before, shared), keyed(after, shared));
  return pairs.flatMap(([old, now]) => objectChange(old, now)).sort(byConsequence);
}

/** Group, kind, namespace and name: an object is the same one under another version of its group. */
function identity({ group, kind, writtenNamespace, name }: MeshObject): string {
  return contentText([group, kind, writtenNamespace ?? "", name]);
}

function namesTwice(objects: readonly MeshObject[]): readonly string[] {
  const seen = new Set<string>();
  return objects.map(identity).filter((key) => seen.size === seen.add(key).size);
}

/** Objects by what they are. Of several that are one object, as those of two environments in one folder, the file and the turn tell as well. */
function keyed(objects: readonly MeshObject[], shared: ReadonlySet<string>): ReadonlyMap<string, MeshObject> {
  const turns = new Map<string, number>();
  return new Map(
    objects.map((object) => {
      const key = identity(object);
      if (!shared.has(key)) return [key, object];
      const place = `${key} ${object.origin.file}`;
      const turn = turns.get(place) ?? 0;
      turns.set(place, turn + 1);
      return [`${place} ${turn}`, object];
    }),
  );
}

function paired<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): readonly (readonly [T | undefined, T | undefined])[] {
  const added = [...after].filter(([key]) => !before.has(key)).map(([, now]) => [undefined, now] as const);
  return [...[...before].map(([key, old]) => [old, after.get(key)] as const), ...added];
}

function objectChange(before: MeshObject | undefined, after: MeshObject | undefined): readonly ObjectChange[] {
  const object = after ?? before;
  if (object === undefined) return [];
  const fields = before === undefined || after === undefined ? [] : valueChanges(before.data, after.data);
  const change = changeOf(before, after);
  if (change === "changed" && fields.length === 0) return [];
  const { apiVersion, kind, group, writtenNamespace: namespace, name } = object;
  const isSecret = isSecretObject(object);
  return [
    {
      resource: { apiVersion, kind, ...(namespace !== undefined && { namespace }), name },
      change,
      consequences: consequencesOf({
        group,
        kind,
        fields,
        ...(before !== undefined && { before: before.data }),
        ...(after !== undefined && { after: after.data }),
      }),
      fields: fields.map((field) => concealedChange(field, isSecret)),
    },
  ];
}

function changeOf(before: unknown, after: unknown): Change {
  if (before === undefined) return "added";
  return after === undefined ? "removed" : "changed";
}

const changes: readonly Change[] = ["removed", "changed", "added"];

function byConsequence(a: ObjectChange, b: ObjectChange): number {
  const rank = ({ consequences: [worst] }: ObjectChange): number => (worst === undefined ? levels.length : levels.indexOf(worst.level));
  return rank(a) - rank(b) || changes.indexOf(a.change) - changes.indexOf(b.change) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

function nameOf({ resource: { namespace = "", kind, name } }: ObjectChange): string {
  return `${namespace} ${kind} ${name}`;
}

function fileChanges(before: readonly OtherContent[], after: readonly OtherContent[]): readonly FileChange[] {
  const byPath = (contents: readonly OtherContent[]): ReadonlyMap<string, OtherContent> =>
    new Map(contents.map((content) => [content.path, content]));
  return paired(byPath(before), byPath(after))
    .flatMap(([old, now]) => fileChange(old, now))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function fileChange(before: OtherContent | undefined, after: OtherContent | undefined): readonly FileChange[] {
  const content = after ?? before;
  if (content === undefined) return [];
  const change = changeOf(before, after);
  const fields = before === undefined || after === undefined ? [] : valueChanges(before.content, after.content);
  if (change === "changed" && fields.length === 0) return [];
  const { path, form } = content;
  return [{ path, change, form, fields: form === "bytes" ? [] : fields.map((field) => concealedChange(field, false)) }];
}

function without(findings: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const known = new Set(others.map(contentText));
  return findings.filter((finding) => !known.has(contentText(finding)));
}
