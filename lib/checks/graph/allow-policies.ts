import { record, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { meshConfig } from "./mesh-config";
import { type LabelSelector, labelSelector, SelectorIndex } from "./selector-index";
import type { Workload } from "./workloads";

/** Policies that let callers in, by what they hold for. */
interface AllowPolicies {
  readonly rootNamespace: string;
  /** Those without a selector, by namespace. */
  readonly wide: ReadonlyMap<string, readonly MeshObject[]>;
  readonly selecting: SelectorIndex<MeshObject>;
}

/** The AuthorizationPolicies that let callers in and are enforced: ALLOW, no dry run, for workloads rather than for a Gateway or a Service. */
export function enforcedAllowPolicies(graph: ObjectGraph): readonly MeshObject[] {
  return graph.of("AuthorizationPolicy").filter(({ spec, annotations }) => {
    const action = text(spec.action) ?? "ALLOW";
    const elsewhere = spec.targetRef !== undefined || spec.targetRefs !== undefined;
    return action === "ALLOW" && !elsewhere && !isTrue(annotations["istio.io/dry-run"] ?? "");
  });
}

/** The workloads that a policy selects; an empty selector means all of its namespace, in the root namespace all of the mesh. */
function policySelector({ spec }: MeshObject): LabelSelector {
  return labelSelector(record(spec.selector).matchLabels);
}

/** ALLOW policies that hold for a workload. As soon as there is one, whatever none of them lets in is refused. */
export function allowPoliciesOf(graph: ObjectGraph, { namespace, labels }: Workload): readonly MeshObject[] {
  const { rootNamespace, wide, selecting } = graph.derive(allowPolicies);
  const around = namespace === rootNamespace ? [namespace] : [rootNamespace, namespace];
  return around.flatMap((place) => [...(wide.get(place) ?? []), ...selecting.selecting(place, labels)]);
}

function allowPolicies(graph: ObjectGraph): AllowPolicies {
  const wide = new Map<string, MeshObject[]>();
  const narrow: MeshObject[] = [];
  for (const object of graph.derive(enforcedAllowPolicies)) {
    const selector = policySelector(object);
    if (selector === "unreadable" || Object.keys(selector).length > 0) {
      narrow.push(object);
      continue;
    }
    const list = wide.get(object.namespace);
    if (list === undefined) wide.set(object.namespace, [object]);
    else list.push(object);
  }
  const selecting = new SelectorIndex(narrow, policySelector, ({ namespace }) => namespace);
  return { rootNamespace: graph.derive(meshConfig).rootNamespace, wide, selecting };
}

/** As Go reads a truth. */
export function isTrue(value: string): boolean {
  return ["1", "t", "T", "TRUE", "true", "True"].includes(value);
}

/** As Go reads a falsehood: what is neither is no setting at all. */
export function isFalse(value: string): boolean {
  return ["0", "f", "F", "FALSE", "false", "False"].includes(value);
}

/** Rules of a policy, with the field that each stands in. */
export function policyRules({ spec }: MeshObject): readonly { readonly rule: Readonly<Record<string, unknown>>; readonly field: string }[] {
  return records(spec.rules).map((rule, index) => ({ rule, field: `spec.rules[${index}]` }));
}
