import type { Rule } from "../../rule";
import { gatewayPortExample } from "./gateway-port-example";
import { unreachablePorts } from "./gateway-port-findings";

/** A Gateway listens where its Service sends. */
export const gatewayPortNotOnWorkload: Rule = {
  code: "IST0104",
  title: "Gateway port that the gateway's Service does not have",
  severity: "warning",
  consequence: "The gateway opens a port that its Service does not lead to: connections from outside are refused, or never answered.",
  fix: "Listen on a port of the gateway's Service, or add the port to the Service.",
  versions: { istioBefore: "1.20" },
  see: ["https://istio.io/v1.19/docs/reference/config/analysis/ist0104/"],
  example: gatewayPortExample("networking.istio.io/v1beta1"),
  check: unreachablePorts,
};
