import { type Data, number, records, text, texts } from "../../fields";
import { fullHost, type Host, hostIndex, isVisibleIn } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { portProtocol } from "../../graph/port-protocol";
import { isForMesh } from "../../graph/routes";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** Sidecars read HTTP only on ports that are said, or found, to carry it; elsewhere rules for HTTP are not even looked at. */
export const httpRoutesWithoutHttp: Rule = {
  code: "MG0318",
  title: "HTTP routes for a port that is declared as something else",
  severity: "error",
  consequence:
    "Sidecars pass connections to a port that is declared as tcp, tls, https or a database through as bytes. HTTP routes for it never apply: weights, headers, timeouts, retries and mirrors are silently without effect, and all versions share the connections by their number of pods.",
  fix: 'Begin the name of the Service\'s port with http, http2 or grpc, or set its appProtocol; or write the route under "tcp" or "tls", where it can only choose by port and SNI.',
  see: [
    "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/",
    "https://istio.io/latest/docs/ops/common-problems/network-issues/#route-rules-dont-seem-to-affect-traffic-flow",
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
    - name: tcp-api
      port: 8080
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
      timeout: 2s
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
    - name: http-api
      port: 8080
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
      timeout: 2s
`,
    externals: ["Pod shop/*"],
  },
  *check(graph) {
    for (const object of judged(graph, "VirtualService")) if (isForMesh(object)) yield* deadRoutes(object, graph);
  },
};

function* deadRoutes(object: MeshObject, graph: ObjectGraph): Iterable<RuleFinding> {
  const routes = records(object.spec.http);
  const ports = routes.length === 0 ? [] : knownPorts(object, graph);
  if (ports.every(({ protocol }) => carriesHttp(protocol))) return;
  for (const [index, { match }] of routes.entries()) {
    const dead = deadPorts(portsMeant(records(match)), ports);
    if (dead.length > 0) yield { object, field: `spec.http[${index}]`, message: messageOf(dead) };
  }
}

/** Ports of the hosts of a VirtualService; none where one of the hosts is not known. */
function knownPorts(object: MeshObject, graph: ObjectGraph): readonly Port[] {
  const hosts = texts(object.spec.hosts).map((host) => hostFor(graph, host, object.namespace));
  return hosts.every((host) => host !== undefined) ? hosts.flatMap(portsOf) : [];
}

/** The ports that a route is for, where there are such and none of them can carry HTTP. */
function deadPorts(meant: "any" | readonly number[], ports: readonly Port[]): readonly Port[] {
  const chosen = meant === "any" ? ports : ports.filter((port) => meant.includes(port.number));
  return chosen.some(({ protocol }) => carriesHttp(protocol)) ? [] : chosen;
}

interface Port {
  readonly number: number;
  readonly host: string;
  readonly protocol: string | undefined;
}

/** The one host that a name means to sidecars; a wildcard may mean others too. */
function hostFor(graph: ObjectGraph, host: string, namespace: string): Host | undefined {
  const known = graph.derive(hostIndex).exact.get(fullHost(host, namespace)) ?? [];
  const seen = known.filter(({ exportTo, object }) => isVisibleIn(exportTo, object.namespace, namespace));
  return seen.length === 1 ? seen[0] : undefined;
}

function portsOf({ name, object }: Host): readonly Port[] {
  const isService = object.kind === "Service";
  return records(object.spec.ports).map((port) => ({
    number: number(isService ? port.port : port.number) ?? 0,
    host: name,
    protocol: isService ? portProtocol(port) : text(port.protocol)?.toLowerCase(),
  }));
}

const others: ReadonlySet<string | undefined> = new Set(["tcp", "tls", "https", "mongo", "redis", "mysql", "udp"]);

/** What is not said may be HTTP: Istio looks at the bytes. */
function carriesHttp(protocol: string | undefined): boolean {
  return !others.has(protocol);
}

/** Ports that the conditions of a route name, as far as they are for sidecars; "any" where one of them names none. */
function portsMeant(match: readonly Data[]): "any" | readonly number[] {
  if (match.length === 0) return "any";
  const forMesh = match.filter(({ gateways }) => texts(gateways).length === 0 || texts(gateways).includes("mesh"));
  const ports = forMesh.map(({ port }) => number(port));
  return ports.every((port) => port !== undefined) ? [...new Set(ports)] : "any";
}

function messageOf(dead: readonly Port[]): string {
  const named = dead.slice(0, 3).map(({ host, number: port, protocol }) => `port ${port} of ${host} is declared as ${protocol}`);
  return `${named.join(" and ")}: sidecars see no HTTP there, and this route never applies.`;
}
