import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuleGroup } from "../../lib/prometheus/rule-group";
import { temporaryFolder } from "../support/temporary";

/** Labels of a series, without its name. */
type Labels = Readonly<Record<string, string>>;

/** An alert that fires: all its labels but its name, and its annotations where they are part of the promise. */
export interface ExpectedAlert {
  /** Every label: the rule's own, and those of the series that raised it. */
  readonly labels: Labels;
  /** Every annotation, its templates filled in. @default - annotations are not looked at, if no expected alert of the case names any */
  readonly annotations?: Labels;
}

/** What rules, or a query alone, must make of some series. */
export interface RuleCase {
  /** The promise; a failure names the file that is called after it. */
  readonly name: string;
  /** What is scraped: values by series, in promtool's notation. `"0+10x6"` is 0, 10, … 60. */
  readonly series: Labels;
  /** Time between two values of a series, and between two evaluations of the rules. @default "15s" */
  readonly every?: string;
  /** Alerts that fire at a time after the start, by the alert's name: none, where the list is empty. @default none are looked at */
  readonly alerts?: readonly { readonly at: string; readonly alert: string; readonly fires: readonly ExpectedAlert[] }[];
  /** What a query answers at a time after the start: a value by series (`{}` has no label), or nothing. @default none are asked */
  readonly answers?: readonly { readonly at: string; readonly query: string; readonly is: Readonly<Record<string, number>> }[];
}

/** Says what `promtool check rules` says against rules. Throws it when it is anything. */
export function checkRules(groups: readonly RuleGroup[]): void {
  const home = temporaryFolder("promtool");
  promtool(home, ["check", "rules", "--lint-fatal", write(home, "rules.json", { groups })]);
}

/** Runs `promtool test rules`, and throws what it says when a case does not come out. */
export function testRules(groups: readonly RuleGroup[], cases: readonly RuleCase[]): void {
  const home = temporaryFolder("promtool");
  const rules = { whole: write(home, "rules.json", { groups }), bare: write(home, "bare-rules.json", { groups: groups.map(bare) }) };
  const files = cases.map((one, index) => {
    const file = hasAnnotations(one) ? rules.whole : rules.bare;
    return write(home, `${index}-${one.name.replace(/[^A-Za-z0-9]+/g, "-")}.json`, {
      rule_files: [file],
      evaluation_interval: one.every ?? "15s",
      tests: [testOf(one)],
    });
  });
  promtool(home, ["test", "rules", ...files]);
}

/** Rules whose expressions lack a part, or have another in its place. Throws when none of them has it. */
export function without(groups: readonly RuleGroup[], guard: RegExp, instead: string = ""): readonly RuleGroup[] {
  const changed = groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({ ...rule, expr: rule.expr.replaceAll(new RegExp(guard, "g"), instead) })),
  }));
  if (JSON.stringify(changed) === JSON.stringify(groups)) throw new Error(`no rule has ${guard}`);
  return changed;
}

/** Annotations have to be expected word for word: where nobody does, the rules go without. */
function bare(group: RuleGroup): RuleGroup {
  return { ...group, rules: group.rules.map((rule) => ("alert" in rule ? { ...rule, annotations: {} } : rule)) };
}

function hasAnnotations({ alerts = [] }: RuleCase): boolean {
  return alerts.some(({ fires }) => fires.some(({ annotations }) => annotations !== undefined));
}

/** A case in promtool's own form. */
function testOf({ name, series, every = "15s", alerts = [], answers = [] }: RuleCase): object {
  return {
    name,
    interval: every,
    input_series: Object.entries(series).map(([labelled, values]) => ({ series: labelled, values })),
    alert_rule_test: alerts.map(({ at, alert, fires }) => ({
      eval_time: at,
      alertname: alert,
      exp_alerts: fires.map(({ labels, annotations = {} }) => ({ exp_labels: labels, exp_annotations: annotations })),
    })),
    promql_expr_test: answers.map(({ at, query, is }) => ({
      eval_time: at,
      expr: query,
      exp_samples: Object.entries(is).map(([labels, value]) => ({ labels, value })),
    })),
  };
}

/** YAML takes JSON. */
function write(home: string, name: string, content: object): string {
  const file = join(home, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function promtool(home: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync("promtool", args, { cwd: home, encoding: "utf8", timeout: 100_000 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`promtool ${args.slice(0, 2).join(" ")}:\n${stdout}${stderr}`);
}
