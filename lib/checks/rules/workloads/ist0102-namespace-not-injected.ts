import { injectsByDefault } from "../../graph/injector-config";
import type { Rule } from "../../rule";
import { unlabelledNamespaces } from "./unlabelled-namespaces";

/** A namespace that says nothing gets no sidecars. */
export const namespaceNotInjected: Rule = {
  code: "IST0102",
  title: "namespace that says nothing of sidecars",
  severity: "note",
  consequence:
    "Its pods stay outside the mesh: no mTLS, no routing, no telemetry. Callers in the mesh reach them in plaintext, and their own calls fail wherever mTLS is STRICT.",
  fix: "Label the namespace `istio-injection: enabled`, or with the revision of a control plane; `istio-injection: disabled` says that it stays outside on purpose.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0102/"],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
`,
  },
  *check(graph) {
    if (injectsByDefault(graph)) return;
    for (const object of unlabelledNamespaces(graph)) {
      const message = `no label of ${object.name} asks for sidecars or refuses them: pods get one only where they ask for it themselves.`;
      yield { object, field: "metadata.labels", message };
    }
  },
};
