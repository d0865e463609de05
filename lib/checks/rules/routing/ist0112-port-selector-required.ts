import type { Rule } from "../../rule";
import { resolvedDestinations } from "./resolved-routes";

/** A route to a host with several ports has to say which. */
export const portSelectorRequired: Rule = {
  code: "IST0112",
  title: "destination of several ports without a port",
  severity: "error",
  consequence:
    "The proxy sends to the port on which the request came in. Behind a gateway that is the gateway's own port, and on a port that the host does not have requests end with 503.",
  fix: "Set destination.port.number to one of the host's ports.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0112/",
    "https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination",
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
    - name: http
      port: 8080
    - name: http-metrics
      port: 9090
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - route:
        - destination:
            host: pricing
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
    - name: http
      port: 8080
    - name: http-metrics
      port: 9090
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - route:
        - destination:
            host: pricing
            port:
              number: 8080
`,
  },
  *check(graph) {
    for (const { object, destination, found } of graph.derive(resolvedDestinations)) {
      const { host, field, data } = destination;
      if (found === undefined || found.ports.length < 2 || (data.port !== undefined && data.port !== null)) continue;
      const numbers = found.ports.flatMap(({ number }) => number ?? []).join(", ");
      yield { object, field: `${field}.host`, message: `${host} has the ports ${numbers}, and the destination names none of them.` };
    }
  },
};
