import type { Finding } from "../core/finding";
import { minorNumber } from "../istio/catalogue";
import type { Releases } from "../istio/release";
import { type MeshObject, objectName } from "./mesh-object";
import type { ObjectGraph } from "./object-graph";
import type { Rule, RuleFinding, RuleText, RuleVersions } from "./rule";
import { rulePagePath } from "./rule-page";
import { ruleFailed } from "./rules/general/mg0001-rule-failed";
import { suppressionOfNothing } from "./rules/general/mg0002-suppression-of-nothing";
import { annotatedCodes, suppressionOf, suppressionPrefix } from "./suppression";

/** What all rules find in a graph: by object, in the order of the objects, then in the order of the rules. */
export function runRules(graph: ObjectGraph, rules: readonly Rule[], ignored: Readonly<Record<string, string>> = {}): readonly Finding[] {
  const order = new Map(graph.objects.map((object, index) => [object, index]));
  const running = rules.filter(({ versions = {} }) => isTrueOf(versions, graph.surroundings.releases));
  const found = running.flatMap((rule) => resultOf(rule, graph));
  return [...found, ...suppressionsOfNothing(graph, running, found)]
    .map(({ rule, result }) => ({ at: order.get(result.object) ?? order.size, finding: findingOf(rule, result, ignored) }))
    .sort((a, b) => a.at - b.at)
    .map(({ finding }) => finding);
}

interface Found {
  readonly rule: RuleText;
  readonly result: RuleFinding;
}

/** Annotations that accept a code of a rule that ran, and found nothing on the object. */
function suppressionsOfNothing(graph: ObjectGraph, rules: readonly Rule[], found: readonly Found[]): readonly Found[] {
  const ran = new Set(rules.map(({ code }) => code));
  const codes = new Map<MeshObject, Set<string>>();
  for (const { rule, result } of found) codes.set(result.object, (codes.get(result.object) ?? new Set()).add(rule.code));
  return graph.objects.flatMap((object) =>
    annotatedCodes(object)
      .filter((code) => ran.has(code) && codes.get(object)?.has(code) !== true)
      .map((code) => {
        const field = `metadata.annotations["${suppressionPrefix}${code}"]`;
        return {
          rule: suppressionOfNothing,
          result: { object, field, message: `accepts ${code}, and nothing of this code is found here.` },
        };
      }),
  );
}

/** A rule that fails on objects nobody thought of must not take the others with it. */
function resultOf(rule: Rule, graph: ObjectGraph): readonly Found[] {
  const results: RuleFinding[] = [];
  try {
    for (const result of rule.check(graph)) results.push(result);
  } catch (error) {
    const [object] = graph.objects;
    const message = `the rule ${rule.code} failed: ${error instanceof Error ? error.message : String(error)}. What it would have found is not known.`;
    if (object !== undefined) return [...results.map((result) => ({ rule, result })), { rule: ruleFailed, result: { object, message } }];
  }
  return results.map((result) => ({ rule, result }));
}

function isTrueOf({ istioFrom, istioBefore, kubernetesFrom, kubernetesBefore }: RuleVersions, { istio, kubernetes }: Releases): boolean {
  const minor = minorNumber(istio.minor);
  return (
    (istioFrom === undefined || minor >= minorNumber(istioFrom)) &&
    (istioBefore === undefined || minor < minorNumber(istioBefore)) &&
    (kubernetesFrom === undefined || kubernetes.minor >= kubernetesFrom) &&
    (kubernetesBefore === undefined || kubernetes.minor < kubernetesBefore)
  );
}

function findingOf(
  rule: RuleText,
  { object, field, message, fix, severity }: RuleFinding,
  ignored: Readonly<Record<string, string>>,
): Finding {
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
    link: rulePagePath(rule.code),
    ...(suppressed !== undefined && { suppressed }),
  };
}
