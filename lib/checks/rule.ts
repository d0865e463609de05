import type { Severity } from "../core/finding";
import type { MeshObject } from "./mesh-object";
import type { ObjectGraph } from "./object-graph";

/** Something that a rule found. */
export interface RuleFinding {
  /** The object that it is about: the one to change. */
  readonly object: MeshObject;
  /** Path of the field in the object: `spec.http[0].route[1].destination.subset`. @default - the object as a whole */
  readonly field?: string;
  /** What is wrong here, and what happens because of it. One or two sentences that name the values. */
  readonly message: string;
  /** What to do about it here. @default - the rule's */
  readonly fix?: string;
  /** How much it matters here. @default - the rule's */
  readonly severity?: Severity;
}

/** What a code means: the text of its page. */
export interface RuleText {
  /** Stable: Istio's own (`IST0101`) where Istio has one, Kiali's (`KIA0201`) where Kiali has, else `MG…`, or one of the user's own. */
  readonly code: string;
  /** What is wrong, in a few words, lower case, without a full stop. */
  readonly title: string;
  /** How much it matters unless a finding says otherwise. */
  readonly severity: Severity;
  /** What breaks in production because of it. Sentences. */
  readonly consequence: string;
  /** What to do about it. Sentences. */
  readonly fix: string;
  /** Releases that it is true of. @default - all */
  readonly versions?: RuleVersions;
  /** Further reading: primary sources. */
  readonly see?: readonly string[];
  /** What it finds, and the same put right: YAML, and what else has to be known. @default - nothing that YAML could show */
  readonly example?: RuleExample;
}

/**
 * One thing that breaks in production and can be seen in the objects.
 *
 * A rule is pure: it looks at a graph and yields what it finds, in the order of the objects. Objects come from outside, so any field may hold
 * anything; a rule passes over what it cannot read. It takes time linear in the number of objects: what it looks up, it looks up in an
 * index that `graph.derive` makes once.
 *
 * @example
 * ```ts
 * import type { Rule } from "meshground";
 *
 * export const ownedService: Rule = {
 *   code: "SHOP001",
 *   title: "service without an owner",
 *   severity: "warning",
 *   consequence: "Nobody is called when it is down.",
 *   fix: "Set the label owner on the Service.",
 *   example: {
 *     bad: "apiVersion: v1\nkind: Service\nmetadata: { name: pricing }\n",
 *     good: "apiVersion: v1\nkind: Service\nmetadata: { name: pricing, labels: { owner: prices } }\n",
 *   },
 *   *check(graph) {
 *     for (const object of graph.of("Service")) {
 *       if (object.labels.owner === undefined) yield { object, field: "metadata.labels", message: `nobody owns ${object.name}.` };
 *     }
 *   },
 * };
 * ```
 */
export interface Rule extends RuleText {
  readonly example: RuleExample;
  /** Yields what it finds. Pure; takes time linear in the number of objects. */
  readonly check: (graph: ObjectGraph) => Iterable<RuleFinding>;
}

/** Releases that a rule is true of. */
export interface RuleVersions {
  /** First minor of Istio: `"1.20"`. @default - every older one too */
  readonly istioFrom?: string;
  /** First minor of Istio that it is no longer true of. @default - every newer one too */
  readonly istioBefore?: string;
  /** First minor of Kubernetes. Unit: the number after `1.`. */
  readonly kubernetesFrom?: number;
  /** First minor of Kubernetes that it is no longer true of. */
  readonly kubernetesBefore?: number;
}

/** An example of a rule, for its page and its test. */
export interface RuleExample {
  /** YAML in which the rule finds something. */
  readonly bad: string;
  /** YAML in which the rule finds nothing, and no rule an error. */
  readonly good: string;
  /** Release of Istio that the example is for. @default - the newest that the rule is true of */
  readonly istio?: string;
  /** Release of Kubernetes that the example is for. @default - the newest that this Istio supports */
  readonly kubernetes?: string;
  /** MeshConfig, as YAML. */
  readonly meshConfig?: string;
  /** Day of the check, ISO date. */
  readonly today?: string;
  /** Countries of residency. */
  readonly residency?: readonly string[];
  /** What is declared to live outside. */
  readonly externals?: readonly string[];
}
