import { text } from "../../fields";
import { isGivenHost, meansAnyHost } from "../../graph/destination-hosts";
import { fullHost, isExternalHost, serviceOf } from "../../graph/hosts";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { resolvedDestinations, resolvedRules } from "./resolved-routes";

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

/**
 * A wildcard may cover hosts without being one. What is declared external, or given, cannot be seen here; nor can a host that routes name as
 * well, where no Service was checked at all.
 */
function isElsewhere(graph: ObjectGraph, { namespace }: MeshObject, host: string): boolean {
  const name = fullHost(host, namespace);
  if (graph.of("Service").length === 0 && graph.derive(routedHosts).has(name)) return true;
  return isGivenHost(graph, name) || meansAnyHost(graph, host) || isExternalHost(graph, host, namespace);
}

function routedHosts(graph: ObjectGraph): ReadonlySet<string> {
  return new Set(graph.derive(resolvedDestinations).map(({ object, destination }) => fullHost(destination.host, object.namespace)));
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
