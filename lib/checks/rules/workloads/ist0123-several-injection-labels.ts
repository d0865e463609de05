import { judged } from "../../graph/judged";
import type { Rule } from "../../rule";

const injection = "istio-injection";
const modern = ["istio.io/rev", "istio.io/dataplane-mode"] as const;

/** `istio-injection`, a revision and the ambient mode each say who handles the pods of a namespace. */
export const severalInjectionLabels: Rule = {
  code: "IST0123",
  title: "namespace with several injection labels",
  severity: "warning",
  consequence:
    "The labels contradict each other. `istio-injection` wins over a revision, so an upgrade by revision passes the namespace by. Sidecars win over the ambient mode, so pods keep them where they were meant to go.",
  fix: "Keep one of the labels.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0123/",
    "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
    istio.io/rev: canary
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/rev: canary
`,
  },
  *check(graph) {
    for (const object of judged(graph, "Namespace")) {
      const { labels, name } = object;
      const legacy = labels[injection];
      const others = modern.filter((label) => isSaid(label, labels[label]) && (legacy === undefined || legacy === "enabled"));
      const said = [...(legacy === undefined ? [] : [injection]), ...others].map((label) => `${label}=${labels[label]}`);
      if (name === "istio-system" || said.length < 2) continue;
      yield { object, field: "metadata.labels", message: `${said.join(" and ")} each say who handles the pods of ${name}.` };
    }
  },
};

/** `istio.io/dataplane-mode: none` keeps the namespace out of the ambient mesh, which contradicts nothing. */
function isSaid(label: string, value: string | undefined): boolean {
  return value !== undefined && !(label === "istio.io/dataplane-mode" && value === "none");
}
