import { type Data, records, text } from "../../fields";
import { distinct } from "../../graph/distinct";
import { fullHost, serviceOf } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { rolloutRules } from "./rollout-rules";
import { type SubsetUse, subsetKey, subsetUses } from "./subset-uses";

/** A subset without labels is the whole host. */
export const subsetWithoutLabels: Rule = {
  code: "KIA0209",
  title: "subset without labels",
  severity: "warning",
  consequence:
    "A subset without labels is every pod of the host. A share of the requests that is meant for one version goes to all of them: " +
    "a canary of 5 % is a canary of much more or much less.",
  fix: "Give the subset the labels of its pods. Where all pods are meant, route to the host without a subset.",
  see: ["https://kiali.io/docs/features/validations/", "https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset"],
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
    - name: stable
      labels:
        version: v1
    - name: canary
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
    - name: stable
      labels:
        version: v1
    - name: canary
      labels:
        version: v2
`,
    externals: ["Service shop/pricing", "Pod shop/*"],
  },
  *check(graph) {
    for (const rule of distinct(judged(graph, "DestinationRule"))) {
      if (!graph.derive(rolloutRules).has(rule)) yield* unlabelled(graph, rule);
    }
  },
};

function* unlabelled(graph: ObjectGraph, object: MeshObject): Iterable<RuleFinding> {
  const host = fullHost(text(object.spec.host) ?? "", object.namespace);
  if (serviceOf(host) === undefined) return;
  const subsets = records(object.spec.subsets);
  const hasVersions = subsets.some(hasLabels);
  for (const [index, subset] of subsets.entries()) {
    const { name, trafficPolicy } = subset;
    if (typeof name !== "string" || hasLabels(subset)) continue;
    const use = graph.derive(subsetUses).get(subsetKey(host, name));
    const hasPolicy = trafficPolicy !== undefined && trafficPolicy !== null;
    const said = verdict(name, use, { hasVersions, hasPolicy });
    if (said !== undefined) yield { object, field: `spec.subsets[${index}]`, ...said };
  }
}

function hasLabels({ labels }: Data): boolean {
  return Object.keys(labelSelector(labels)).length > 0;
}

/** Without labels a subset is a name for the host, with a policy or routes of its own: no fault unless versions are told apart. */
function verdict(
  name: string,
  use: SubsetUse | undefined,
  { hasVersions, hasPolicy }: { readonly hasVersions: boolean; readonly hasPolicy: boolean },
): Pick<RuleFinding, "message" | "severity"> | undefined {
  if (use?.isShared)
    return {
      message: `a route sends a share of its requests to the subset ${name}, which has no labels: that share goes to every pod of the host.`,
    };
  if (hasPolicy) return undefined;
  if (hasVersions) return { message: `the subset ${name} has no labels, unlike others here: it is every pod of the host.` };
  return use === undefined ? { message: `the subset ${name} has no labels: it is every pod of the host.`, severity: "note" } : undefined;
}
