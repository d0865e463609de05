import { isDeepStrictEqual } from "node:util";
import { record } from "../checks/fields";
import type { MeshObject } from "../checks/mesh-object";

/** Whether rendered objects are, in any order, the same data as those that were read. */
export function isSame(objects: readonly MeshObject[], rendered: readonly unknown[]): boolean {
  const left = new Map(rendered.map((data) => [identityOf(data), data]));
  return (
    left.size === objects.length &&
    rendered.length === objects.length &&
    objects.every(({ data }) => isDeepStrictEqual(left.get(identityOf(data)), structuredClone(data)))
  );
}

function identityOf(data: unknown): string {
  const { apiVersion, kind, metadata } = record(data);
  const { name, namespace } = record(metadata);
  return JSON.stringify([apiVersion, kind, namespace, name]);
}
