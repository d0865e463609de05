import type { Construct } from "constructs";
import type { Artefact } from "../core/artefact";
import { type Problem, problem, refuse } from "../core/problem";
import { yamlDocument } from "../core/yaml";
import { type RuleGroup, ruleGroupsOf } from "./rule-group";

/** Trees in which a construct brings the rules to Prometheus. */
const owned = new WeakSet<object>();

/** Says that a construct of the tree brings the rules to Prometheus. */
export function claimRules(construct: Construct): void {
  owned.add(construct.node.root);
}

/** Whether a construct of the tree brings the rules to Prometheus. */
export function areRulesClaimed(construct: Construct): boolean {
  return owned.has(construct.node.root);
}

/** Rule files of a tree in which nobody brings the rules to Prometheus: they are written all the same, or an alert that a release counts on is lost. */
export function unclaimedRuleFiles(root: Construct): readonly Artefact[] {
  return areRulesClaimed(root) ? [] : ruleFiles(root);
}

/**
 * A rule file for each group of a tree, as `rule_files` takes them.
 *
 * @throws InvalidInput when two groups are one file.
 */
export function ruleFiles(scope: Construct): readonly Artefact[] {
  return distinctRuleGroups(scope).map((group) => ({ path: pathOf(group), content: yamlDocument({ groups: [group] }) }));
}

/**
 * Every rule group of a tree, each with a name of its own.
 *
 * @throws InvalidInput when two groups share a name, or would share a file.
 */
export function distinctRuleGroups(scope: Construct): readonly RuleGroup[] {
  const groups = ruleGroupsOf(scope);
  refuse("rules", sharedNames(groups));
  return groups;
}

function sharedNames(groups: readonly RuleGroup[]): readonly Problem[] {
  const seen = new Map<string, string>();
  return groups.flatMap((group) => {
    const other = seen.get(pathOf(group));
    seen.set(pathOf(group), group.name);
    return other === undefined ? [] : [problem("name", group.name, `a group whose file is not that of ${JSON.stringify(other)}`)];
  });
}

/** Names of groups may hold anything; names of files may not, and some systems do not tell cases apart. */
function pathOf({ name }: RuleGroup): string {
  return `prometheus/rules/${name.replace(/[^\w.-]+/g, "-").toLowerCase()}.yaml`;
}
