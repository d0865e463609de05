import type { Construct } from "constructs";

/** A rule that Prometheus evaluates to a new series. */
export interface RecordingRule {
  /** Name of the series: `level:metric:operations`. */
  readonly record: string;
  /** PromQL. */
  readonly expr: string;
  /** Labels that the series gets. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A rule that raises an alert for each series that its expression yields. */
export interface AlertingRule {
  /** Name of the alert. */
  readonly alert: string;
  /** PromQL. */
  readonly expr: string;
  /** How long it must hold without a gap, in Prometheus' own form: `30s`, `5m`. @default - not at all */
  readonly for?: string;
  /** Labels of the alert; `severity` is one. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Texts for people; templates of Prometheus' in them are filled in. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Rules that are evaluated one after the other, as Prometheus' rule files and PrometheusRule objects hold them. */
export interface RuleGroup {
  /** Name of the group; one of a kind in a tree. */
  readonly name: string;
  /** How often it is evaluated, in Prometheus' own form. @default - Prometheus' `evaluation_interval` */
  readonly interval?: string;
  /** The rules, in order. */
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** What yields the rules of each tree, in the order of declaration. */
const renderersOf = new WeakMap<object, (() => readonly RuleGroup[])[]>();

/** Declares which rules a construct brings. Rendered when the tree is complete. */
export function declareRuleGroups(construct: Construct, render: () => readonly RuleGroup[]): void {
  const { root } = construct.node;
  const list = renderersOf.get(root) ?? [];
  renderersOf.set(root, list);
  list.push(render);
}

/** Every rule group of a tree, in the order of declaration. */
export function ruleGroupsOf(scope: Construct): readonly RuleGroup[] {
  return (renderersOf.get(scope.node.root) ?? []).flatMap((render) => render());
}
