import type { Rule } from "../../rule";
import { unnamedPorts } from "./unnamed-ports";

/** What is taken for TCP is forwarded by address, and an ExternalName Service has none. */
export const externalNamePort: Rule = {
  code: "IST0150",
  title: "ExternalName Service with a port that is taken for TCP",
  severity: "warning",
  consequence:
    "For TCP the sidecar listens on the port number at every address, because the Service has none: connections to that port of quite other hosts end at this one, or fail.",
  fix: "Name the port by the protocol that it speaks: http, https, tls. Leave the ports out where none is needed.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0150/"],
  example: {
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: rates
  namespace: shop
spec:
  type: ExternalName
  externalName: rates.example.com
  ports:
    - name: tcp
      port: 443
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: rates
  namespace: shop
spec:
  type: ExternalName
  externalName: rates.example.com
  ports:
    - name: https
      port: 443
`,
  },
  *check(graph) {
    for (const { service, port, field, isExternalName } of graph.derive(unnamedPorts)) {
      if (!isExternalName) continue;
      const name = typeof port.name === "string" && port.name !== "" ? `named "${port.name}"` : "without a name";
      yield {
        object: service,
        field,
        message: `a port ${name} is taken for TCP, and an ExternalName Service has no address to tell it by.`,
      };
    }
  },
};
