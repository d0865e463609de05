import { join } from "../../../core/problem";
import { hasCniPlugin } from "../../graph/cni-plugin";
import { namespaceInjection } from "../../graph/injection";
import { membershipOf } from "../../graph/membership";
import { running } from "../../graph/running";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

const installation = (cni: string): string => `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata:
  name: mesh
  namespace: istio-system
spec:
  profile: default
${cni}---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
    pod-security.kubernetes.io/enforce: baseline
`;

/** Without the CNI plugin every pod needs privileges for a moment, which Pod Security refuses for good. */
export const podSecurity: Rule = {
  code: "MG0426",
  title: "Pod Security level that refuses the sidecar's init container",
  severity: "error",
  consequence:
    "Without Istio's CNI plugin each pod gets an init container, istio-init, that runs as root with NET_ADMIN and NET_RAW. The levels baseline and restricted refuse such pods: none is created, and deployments stay at their old pods until these are gone.",
  fix: "Install Istio's CNI plugin (components.cni.enabled: true, or the chart cni with pilot.cni.enabled), or enforce the level privileged in the namespace.",
  see: [
    "https://istio.io/latest/docs/setup/additional-setup/cni/",
    "https://istio.io/latest/docs/setup/additional-setup/pod-security-admission/",
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
  ],
  example: { bad: installation(""), good: installation("  components:\n    cni:\n      enabled: true\n") },
  *check(graph) {
    if (hasCniPlugin(graph) !== false) return;
    for (const object of graph.of("Namespace")) {
      const level = object.labels[enforce];
      if (level !== "baseline" && level !== "restricted") continue;
      if (namespaceInjection(graph, object.name) !== "enabled" && !graph.derive(namespacesWithSidecars).has(object.name)) continue;
      const message = `enforces ${level}, and without Istio's CNI plugin each pod of ${object.name} gets istio-init with NET_ADMIN and NET_RAW: no pod with a sidecar is created.`;
      yield { object, field: join("metadata.labels", enforce), message };
    }
  },
};

const enforce = "pod-security.kubernetes.io/enforce";

/** Namespaces with pods that get the init container. */
function namespacesWithSidecars(graph: ObjectGraph): ReadonlySet<string> {
  const injected = graph
    .derive(running)
    .filter(
      (workload) => membershipOf(graph, workload) === "sidecar" && workload.annotations["sidecar.istio.io/interceptionMode"] !== "NONE",
    );
  return new Set(injected.map(({ namespace }) => namespace));
}
