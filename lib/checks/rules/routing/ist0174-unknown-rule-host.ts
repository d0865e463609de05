import { text } from "../../fields";
import { meansAnyHost } from "../../graph/destination-hosts";
import { fullHost, isExternalHost, serviceOf } from "../../graph/hosts";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { resolvedRules } from "./resolved-routes";

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
    for (const [object, found] of graph.derive(resolvedRules)) {
      const host = text(object.spec.host) ?? "";
      if (found !== undefined || host === "" || isElsewhere(graph, object, host)) continue;
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

/** A wildcard may cover hosts without being one; what other clusters export, and what is declared external, cannot be seen here. */
function isElsewhere(graph: ObjectGraph, { namespace }: MeshObject, host: string): boolean {
  const isExported = host.endsWith(".clusterset.local") || host.endsWith(".global");
  return isExported || meansAnyHost(graph, host) || isExternalHost(graph, host, namespace);
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
