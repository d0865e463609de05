import type { Rule } from "../../rule";
import { gatewayPortExample } from "./gateway-port-example";
import { unreachablePorts } from "./gateway-port-findings";

/** A Gateway listens where its Service sends. */
export const gatewayPortNotOnService: Rule = {
  code: "IST0162",
  title: "Gateway port that the gateway's Service does not have",
  severity: "warning",
  consequence:
    "The gateway opens a port that its Service does not lead to: through the Service, and the load balancer before it, connections are refused or never answered.",
  fix: "Listen on a port of the gateway's Service, or add the port to the Service.",
  versions: { istioFrom: "1.20" },
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0162/"],
  example: gatewayPortExample("networking.istio.io/v1"),
  check: unreachablePorts,
};
