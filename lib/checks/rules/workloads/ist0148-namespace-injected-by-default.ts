import { injectsByDefault } from "../../graph/injector-config";
import type { Rule } from "../../rule";
import { unlabelledNamespaces } from "./unlabelled-namespaces";

/** Where the injector takes every namespace, saying nothing is asking for sidecars. */
export const namespaceInjectedByDefault: Rule = {
  code: "IST0148",
  title: "namespace that gets sidecars because it says nothing",
  severity: "note",
  consequence: "Every pod made here gets a sidecar, those of operators and jobs included, though nobody who reads the namespace sees it.",
  fix: "Say it: label the namespace `istio-injection: enabled` or `istio-injection: disabled`.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0148/"],
  example: {
    bad: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-sidecar-injector
  namespace: istio-system
data:
  values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
`,
    good: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-sidecar-injector
  namespace: istio-system
data:
  values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
`,
  },
  *check(graph) {
    if (!injectsByDefault(graph)) return;
    for (const object of unlabelledNamespaces(graph)) {
      const message = `pods of ${object.name} get sidecars, because the injector runs with enableNamespacesByDefault and no label says otherwise.`;
      yield { object, field: "metadata.labels", message };
    }
  },
};
