import type { Construct } from "constructs";
import { type Check, matching } from "./check";
import { join, refuse } from "./problem";

/**
 * Path of a field in an object, from its top: names joined by dots, list items by their index or `[*]` for all of them, other keys in quotes.
 * `spec.http[*].route[*].weight`, `spec.subsets[*].labels["rollouts-pod-template-hash"]`.
 */
export type FieldPath = string;

const fieldPath: Check = matching(
  /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:\*|\d{1,6}|"[\w./-]{1,317}")\])*$/,
  "the path of a field, such as spec.http[*].route[*].weight",
  1_000,
);

const fieldsOf = new WeakMap<object, Set<FieldPath>>();

/**
 * Declares which fields of an object a controller moves once the object is there: a delivery controller the weights of a route, an
 * autoscaler the number of pods.
 *
 * What is declared is still written when the object is made. From then on it belongs to the controller: who deploys the object takes a
 * difference there for no difference.
 *
 * @throws InvalidInput for a path that is none.
 * @example
 * ```ts
 * import { ApiObject, App, Chart } from "cdk8s";
 * import { declareMovedFields } from "meshground";
 *
 * const chart = new Chart(new App(), "shop");
 * const consumers = new ApiObject(chart, "consumers", { apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: 2 } });
 * declareMovedFields(consumers, "spec.replicas"); // an autoscaler outside the tree moves it
 * ```
 */
export function declareMovedFields(object: Construct, ...paths: readonly FieldPath[]): void {
  refuse(
    object.node.path,
    paths.flatMap((path, index) => fieldPath(join("paths", index), path)),
  );
  const declared = fieldsOf.get(object) ?? new Set();
  fieldsOf.set(object, declared);
  for (const path of paths) declared.add(path);
}

/** The fields of an object that a controller moves, sorted. */
export function movedFieldsOf(object: Construct): readonly FieldPath[] {
  return [...(fieldsOf.get(object) ?? [])].sort();
}
