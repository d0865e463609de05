import { text } from "../../fields";
import { destinationHost, meansAnyHost } from "../../graph/destination-hosts";
import { fullHost, isExternalHost, serviceOf } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** A DestinationRule is for a host that is there. */
export const unknownRuleHost: Rule = {
  code: "IST0174",
  title: "DestinationRule for a host that is not there",
  severity: "warning",
  consequence: "The rule is for nothing: its TLS settings, limits and subsets are used by no proxy, and nobody sees an error.",
  fix: "Correct the host, make the Service or ServiceEntry, or declare it external.",
  versions: { istioFrom: "1.25" },
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0174/"],
  example: { bad: example("prices"), good: example("pricing") },
  *check(graph) {
    for (const object of judged(graph, "DestinationRule")) {
      const host = text(object.spec.host) ?? "";
      if (host === "" || isKnown(graph, object, host)) continue;
      const name = fullHost(host, object.namespace);
      const service = serviceOf(name);
      const declaration = service === undefined ? `Host ${name}` : `Service ${service.namespace}/${service.name}`;
      yield {
        object,
        field: "spec.host",
        message: `${name} is none of the Services and ServiceEntries that were checked. If it is nowhere, no proxy uses the rule.`,
        fix: `Correct the host, make the Service or ServiceEntry, or declare it external: externals: ["${declaration}"].`,
      };
    }
  },
};

function isKnown(graph: ObjectGraph, object: MeshObject, host: string): boolean {
  return (
    destinationHost(graph, object, host) !== undefined ||
    meansAnyHost(graph, host) ||
    // What other clusters export cannot be seen here.
    host.endsWith(".clusterset.local") ||
    host.endsWith(".global") ||
    isExternalHost(graph, host, object.namespace)
  );
}

function example(host: string): string {
  return `
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
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: ${host}
  trafficPolicy:
    connectionPool:
      http:
        http1MaxPendingRequests: 100
`;
}
