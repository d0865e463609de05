import { type Data, record } from "../checks/fields";
import { isRecord } from "../core/check";

/** One operation of a JSON Patch (RFC 6902). */
export interface Patch {
  readonly operation: "add" | "replace";
  readonly path: string;
  readonly value: unknown;
}

/** What an ApiObject is given, and what is put right afterwards, so that it renders the data that was asked for. */
export interface PatchedData {
  readonly data: Data;
  readonly patches: readonly Patch[];
}

/** Names of fields with which cdk8s does not take an object for data, or loses the field. */
const odd: readonly string[] = ["__proto__", "constructor"];

/**
 * Data that cdk8s leaves as it is, and patches for what it would change: it drops fields that are null, in metadata those that are empty too.
 *
 * @param namespace - namespace of the chart, which gives it to its objects
 */
export function patchedData(data: Data, namespace: string | undefined): PatchedData {
  const { apiVersion, kind, metadata, ...rest } = data;
  const body = patchedMap(rest, "");
  const head = patchedMetadata(metadata, namespace);
  return { data: { apiVersion, kind, ...head.data, ...body.data }, patches: [...head.patches, ...body.patches] };
}

function patchedMetadata(metadata: unknown, namespace: string | undefined): PatchedData {
  const { name, namespace: written, ...rest } = record(metadata);
  const given = written === undefined || written === namespace ? {} : { namespace: written };
  if (typeof name === "string" && typeof (written ?? "") === "string" && isPlainMetadata(rest))
    return { data: { metadata: { name, ...given, ...rest } }, patches: [] };
  return {
    data: { metadata: typeof name === "string" ? { name } : {} },
    patches: [{ operation: "replace", path: "/metadata", value: metadata }],
  };
}

/** Whether cdk8s takes metadata for what it is, and its types do so too. */
function isPlainMetadata({ labels, annotations, finalizers, ownerReferences, ...rest }: Data): boolean {
  return (
    [labels, annotations].every((map) => map === undefined || (isRecord(map) && Object.values(map).every(isText) && isFull(map))) &&
    (finalizers === undefined || (Array.isArray(finalizers) && finalizers.every(isText) && isFull(finalizers))) &&
    (ownerReferences === undefined || (Array.isArray(ownerReferences) && ownerReferences.every(isOwner) && isFull(ownerReferences))) &&
    isFull(rest, true)
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isOwner(owner: unknown): boolean {
  const { apiVersion, kind, name, uid, blockOwnerDeletion = false, controller = false } = record(owner);
  return [apiVersion, kind, name, uid].every(isText) && typeof blockOwnerDeletion === "boolean" && typeof controller === "boolean";
}

/** Whether nothing in a value is null, empty or has an odd name. */
function isFull(value: unknown, mayBeEmpty: boolean = false): boolean {
  if (value === null) return false;
  if (typeof value !== "object") return true;
  const entries = Object.entries(value);
  return (mayBeEmpty || entries.length > 0) && entries.every(([name, inner]) => !odd.includes(name) && isFull(inner));
}

function patchedMap(map: Data, path: string): PatchedData {
  if (odd.some((name) => Object.hasOwn(map, name))) return { data: {}, patches: [{ operation: "replace", path, value: map }] };
  const patches: Patch[] = [];
  const data: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(map)) {
    const at = `${path}/${pointer(name)}`;
    if (value === null) patches.push({ operation: "add", path: at, value });
    else data[name] = patchedValue(value, at, patches);
  }
  return { data, patches };
}

function patchedValue(value: unknown, path: string, patches: Patch[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => patchedValue(item, `${path}/${index}`, patches));
  if (!isRecord(value)) return value;
  const patched = patchedMap(value, path);
  patches.push(...patched.patches);
  return patched.data;
}

/** A field's name as a step of a JSON Pointer (RFC 6901). */
function pointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
