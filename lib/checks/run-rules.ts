import type { Finding } from "../core/finding";
import { minorNumber } from "../istio/catalogue";
import type { Releases } from "../istio/release";
import { objectName } from "./mesh-object";
import type { ObjectGraph } from "./object-graph";
import type { Rule, RuleFinding, RuleVersions } from "./rule";
import { suppressionOf } from "./suppression";

/** Codes that the run itself gives. */
const ruleFailed = "MG0001";

/** What all rules find in a graph: by object, in the order of the objects, then in the order of the rules. */
export function runRules(graph: ObjectGraph, rules: readonly Rule[], ignored: Readonly<Record<string, string>> = {}): readonly Finding[] {
  const order = new Map(graph.objects.map((object, index) => [object, index]));
  const found = rules
    .filter(({ versions = {} }) => isTrueOf(versions, graph.surroundings.releases))
    .flatMap((rule) => resultOf(rule, graph));
  return found
    .map(({ rule, result }) => ({ at: order.get(result.object) ?? order.size, finding: findingOf(rule, result, ignored) }))
    .sort((a, b) => a.at - b.at)
    .map(({ finding }) => finding);
}

interface Found {
  readonly rule: Rule;
  readonly result: RuleFinding;
}

/** A rule that fails on objects nobody thought of must not take the others with it. */
function resultOf(rule: Rule, graph: ObjectGraph): readonly Found[] {
  const results: RuleFinding[] = [];
  try {
    for (const result of rule.check(graph)) results.push(result);
  } catch (error) {
    const [object] = graph.objects;
    const message = `the rule ${rule.code} failed: ${error instanceof Error ? error.message : String(error)}. What it would have found is not known.`;
    if (object !== undefined) return [...results.map((result) => ({ rule, result })), { rule: failed, result: { object, message } }];
  }
  return results.map((result) => ({ rule, result }));
}

const failed: Pick<Rule, "code" | "title" | "severity" | "fix"> & Rule = {
  code: ruleFailed,
  title: "a rule failed",
  severity: "error",
  consequence: "",
  fix: "Report it with the objects that it failed on; to go on without the rule, ignore its code.",
  example: { bad: "", good: "" },
  check: () => [],
};

function isTrueOf({ istioFrom, istioBefore, kubernetesFrom, kubernetesBefore }: RuleVersions, { istio, kubernetes }: Releases): boolean {
  const minor = minorNumber(istio.minor);
  return (
    (istioFrom === undefined || minor >= minorNumber(istioFrom)) &&
    (istioBefore === undefined || minor < minorNumber(istioBefore)) &&
    (kubernetesFrom === undefined || kubernetes.minor >= kubernetesFrom) &&
    (kubernetesBefore === undefined || kubernetes.minor < kubernetesBefore)
  );
}

function findingOf(rule: Rule, { object, field, message, fix, severity }: RuleFinding, ignored: Readonly<Record<string, string>>): Finding {
  const { origin, kind, name, apiVersion, writtenNamespace } = object;
  const position = origin.position?.(field ?? "");
  const suppressed = suppressionOf(object, rule.code) ?? ignored[rule.code];
  return {
    code: rule.code,
    severity: severity ?? rule.severity,
    path: origin.path ?? objectName(object),
    resource: { apiVersion, kind, ...(writtenNamespace !== undefined && { namespace: writtenNamespace }), name },
    ...(field !== undefined && { field }),
    ...(origin.file !== undefined && { file: origin.file }),
    ...position,
    message,
    fix: fix ?? rule.fix,
    link: `docs/rules/${rule.code}.md`,
    ...(suppressed !== undefined && { suppressed }),
  };
}
