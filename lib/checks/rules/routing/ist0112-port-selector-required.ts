import { findHost } from "../../graph/hosts";
import { destinationsOf } from "../../graph/routes";
import type { Rule } from "../../rule";

/** A route to a host with several ports has to say which. */
export const portSelectorRequired: Rule = {
  code: "IST0112",
  title: "destination of several ports without a port",
  severity: "error",
  consequence: "Istio cannot tell which port is meant and leaves the route out: its callers get a 404.",
  fix: "Set destination.port.number to one of the host's ports.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0112/"],
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
    for (const object of graph.of("VirtualService")) {
      for (const { host, port, field } of destinationsOf(object)) {
        const ports = port === undefined ? (findHost(graph, host, object.namespace)?.ports ?? []) : [];
        if (ports.length < 2) continue;
        const numbers = ports.map(({ number }) => number).join(", ");
        yield { object, field: `${field}.host`, message: `${host} has the ports ${numbers}, and the destination names none of them.` };
      }
    }
  },
};
