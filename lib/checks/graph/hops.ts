import { records } from "../fields";
import type { MeshObject } from "../mesh-object";
import { objectName } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { type Call, type CallEnd, calls, serviceKey } from "./calls";
import { type Exposure, exposures, servicesWithRoutes } from "./exposures";
import { clusterDomain } from "./hosts";
import { type HttpLimits, httpLimits, longestWait, silentLimits, timeForATry } from "./http-limits";
import { type HttpRoute, meshRoutesTo } from "./http-routes";
import { membershipOf } from "./membership";
import { meshConfig } from "./mesh-config";
import { portProtocol } from "./port-protocol";
import { podsOf } from "./service-pods";

/** What a hop may be limited by: a route, or nothing that anybody wrote. */
export interface HopLimits extends HttpLimits {
  /** The object that says so, and where; undefined where nobody wrote a route. */
  readonly at: { readonly object: MeshObject; readonly field: string } | undefined;
}

/**
 * What a proxy knows of the requests of a hop.
 *
 * - `http`, `grpc`: time limits and retries hold.
 * - `connection`: bytes only, so that neither holds.
 * - `none`: the caller has no proxy.
 * - `unknown`: the Service that is called is not among the objects and nobody wrote a route for it, what routes say cannot be read, or it is
 *   not known which proxy follows them (the ambient mesh, routes of the Gateway API).
 */
export type HopKind = "http" | "grpc" | "connection" | "none" | "unknown";

/** Least and most of a time that hangs on which route a request takes. Unit: milliseconds; Infinity where there is no limit. */
interface Span {
  readonly least: number;
  readonly most: number;
}

/** What holds for the requests of a hop. */
export interface HopPolicy {
  readonly kind: HopKind;
  /** Each set of limits that may hold, as routes match by what only a request shows. Empty where none can: bytes, or nothing known. */
  readonly limits: readonly HopLimits[];
  /** Most tries of one request: so many reach the service. */
  readonly tries: number;
  /** How long the caller waits at most. */
  readonly wait: Span;
  /** How long the service has for the answer to one try. */
  readonly allowance: Span;
}

/** A step of a request: from a Service, or from the edge of the mesh, to a Service. */
export interface Hop {
  /** Service that calls (`shop/checkout`); undefined for the edge of the mesh. */
  readonly from: string | undefined;
  /** `shop/checkout`, or `gateway istio-system/edge`. */
  readonly by: string;
  /** Service that is called: `shop/pricing`. */
  readonly to: string;
  /** The declared call; undefined for the edge of the mesh. */
  readonly call: Call | undefined;
  /** Shared by hops that are limited alike. */
  readonly policy: HopPolicy;
}

/** Hops of the declared calls, and those from the edge of the mesh to Services that take part in them. */
export function hops(graph: ObjectGraph): readonly Hop[] {
  const declared = graph.derive(calls);
  const known = new Map<string, HopPolicy>();
  const inside = declared.map((call) => {
    const key = JSON.stringify([call.to, call.port, call.from.namespace, proxyOf(graph, call.from)]);
    const policy = known.get(key) ?? meshPolicy(graph, call);
    known.set(key, policy);
    const from = serviceKey(call.from);
    return { from, by: from, to: serviceKey(call.to), call, policy };
  });
  const services = new Set(declared.flatMap(({ from, to }) => [serviceKey(from), serviceKey(to)]));
  return [...[...services].flatMap((service) => edgeHops(graph, service)), ...inside];
}

/** Tries of one request under the limits. At most so many reach the service. */
export function mostTries(limits: readonly HopLimits[]): number {
  return limits.reduce((most, { attempts }) => Math.max(most, attempts + 1), 1);
}

/** Where the limits of a hop are written: `VirtualService shop/pricing spec.http[0]`. */
export function writtenAt({ at }: HopLimits): string {
  return at === undefined ? "no route" : `${objectName(at.object)} ${at.field}`;
}

function policyOf(kind: HopKind, limits: readonly HopLimits[]): HopPolicy {
  return { kind, limits, tries: mostTries(limits), wait: span(limits.map(longestWait)), allowance: span(limits.map(timeForATry)) };
}

