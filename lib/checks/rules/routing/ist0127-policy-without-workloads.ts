import { record, records } from "../../fields";
import { assumedGateways } from "../../graph/assumed-gateway";
import { isInMesh } from "../../graph/in-mesh";
import { judged } from "../../graph/judged";
import { LabelIndex } from "../../graph/label-index";
import { membershipOf } from "../../graph/membership";
import { meshConfig } from "../../graph/mesh-config";
import { anyRunsOutside, mayRunOutside } from "../../graph/outside-workloads";
import { knowsWorkloads, type PodGroup, podGroups, selectorText } from "../../graph/pod-groups";
import { remembered } from "../../graph/remembered";
import { labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** A policy protects the pods that it selects, and only those that have a proxy. */
export const policyWithoutWorkloads: Rule = {
  code: "IST0127",
  title: "AuthorizationPolicy that selects no pods of the mesh",
  severity: "warning",
  consequence: "The policy is applied to nothing. What it was meant to keep out still gets in, and nobody sees an error.",
  fix: "Select labels that the pods carry, in their namespace, and see that the pods are in the mesh.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0127/",
    "https://istio.io/latest/docs/reference/config/security/authorization-policy/",
  ],
  example: { bad: example("payments"), good: example("payment") },
  *check(graph) {
    if (!knowsWorkloads(graph)) return;
    for (const object of judged(graph, "AuthorizationPolicy")) {
      const target = targetOf(graph, object);
      if (target === undefined || mayBeOutside(graph, target) || isMet(graph, target)) continue;
      const where = target.namespace === undefined ? "the mesh" : `the mesh in ${target.namespace}`;
      const labels = selectorText(target.labels);
      yield {
        object,
        ...(labels !== "" && { field: "spec.selector" }),
        message: `no pods of ${where} ${labels === "" ? "were checked" : `that were checked carry ${labels}`}: the policy applies to nothing.`,
        fix: `Select labels that the pods carry, see that they are in the mesh, or declare them external: externals: ["Pod ${object.namespace}/*"].`,
      };
    }
  },
};

function isMet(graph: ObjectGraph, { namespace, labels }: Target): boolean {
  return remembered(graph, answers, `${namespace ?? "*"} ${selectorText(labels)}`, () => {
    const { everywhere, within } = graph.derive(meshGroups);
    return (namespace === undefined ? everywhere.select("", labels) : within.select(namespace, labels)).length > 0;
  });
}

function answers(): Map<string, boolean> {
  return new Map();
}

/** What a policy is for: pods of one namespace, or of all. */
interface Target {
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Undefined where it is for no pods at all, but for what it names, or for the whole mesh. */
function targetOf(graph: ObjectGraph, { spec, namespace }: MeshObject): Target | undefined {
  const named = [spec.targetRef, ...records(spec.targetRefs)].some((reference) => Object.keys(record(reference)).length > 0);
  const labels = labelSelector(record(spec.selector).matchLabels);
  if (named || labels === "unreadable") return undefined;
  if (namespace !== graph.derive(meshConfig).rootNamespace) return { namespace, labels };
  return Object.keys(labels).length === 0 ? undefined : { namespace: undefined, labels };
}

function mayBeOutside(graph: ObjectGraph, { namespace }: Target): boolean {
  return namespace === undefined ? anyRunsOutside(graph) : mayRunOutside(graph, namespace);
}

interface MeshGroups {
  readonly everywhere: LabelIndex<PodGroup>;
  readonly within: LabelIndex<PodGroup>;
}

/** What of a graph is in the mesh. */
function meshGroups(graph: ObjectGraph): MeshGroups {
  const groups = [...graph.derive(podGroups), ...graph.derive(assumedGateways)].filter((group) => mayBeInMesh(graph, group));
  const labelsOf = ({ labels }: PodGroup): Readonly<Record<string, string>> => labels;
  return { everywhere: new LabelIndex(groups, labelsOf, () => ""), within: new LabelIndex(groups, labelsOf, ({ namespace }) => namespace) };
}

/**
 * Whether pods follow AuthorizationPolicies, as far as it can be seen. What makes pods in a namespace that is not among the objects may be
 * injected there; a Pod itself would show its proxy.
 */
function mayBeInMesh(graph: ObjectGraph, { workload }: PodGroup): boolean {
  if (workload === undefined || isInMesh(graph, workload)) return true;
  if (workload.annotations["ambient.istio.io/redirection"] === "enabled") return true;
  const membership = membershipOf(graph, workload);
  return membership === "unknown" ? workload.object.kind !== "Pod" : membership !== "outside";
}

function example(app: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: payment
  namespace: shop
spec:
  selector:
    matchLabels:
      app: payment
  template:
    metadata:
      labels:
        app: payment
    spec:
      containers:
        - name: payment
          image: registry.example.no/payment:1.4.0
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: payment
  namespace: shop
spec:
  selector:
    matchLabels:
      app: ${app}
  action: ALLOW
  rules:
    - from:
        - source:
            namespaces:
              - shop
`;
}
