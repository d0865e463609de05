import { record, records, text } from "../../fields";
import { exportsOf } from "../../graph/destination-rules";
import { distinct } from "../../graph/distinct";
import { fullHost } from "../../graph/hosts";
import { subsetNames } from "../../graph/subsets";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { Contenders } from "./contenders";

/** One subset of a host has one owner. */
export const rulesForOneSubset: Rule = {
  code: "KIA0201",
  title: "several DestinationRules for one host and subset",
  severity: "warning",
  consequence:
    "Istio puts the DestinationRules of a namespace for one host together. Of a subset that two of them have, and of two policies for the " +
    "whole host, it keeps the older one and drops the other without a word. Which one is older changes when an object is made anew.",
  fix: "Put what is said of the host into one DestinationRule, or give the subsets names of their own.",
  see: [
    "https://kiali.io/docs/features/validations/",
    "https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  subsets:
    - name: v1
      labels:
        version: v1
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing-canary
  namespace: shop
spec:
  host: pricing
  subsets:
    - name: v1
      labels:
        version: v1.0
    - name: v2
      labels:
        version: v2
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
`,
    externals: ["Service shop/pricing", "Pod shop/*"],
  },
  *check(graph) {
    for (const rules of graph.derive(putTogether).values()) if (rules.length > 1) yield* clashes(rules);
  },
};

/** DestinationRules that Istio puts together: those of one namespace, host and workload selector. */
function putTogether(graph: ObjectGraph): ReadonlyMap<string, readonly MeshObject[]> {
  const groups = new Map<string, MeshObject[]>();
  for (const rule of distinct(graph.of("DestinationRule"))) {
    const { host, workloadSelector } = rule.spec;
    if (typeof host !== "string" || host === "") continue;
    const selector = Object.entries(record(record(workloadSelector).matchLabels)).sort();
    const key = JSON.stringify([rule.namespace, fullHost(host, rule.namespace), workloadSelector === undefined ? "" : selector]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [rule]);
    else group.push(rule);
  }
  return groups;
}

/**
 * What is said twice in rules for one host, each rule once.
 *
 * Two that both have subsets, share none and differ in the policy for the whole host are MG0315.
 */
function* clashes(rules: readonly MeshObject[]): Iterable<RuleFinding> {
  const subsets = contendersBySubset(rules);
  const whole = contendersForAll(rules);
  for (const object of rules) {
    const shared = subsetNames(object).find((name) => subsets.get(name)?.rivalsOf(object) !== undefined);
    const host = text(object.spec.host);
    if (shared === undefined) {
      const others = whole(object)?.rivalsOf(object);
      if (others !== undefined)
        yield { object, field: "spec.host", message: `${others} is for all of ${host} as well: of two policies only the older one holds.` };
      continue;
    }
    const index = records(object.spec.subsets).findIndex(({ name }) => name === shared);
    const message = `${subsets.get(shared)?.rivalsOf(object)} has a subset ${shared} of ${host} as well: only the older one holds.`;
    yield { object, field: `spec.subsets[${index}].name`, message };
  }
}

function contendersBySubset(rules: readonly MeshObject[]): ReadonlyMap<string, Contenders> {
  const bySubset = new Map<string, MeshObject[]>();
  for (const rule of rules) {
    for (const name of new Set(subsetNames(rule))) {
      const list = bySubset.get(name);
      if (list === undefined) bySubset.set(name, [rule]);
      else list.push(rule);
    }
  }
  return new Map([...bySubset].map(([name, list]) => [name, new Contenders(list, exportsOf)]));
}

/** Rules whose policy for the whole host is in the way of a rule's own. */
function contendersForAll(rules: readonly MeshObject[]): (rule: MeshObject) => Contenders | undefined {
  const bare = new Contenders(rules.filter(isBare), exportsOf);
  const bareWithPolicy = new Contenders(
    rules.filter((rule) => isBare(rule) && hasPolicy(rule)),
    exportsOf,
  );
  const bareOrPolicy = new Contenders(
    rules.filter((rule) => isBare(rule) || hasPolicy(rule)),
    exportsOf,
  );
  return (rule) => {
    if (isBare(rule)) return hasPolicy(rule) ? bareOrPolicy : bare;
    return hasPolicy(rule) ? bareWithPolicy : undefined;
  };
}

function isBare({ spec }: MeshObject): boolean {
  return records(spec.subsets).length === 0;
}

function hasPolicy({ spec }: MeshObject): boolean {
  return Object.keys(record(spec.trafficPolicy)).length > 0;
}
