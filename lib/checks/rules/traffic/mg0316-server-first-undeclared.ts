import { type Data, records, text } from "../../fields";
import { namespaceInjection } from "../../graph/injection";
import { judged } from "../../graph/judged";
import { membershipOf } from "../../graph/membership";
import { portProtocol } from "../../graph/port-protocol";
import { serverFirst } from "../../graph/server-first";
import { podsOf } from "../../graph/service-pods";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** A proxy that waits for the caller's first bytes, and a caller that waits for the server's. */
export const serverFirstUndeclared: Rule = {
  code: "MG0316",
  title: "server that speaks first on a port without a protocol",
  severity: "warning",
  consequence:
    "Where a port names no protocol that Istio knows, the caller's sidecar holds each connection until it has seen the caller's first bytes. In protocols such as SMTP, MySQL, IMAP or SSH the server greets first and the caller waits for it: the connection hangs, by Istio's own settings for ever.",
  fix: 'Say the protocol: begin the name of the port with tcp- ("tcp-smtp"), or set appProtocol: tcp.',
  see: [
    "https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols",
    "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: v1
kind: Service
metadata:
  name: mail
  namespace: shop
spec:
  selector:
    app: mail
  ports:
    - name: submission
      port: 587
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: v1
kind: Service
metadata:
  name: mail
  namespace: shop
spec:
  selector:
    app: mail
  ports:
    - name: tcp-submission
      port: 587
`,
    externals: ["Pod shop/*"],
  },
  *check(graph) {
    for (const object of judged(graph, "Service")) {
      const found = records(object.spec.ports).flatMap((port, index) => undeclared(object, port, `spec.ports[${index}]`));
      if (found.length > 0 && mayBeInMesh(graph, object)) yield* found;
    }
  },
};

function undeclared(object: MeshObject, port: Data, field: string): readonly RuleFinding[] {
  const protocol = portProtocol(port) === undefined ? serverFirst(port) : undefined;
  if (protocol === undefined) return [];
  const declared = text(port.appProtocol);
  const message = messageOf(declared ?? text(port.name) ?? "", String(port.port), protocol);
  return [{ object, field: `${field}.${declared === undefined ? "name" : "appProtocol"}`, message }];
}

/** A Service whose pods, or whose namespace, are seen to be outside the mesh has callers of its own kind. */
function mayBeInMesh(graph: ObjectGraph, service: MeshObject): boolean {
  const pods = podsOf(graph, service);
  if (pods.length > 0) return pods.some((workload) => ["sidecar", "proxyless", "unknown"].includes(membershipOf(graph, workload)));
  return ["enabled", "unknown"].includes(namespaceInjection(graph, service.namespace));
}

function messageOf(name: string, port: string, protocol: string): string {
  const said = name === "" ? `port ${port} has no name` : `"${name}" (port ${port}) names no protocol that Istio knows`;
  return `${said}, and in ${protocol} the server speaks first: sidecars of callers wait for bytes that do not come.`;
}
