import { meshConfig } from "../../graph/mesh-config";
import { peerSelector } from "../../graph/mutual-tls";
import type { Rule } from "../../rule";
import { enumeration } from "./naming";

const exception = (namespace: string): string => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: pricing-metrics
  namespace: ${namespace}
spec:
  selector:
    matchLabels:
      app: pricing
  portLevelMtls:
    "9090":
      mode: PERMISSIVE
`;

/** The root namespace is for the mesh as a whole. */
export const selectorInRootNamespace: Rule = {
  code: "MG0428",
  title: "PeerAuthentication of workloads in the root namespace",
  severity: "warning",
  consequence:
    "Istio ignores PeerAuthentications with a selector in the root namespace: STRICT protects nothing, an exception lets nobody in.",
  fix: "Put it into the namespace of the workload.",
  see: ["https://istio.io/latest/docs/reference/config/security/peer_authentication/"],
  example: { bad: exception("istio-system"), good: exception("shop") },
  *check(graph) {
    const { rootNamespace } = graph.derive(meshConfig);
    for (const object of graph.of("PeerAuthentication")) {
      const selector = peerSelector(object);
      if (object.namespace !== rootNamespace || selector === "unreadable" || Object.keys(selector).length === 0) continue;
      const labels = enumeration(Object.entries(selector), ([name, value]) => `${name}: ${value}`);
      const message = `selects ${labels} in ${rootNamespace}, the root namespace of the mesh, where Istio reads only PeerAuthentications without a selector.`;
      yield { object, field: "spec.selector", message };
    }
  },
};
