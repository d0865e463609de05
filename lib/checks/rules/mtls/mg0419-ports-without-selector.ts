import { record } from "../../fields";
import { peerSelector } from "../../graph/mutual-tls";
import type { Rule } from "../../rule";
import { meshedShop } from "./example-parts";
import { enumeration } from "./naming";

const exception = (selector: string): string => `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: pricing-metrics
  namespace: shop
spec:
${selector}  mtls:
    mode: STRICT
  portLevelMtls:
    "9090":
      mode: PERMISSIVE
`;

/** Ports belong to a workload: Istio reads them nowhere else. */
export const portsWithoutSelector: Rule = {
  code: "MG0419",
  title: "mTLS of ports without a selector",
  severity: "error",
  consequence:
    "Istio reads portLevelMtls only of PeerAuthentications that select workloads; elsewhere the ports follow the mode of the whole namespace or mesh, so an exception lets nobody in. Istio refuses such an object: whatever it held before stays in force.",
  fix: "Select the workload that the ports belong to: spec.selector.matchLabels. One PeerAuthentication for each workload.",
  see: ["https://istio.io/latest/docs/reference/config/security/peer_authentication/", "https://github.com/istio/istio/issues/30457"],
  example: {
    bad: meshedShop + exception(""),
    good: meshedShop + exception("  selector:\n    matchLabels:\n      app: pricing\n"),
  },
  *check(graph) {
    for (const object of graph.of("PeerAuthentication")) {
      const selector = peerSelector(object);
      const ports = Object.keys(record(object.spec.portLevelMtls));
      if (selector === "unreadable" || Object.keys(selector).length > 0 || ports.length === 0) continue;
      const message = `the modes of ${ports.length === 1 ? "port" : "ports"} ${enumeration(ports)} are ignored, because the policy selects no workload.`;
      yield { object, field: "spec.portLevelMtls", message };
    }
  },
};
