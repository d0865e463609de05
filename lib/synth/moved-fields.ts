import { type FieldPath, movedFieldsOf } from "../core/moved-fields";
import type { KubernetesObject } from "./kubernetes-object";
import { autoscaled } from "./object-references";
import type { WrittenObject } from "./written-object";

/** For each object the fields that controllers move, sorted: those that were declared, and the number of pods where an autoscaler is in the list. */
export function movedFields(objects: readonly WrittenObject[]): readonly (readonly FieldPath[])[] {
  const scaled = autoscaled(objects.map(({ data }) => data as KubernetesObject));
  return objects.map(({ construct }, index) =>
    [...new Set([...movedFieldsOf(construct), ...(scaled.has(index) ? ["spec.replicas"] : [])])].sort(),
  );
}
