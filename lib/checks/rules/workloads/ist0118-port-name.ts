import { type Data, text } from "../../fields";
import type { Rule } from "../../rule";
import { unnamedPorts } from "./unnamed-ports";

/** A port says its protocol by its name or by `appProtocol`. */
export const portName: Rule = {
  code: "IST0118",
  title: "port of a Service without a protocol that Istio knows",
  severity: "note",
  consequence:
    "Istio detects the protocol from the first bytes of each connection. HTTP is mostly found; where the server speaks first, as in MySQL or SMTP, both sides wait, and what is not recognised is TCP: no routes, retries or metrics by request.",
  fix: "Name the port `<protocol>` or `<protocol>-<anything>` (http, http2, grpc, tcp, tls, …), or set appProtocol.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0118/",
    "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: web
      port: 8080
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http-web
      port: 8080
`,
  },
  *check(graph) {
    for (const { service, port, field, isExternalName } of graph.derive(unnamedPorts)) {
      if (isExternalName) continue;
      yield { object: service, field, message: `port ${shown(port.port)} ${saidOf(port)}, so Istio detects its protocol.` };
    }
  },
};

/** What a port says of its protocol, and does not help. */
function saidOf({ name, appProtocol }: Data): string {
  const declared = text(appProtocol);
  if (declared !== undefined) return `has the appProtocol "${declared}", which Istio does not know`;
  const named = text(name) ?? "";
  return named === "" ? "has neither a name nor an appProtocol" : `is named "${named}", which begins with no protocol that Istio knows`;
}

function shown(port: unknown): string {
  return typeof port === "number" ? String(port) : "without a number";
}
