import { isDeepStrictEqual } from "node:util";
import { list, record } from "../checks/fields";
import { type MeshObject, objectName } from "../checks/mesh-object";
import { isRecord } from "../core/check";
import { join, type Problem, problem } from "../core/problem";

/** An object that does not become part of a program. */
export interface LeftOut {
  readonly object: MeshObject;
  /** Why, and what to do about it. One sentence. */
  readonly why: string;
}

/** Why an object does not belong into a program; undefined when it does. */
export function leftOutReason(object: MeshObject): string | undefined {
  const { kind, data } = object;
  if (isSecret(object)) return "a program is committed, and a Secret must not be: bring it by External Secrets, Sealed Secrets or by hand.";
  if (nodeKinds.includes(kind)) return "it configures a program on a node, and no cluster takes it.";
  if (!hasOwnName(object)) return "it has no name of its own: istioctl takes it, and no cluster does.";
  const owner = list(record(data.metadata).ownerReferences)
    .map(record)
    .find(({ controller }) => controller === true);
  return owner && `${owner.kind} ${owner.name} makes it, and would make it again.`;
}

/** Whether an object holds what must not be committed. */
export function isSecret({ apiVersion, kind }: MeshObject): boolean {
  return apiVersion === "v1" && kind === "Secret";
}

const nodeKinds: readonly string[] = ["KubeletConfiguration", "KubeProxyConfiguration"];

/** An IstioOperator need not have a name; the reader of files names it after its file. */
function hasOwnName({ kind, origin: { position } }: MeshObject): boolean {
  if (kind !== "IstioOperator" || position === undefined) return true;
  return !isDeepStrictEqual(position("metadata.name"), position("metadata"));
}

/** Why objects cannot be kept exactly: two of them are one to the cluster, or one holds what TypeScript cannot carry. */
export function objectProblems(objects: readonly MeshObject[]): readonly Problem[] {
  return [...duplicates(objects), ...objects.flatMap(valueProblems)];
}

function duplicates(objects: readonly MeshObject[]): readonly Problem[] {
  const first = new Map<string, MeshObject>();
  return objects.flatMap((object) => {
    const identity = JSON.stringify([object.group, object.kind, object.writtenNamespace, object.name]);
    const other = first.get(identity);
    if (other === undefined) first.set(identity, object);
    return other === undefined
      ? []
      : [
          {
            path: objectName(object),
            message: `it is in ${placeOf(other)} and in ${placeOf(object)}, and a cluster has one. Name one of them only.`,
          },
        ];
  });
}

function placeOf({ origin: { file = "a file", position } }: MeshObject): string {
  const line = position?.("")?.line;
  return line === undefined ? file : `${file}:${line}`;
}

function valueProblems(object: MeshObject): readonly Problem[] {
  const group = object.apiVersion.split("/").length > 2 ? [problem("apiVersion", object.apiVersion, "GROUP/VERSION")] : [];
  return [...group, ...inexact("", object.data)].map(({ path, message }) => ({ path: `${objectName(object)} ${path}`, message }));
}

/** Whole numbers of more digits than a number of JavaScript holds: what was read is not what was written. */
function inexact(path: string, value: unknown): readonly Problem[] {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    return [problem(path, value, "a number below 2^53", "What was written has more digits than can be kept.")];
  if (Array.isArray(value)) return value.flatMap((item, index) => inexact(join(path, index), item));
  return isRecord(value) ? Object.entries(value).flatMap(([name, field]) => inexact(join(path, name), field)) : [];
}
