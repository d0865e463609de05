import { record, records, text } from "../../fields";
import { isExternalHost } from "../../graph/hosts";
import { mayRunOutside } from "../../graph/outside-workloads";
import { knowsWorkloads, podsAnywhere, selectorText } from "../../graph/pod-groups";
import { remembered } from "../../graph/remembered";
import { labelSelector } from "../../graph/selector-index";
import { workloadIndex } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { resolvedRules } from "./resolved-routes";
import { meetsPlace, visibleLabels } from "./subset-labels";

/** A subset that no pods are in has no endpoints. */
export const subsetWithoutPods: Rule = {
  code: "IST0173",
  title: "subset that selects no pods",
  severity: "error",
  consequence: "The subset has no endpoints: every request that is routed to it ends with 503 (UH, no healthy upstream).",
  fix: "Give the subset labels that the pods carry, or remove it.",
  versions: { istioFrom: "1.25" },
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0173/"],
  example: { bad: example("v2"), good: example("v1") },
  *check(graph) {
    if (!knowsWorkloads(graph)) return;
    for (const [object, found] of graph.derive(resolvedRules)) {
      if (found !== undefined && !mayRunOutside(graph, found.object.namespace)) yield* emptySubsets(graph, object, found.object);
    }
  },
};

/** Subsets of a rule for a host that select nothing. Of two with one name the last counts. */
function* emptySubsets(graph: ObjectGraph, object: MeshObject, owner: MeshObject): Iterable<RuleFinding> {
  const subsets = records(object.spec.subsets).map(({ name, labels }, index) => ({ name, labels: labelSelector(labels), index }));
  const byName = new Map(subsets.map((subset) => [subset.name, subset]));
  for (const { name, labels, index } of byName.values()) {
    if (labels === "unreadable" || typeof name !== "string" || Object.keys(labels).length === 0) continue;
    const selected = { ...selectorOfEntry(owner), ...labels };
    if (isSelected(graph, owner.namespace, selected) || endpointsCarry(owner, labels)) continue;
    if (isExternalHost(graph, text(object.spec.host) ?? "", object.namespace)) continue;
    yield {
      object,
      field: `spec.subsets[${index}].labels`,
      message: `no pods that were checked carry ${selectorText(selected)}: requests to the subset ${name} end with 503.`,
    };
  }
}

/** Whether anything carries labels: as a rule something in the host's namespace, but Istio looks into all. Many subsets ask for the same: `version: v1`. */
function isSelected(graph: ObjectGraph, namespace: string, labels: Readonly<Record<string, string>>): boolean {
  const wanted = visibleLabels(labels, false);
  const key = selectorText(labels);
  const isNear = (): boolean => {
    const near = graph.derive(workloadIndex).select(namespace, wanted);
    return near.some((workload) => meetsPlace(graph, workload, workload, labels));
  };
  const isAnywhere = (): boolean => podsAnywhere(graph, wanted).some((group) => meetsPlace(graph, group, group.workload, labels));
  return remembered(graph, answers, `${namespace} ${key}`, isNear) || remembered(graph, answers, key, isAnywhere);
}

function answers(): Map<string, boolean> {
  return new Map();
}

function selectorOfEntry({ kind, spec }: MeshObject): Readonly<Record<string, string>> {
  const labels = kind === "ServiceEntry" ? labelSelector(record(spec.workloadSelector).labels) : {};
  return labels === "unreadable" ? {} : labels;
}

/** Endpoints that a ServiceEntry lists carry labels of their own. */
function endpointsCarry({ kind, spec }: MeshObject, labels: Readonly<Record<string, string>>): boolean {
  if (kind !== "ServiceEntry") return false;
  const wanted = visibleLabels(labels, false);
  return records(spec.endpoints).some((endpoint) => {
    const carried = labelSelector(endpoint.labels);
    return carried !== "unreadable" && Object.entries(wanted).every(([name, value]) => carried[name] === value);
  });
}

function example(version: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing-v1
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
        version: v1
    spec:
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.4.0
---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
---
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
        version: ${version}
`;
}
