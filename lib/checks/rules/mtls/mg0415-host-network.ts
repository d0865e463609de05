import { mutualTlsOf } from "../../graph/mutual-tls";
import { running } from "../../graph/running";
import type { Workload } from "../../graph/workloads";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { pricingPods, pricingService, strictShop } from "./example-parts";
import { policyName } from "./naming";
import { isMeshNamespace, optsOut, outsideKind, refusedCallFinding } from "./plaintext-callers";

const agent = (network: string): string => `---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: price-feed
  namespace: shop
spec:
  selector:
    matchLabels:
      app: price-feed
  template:
    metadata:
      labels:
        app: price-feed
    spec:
${network}      serviceAccountName: price-feed
      containers:
        - name: app
          image: registry.example.no/price-feed:1.0.0
          env:
            - name: PRICING_URL
              value: http://pricing.shop/prices
`;

/** On the node's network there is nothing that a sidecar could stand before. */
export const hostNetwork: Rule = {
  code: "MG0415",
  title: "pods on the node's network in a mesh namespace",
  severity: "warning",
  consequence:
    "Istio gives no sidecar to pods with hostNetwork: true. Their calls go out in plaintext, and pods that refuse plaintext reset them; what arrives is taken from anybody, whatever a PeerAuthentication says.",
  fix: "Take the pods off the node's network. Where they need it, let the ports that they call take plaintext (portLevelMtls: PERMISSIVE), narrowed to the nodes' addresses, or move them to a namespace outside the mesh.",
  see: [
    "https://istio.io/latest/docs/ops/deployment/application-requirements/",
    "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/",
  ],
  example: {
    bad: strictShop + pricingPods + pricingService + agent("      hostNetwork: true\n"),
    good: strictShop + pricingPods + pricingService + agent(""),
  },
  *check(graph) {
    for (const workload of graph.derive(running)) {
      if (outsideKind(graph, workload) !== "host network") continue;
      const finding =
        refusedCallFinding(graph, workload, "pods on the node's network have no sidecar") ??
        inVain(graph, workload) ??
        told(graph, workload);
      if (finding !== undefined) yield finding;
    }
  },
};

/** A policy means these pods, and does nothing. */
function inVain(graph: ObjectGraph, workload: Workload): RuleFinding | undefined {
  const { rest, ports, own } = mutualTlsOf(graph, workload);
  const strict = [rest, ...ports.values()].find(({ mode, policy }) => mode === "STRICT" && policy !== undefined && own.includes(policy));
  const policy = strict?.policy;
  if (policy === undefined) return undefined;
  const message = `PeerAuthentication ${policyName(policy)} selects these pods, which are on the node's network and have no sidecar: they take plaintext from anybody.`;
  return { object: workload.object, field: fieldOf(workload), message };
}

function told(graph: ObjectGraph, workload: Workload): RuleFinding | undefined {
  if (!isMeshNamespace(graph, workload.namespace) || optsOut(workload)) return undefined;
  const message = `pods on the node's network get no sidecar, although the namespace ${workload.namespace} is in the mesh: they call in plaintext, and take it from anybody.`;
  return { object: workload.object, field: fieldOf(workload), message, severity: "note" };
}

function fieldOf({ template }: Workload): string {
  return template === "" ? "spec.hostNetwork" : `${template}.spec.hostNetwork`;
}