function span(times: readonly number[]): Span {
  if (times.length === 0) return { least: Number.POSITIVE_INFINITY, most: Number.POSITIVE_INFINITY };
  return { least: times.reduce((least, time) => Math.min(least, time)), most: times.reduce((most, time) => Math.max(most, time)) };
}

function meshPolicy(graph: ObjectGraph, { from, to, port }: Call): HopPolicy {
  const proxy = proxyOf(graph, from);
  if (proxy !== "envoy" || graph.derive(servicesWithRoutes).has(serviceKey(to))) return policyOf(proxy === "none" ? "none" : "unknown", []);
  const routes = meshRoutesTo(graph, `${to.name}.${to.namespace}.${clusterDomain}`, { namespace: from.namespace, port });
  const service = graph.find("Service", to.namespace, to.name);
  if (routes === "unknown" || (service === undefined && routes.length === 0)) return policyOf("unknown", []);
  const kind = service === undefined ? "http" : kindOf(service, port);
  if (kind !== "http" && kind !== "grpc") return policyOf(kind, []);
  const limits = routes.length === 0 ? [silent(graph)] : routes.flatMap((route) => limitsAt(graph, route));
  return policyOf(limits.length === 0 ? "unknown" : kind, limits);
}

/** The proxy that calls go out by. Pods that cannot be seen are taken for such with a sidecar; that of the ambient mesh reads no HTTP. */
function proxyOf(graph: ObjectGraph, { namespace, name }: CallEnd): "envoy" | "none" | "other" {
  const service = graph.find("Service", namespace, name);
  const kinds = new Set((service === undefined ? [] : podsOf(graph, service)).map((workload) => membershipOf(graph, workload)));
  if (kinds.size === 0 || kinds.has("sidecar") || kinds.has("gateway") || kinds.has("unknown")) return "envoy";
  return kinds.size === 1 && kinds.has("outside") ? "none" : "other";
}

/** Routes of one gateway to one Service that are read. */
const mostWays = 500;

const httpProtocols: ReadonlySet<string | undefined> = new Set([undefined, "http", "http2", "http_proxy"]);

/** By the ports that can be meant: a port without a protocol may carry HTTP, which Istio finds out by itself. */
function kindOf({ spec }: MeshObject, port: number | undefined): HopKind {
  const ports = records(spec.ports);
  const meant = ports.filter((one) => one.port === port);
  const protocols = (meant.length === 0 ? ports : meant).map(portProtocol);
  if (protocols.some((protocol) => httpProtocols.has(protocol)) || protocols.length === 0) return "http";
  return protocols.some((protocol) => protocol?.startsWith("grpc")) ? "grpc" : "connection";
}

function limitsAt(graph: ObjectGraph, { object, field, data }: Pick<HttpRoute, "object" | "field" | "data">): readonly HopLimits[] {
  const limits = httpLimits(data, graph.derive(meshConfig).data.defaultHttpRetryPolicy);
  return limits === undefined ? [] : [{ ...limits, at: { object, field } }];
}

function silent(graph: ObjectGraph): HopLimits {
  return { ...(httpLimits({}, graph.derive(meshConfig).data.defaultHttpRetryPolicy) ?? silentLimits), at: undefined };
}

/** Hops from outside the mesh: one for all the routes by which a gateway leads to the Service. */
function edgeHops(graph: ObjectGraph, to: string): readonly Hop[] {
  const ways = Map.groupBy(graph.derive(exposures).get(to) ?? [], ({ by }) => by);
  return [...ways].map(([by, same]) => ({ from: undefined, by, to, call: undefined, policy: edgePolicy(graph, same) }));
}

/** Where one of the ways passes bytes through, or there are too many, nothing holds for certain. */
function edgePolicy(graph: ObjectGraph, same: readonly Exposure[]): HopPolicy {
  if (same.some(({ route }) => route === undefined)) return policyOf("connection", []);
  const limits = same.length > mostWays ? [] : same.flatMap(({ route }) => (route === undefined ? [] : limitsAt(graph, route)));
  return policyOf(limits.length === 0 ? "unknown" : "http", limits);
}
