import { isRecord } from "../core/check";
import type { FieldPath } from "../core/moved-fields";
import type { HelmRelease } from "../mesh/helm-values";
import { groupOf, type KubernetesObject } from "./kubernetes-object";
import { movedFields } from "./moved-fields";
import type { WrittenObject } from "./written-object";

/**
 * Fields of objects in which Argo CD takes a difference for none.
 *
 * Never by `managedFieldsManagers`: of a VirtualService the list of routes is one field to the API server, and it belongs to the controller that once
 * moved a weight in it. From then on no change of a route would be seen.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/
 */
export interface IgnoredDifference {
  /** API group of the objects. @default - the core group */
  readonly group?: string;
  /** Kind of the objects. */
  readonly kind: string;
  /** Name of the object. @default - every object of the kind */
  readonly name?: string;
  /** Namespace of the object. @default - any */
  readonly namespace?: string;
  /** The fields, as paths of jq. */
  readonly jqPathExpressions: readonly string[];
}

/** The fields of a tree's objects that controllers move. */
export function movedDifferences(objects: readonly WrittenObject[]): readonly IgnoredDifference[] {
  const moved = movedFields(objects);
  return objects.flatMap(({ data }, index) => {
    const fields = moved[index] ?? [];
    if (fields.length === 0) return [];
    const object = data as KubernetesObject;
    const { name, namespace } = object.metadata;
    const group = groupOf(object);
    return [
      {
        ...(group !== "" && { group }),
        kind: object.kind,
        name,
        ...(namespace !== undefined && { namespace }),
        jqPathExpressions: fields.map(jqPath),
      },
    ];
  });
}

/**
 * Objects with a list that Argo CD leaves as it is once a controller moves a field in it: it keeps moved fields by keeping the live list, so what Git
 * changes in the list does not arrive.
 *
 * @see https://github.com/argoproj/argo-cd/issues/25284
 */
export function frozenLists(differences: readonly IgnoredDifference[]): readonly string[] {
  return differences.flatMap(({ kind, name, namespace, jqPathExpressions }) => {
    const lists = new Set(jqPathExpressions.flatMap((path) => /^(.*?)\[(?:\d|\])/.exec(path)?.[1] ?? []));
    return [...lists].map((list) => `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name} ${list}`);
  });
}

/** What istiod writes into its own webhooks once it is up. */
export function webhookDifferences({ chart, values }: HelmRelease): readonly IgnoredDifference[] {
  if (chart !== "base" && chart !== "istiod") return [];
  const group = "admissionregistration.k8s.io";
  const caBundle = ".webhooks[]?.clientConfig.caBundle";
  // From Istio 1.30 on the charts can begin with istiod's own policy.
  const steady = isRecord(values.base) && values.base.validationFailurePolicy === "Fail";
  return [
    { group, kind: "ValidatingWebhookConfiguration", jqPathExpressions: [caBundle, ...(steady ? [] : [".webhooks[]?.failurePolicy"])] },
    ...(chart === "istiod" ? [{ group, kind: "MutatingWebhookConfiguration", jqPathExpressions: [caBundle] }] : []),
  ];
}

/** `.spec.http[]?.route[]?.weight` of `spec.http[*].route[*].weight`: without the question mark an object that lacks the list is an error to jq. */
function jqPath(path: FieldPath): string {
  return `.${path.replaceAll("[*]", "[]?")}`;
}
