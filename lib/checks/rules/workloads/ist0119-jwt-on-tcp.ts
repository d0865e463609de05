import { number, record, records, text } from "../../fields";
import { judged } from "../../graph/judged";
import { portProtocol } from "../../graph/port-protocol";
import { labelSelector } from "../../graph/selector-index";
import { servicesFor } from "../../graph/service-pods";
import { workloadIndex } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** Protocols whose requests a proxy can read a token from. */
const http: ReadonlySet<string> = new Set(["http", "http2", "http_proxy", "grpc", "grpc-web"]);

/** A token stands in a header, and only HTTP has headers. */
export const jwtOnTcp: Rule = {
  code: "IST0119",
  title: "tokens asked of pods that no port serves with HTTP",
  severity: "warning",
  consequence:
    "The proxy cannot read tokens from what it takes for TCP: nothing is validated, and rules that ask for a principal of a token match nobody.",
  fix: "Name a port of the Service http, http2 or grpc (`http-…`), or set its appProtocol.",
  versions: { istioBefore: "1.21" },
  see: ["https://istio.io/v1.20/docs/reference/config/analysis/ist0119/"],
  example: {
    bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  jwtRules:
    - issuer: https://accounts.example
      jwksUri: https://accounts.example/keys
---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: tcp
      port: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
`,
    good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  jwtRules:
    - issuer: https://accounts.example
      jwksUri: https://accounts.example/keys
---
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
`,
  },
  *check(graph) {
    for (const object of judged(graph, "RequestAuthentication")) {
      if (records(object.spec.jwtRules).length === 0) continue;
      for (const service of servicesOf(graph, object)) {
        const ports = records(service.spec.ports).map(({ name, port }) => `${number(port) ?? "?"} (${text(name) ?? "no name"})`);
        const message = `it asks for tokens, and no port of the Service ${service.name} speaks HTTP: ${ports.join(", ")}.`;
        yield { object, field: "spec.jwtRules", message };
      }
    }
  },
};

/** Services of the pods that a policy selects, where every port says that it is not HTTP. */
function servicesOf(graph: ObjectGraph, { namespace, spec }: MeshObject): Iterable<MeshObject> {
  const labels = labelSelector(record(spec.selector).matchLabels);
  if (labels === "unreadable" || Object.keys(labels).length === 0) return [];
  const selected = graph.derive(workloadIndex).select(namespace, labels);
  return new Set(selected.flatMap((workload) => servicesFor(graph, workload)).filter(speaksNoHttp));
}

function speaksNoHttp({ spec }: MeshObject): boolean {
  const protocols = records(spec.ports).map(portProtocol);
  return protocols.length > 0 && protocols.every((protocol) => protocol !== undefined && !http.has(protocol));
}
