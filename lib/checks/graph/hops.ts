import { records } from "../fields";
import type { MeshObject } from "../mesh-object";
import { objectName } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { type Call, type CallEnd, calls, serviceKey } from "./calls";
import { type Exposure, exposures } from "./exposures";
import { clusterDomain } from "./hosts";
import { type HttpLimits, httpLimits, longestWait, silentLimits, timeForATry } from "./http-limits";
import { type Caller, type HttpRoute, meshRoutesTo } from "./http-routes";
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
 * - `unknown`: the Service that is called is not among the objects and nobody wrote a route for it, or what the routes say cannot be read.
 */
export type HopKind = "http" | "grpc" | "connection" | "none" | "unknown";

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
  readonly kind: HopKind;
  /** Each set of limits that may hold, as routes match by what only a request shows. Empty where none can: bytes, or nothing known. */
  readonly limits: readonly HopLimits[];
}

/** Hops of the declared calls, and those from the edge of the mesh to Services that take part in them. */
export function hops(graph: ObjectGraph): readonly Hop[] {
  const declared = graph.derive(calls);
  const known = new Map<string, Pick<Hop, "kind" | "limits">>();
  const inside = declared.map((call) => {
    const key = JSON.stringify([call.to, call.port, call.from.namespace, hasProxy(graph, call.from)]);
    const limits = known.get(key) ?? meshLimits(graph, call);
    known.set(key, limits);
    const from = serviceKey(call.from);
    return { from, by: from, to: serviceKey(call.to), call, ...limits };
  });
  const services = new Set(declared.flatMap(({ from, to }) => [serviceKey(from), serviceKey(to)]));
  const edge = [...services].flatMap((service) => (graph.derive(exposures).get(service) ?? []).map((one) => edgeHop(graph, service, one)));
  return [...merged(edge), ...inside];
}

/** Tries of one request. At most so many reach the service. */
export function triesOf({ limits }: Pick<Hop, "limits">): number {
  return limits.reduce((most, { attempts }) => Math.max(most, attempts + 1), 1);
}

/** Least and most of what the limits of a hop say. Unit: milliseconds; Infinity where there is no limit. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** How long the caller waits at most. */
export function waitOf({ limits }: Pick<Hop, "limits">): Span {
  return span(limits.map(longestWait));
}

/** How long the service has for the answer to one try. */
export function allowanceOf({ limits }: Pick<Hop, "limits">): Span {
  return span(limits.map(timeForATry));
}

/** Where the limits of a hop are written: `VirtualService shop/pricing spec.http[0]`. */
export function writtenAt({ at }: HopLimits): string {
  return at === undefined ? "no route" : `${objectName(at.object)} ${at.field}`;
}

function span(times: readonly number[]): Span {
  return times.length === 0
    ? { least: Number.POSITIVE_INFINITY, most: Number.POSITIVE_INFINITY }
    : times.reduce((found, time) => ({ least: Math.min(found.least, time), most: Math.max(found.most, time) }), {
        least: Number.POSITIVE_INFINITY,
        most: 0,
      });
}

function meshLimits(graph: ObjectGraph, { from, to, port }: Call): Pick<Hop, "kind" | "limits"> {
  if (!hasProxy(graph, from)) return { kind: "none", limits: [] };
  const caller: Caller = { namespace: from.namespace, port };
  const routes = meshRoutesTo(graph, `${to.name}.${to.namespace}.${clusterDomain}`, caller);
  const service = graph.find("Service", to.namespace, to.name);
  const kind = service === undefined ? (routes.length > 0 ? "http" : "unknown") : kindOf(service, port);
  if (kind !== "http" && kind !== "grpc") return { kind, limits: [] };
  const limits = routes.length === 0 ? [silent(graph)] : routes.flatMap((route) => limitsAt(graph, route));
  return limits.length === 0 ? { kind: "unknown", limits } : { kind, limits };
}

/** A caller has no proxy where all of its pods are seen to be outside the mesh. */
function hasProxy(graph: ObjectGraph, { namespace, name }: CallEnd): boolean {
  const service = graph.find("Service", namespace, name);
  const pods = service === undefined ? [] : podsOf(graph, service);
  return pods.length === 0 || pods.some((workload) => membershipOf(graph, workload) !== "outside");
}

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

function edgeHop(graph: ObjectGraph, to: string, { by, route }: Exposure): Hop {
  const limits = route === undefined ? [] : limitsAt(graph, route);
  return { from: undefined, by, to, call: undefined, kind: limits.length === 0 ? "connection" : "http", limits };
}

/** One hop for all the routes by which a gateway leads to a Service. Where one of them passes bytes through, nothing holds for certain. */
function merged(edge: readonly Hop[]): readonly Hop[] {
  const byEnds = new Map<string, Hop[]>();
  for (const hop of edge) {
    const key = `${hop.by} ${hop.to}`;
    const list = byEnds.get(key);
    if (list === undefined) byEnds.set(key, [hop]);
    else list.push(hop);
  }
  return [...byEnds.values()].flatMap((same) => {
    const bytes = same.find(({ kind }) => kind === "connection");
    return bytes ?? same.slice(0, 1).map((first) => ({ ...first, limits: same.flatMap(({ limits }) => limits) }));
  });
}
