import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { isAmbientNamespace, isInAmbient, podsOfWorkload } from "./selections";
import { sidecarSelections, wideSidecars } from "./sidecars";

/** Pods in ambient mode have no sidecar that a Sidecar could shape. */
export const ineffectiveSidecar: Rule = {
  code: "IST0167",
  title: "Sidecar for pods in ambient mode",
  severity: "warning",
  consequence:
    "Pods in ambient mode have no sidecar, and neither ztunnel nor a waypoint reads a Sidecar. Whoever relies on it to keep calls inside " +
    "its list, or under REGISTRY_ONLY, is not protected.",
  fix: "Remove the Sidecar. To hold back calls of ambient pods, use an egress waypoint and AuthorizationPolicies.",
  versions: { istioFrom: "1.21" },
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0167/", "https://istio.io/latest/docs/ambient/overview/"],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/dataplane-mode: ambient
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
  namespace: shop
spec:
  egress:
    - hosts:
        - ./*
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
  namespace: shop
spec:
  egress:
    - hosts:
        - ./*
`,
  },
  check: (graph) => new Map([...ofPods(graph), ...ofNamespaces(graph)].map((found) => [found.object, found])).values(),
};

/** Sidecars that select pods in ambient mode. */
function* ofPods(graph: ObjectGraph): Iterable<RuleFinding> {
  for (const [workload, sidecars] of graph.derive(sidecarSelections)) {
    if (!isInAmbient(graph, workload)) continue;
    const message = `it selects ${podsOfWorkload(workload)} in ambient mode: nothing there reads a Sidecar.`;
    for (const object of sidecars) yield { object, field: "spec.workloadSelector", message };
  }
}

/** Sidecars of whole namespaces in ambient mode. */
function* ofNamespaces(graph: ObjectGraph): Iterable<RuleFinding> {
  for (const [namespace, sidecars] of graph.derive(wideSidecars)) {
    if (!isAmbientNamespace(graph, namespace)) continue;
    for (const object of sidecars)
      yield { object, message: `the namespace ${namespace} runs in ambient mode: nothing there reads a Sidecar.` };
  }
}
