import { type Data, record, records, text, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { fullHost, isVisibleIn } from "./hosts";
import { gatewaysOf, isForMesh, type Route, routesOf } from "./routes";

/** A route of HTTP as proxies get it: delegates stand in the place of what they are delegated from. */
export interface HttpRoute {
  /** The VirtualService that the route is written in. */
  readonly object: MeshObject;
  /** The VirtualService whose hosts and gateways it serves; the same unless it is a delegate's. */
  readonly root: MeshObject;
  /** `spec.http[0]`, in `object`. */
  readonly field: string;
  /** What is written, with `timeout` and `retries` of the root where a delegate names none. */
  readonly data: Data;
  /** Conditions of the root's route, one of which must be met; none for every request. A delegate's own narrow them further. */
  readonly match: readonly Data[];
}

/** Routes of HTTP that end at a service: those that redirect or answer by themselves never reach one. */
export function httpRoutesOf(graph: ObjectGraph, root: MeshObject): readonly HttpRoute[] {
  return graph.derive(routesByObject).get(root) ?? [];
}

/** Routes of one VirtualService that are read at most: delegates could multiply them without end. */
const mostRoutes = 500;

/** VirtualServices of one host that are read at most. Istio follows one of them, and nobody can say which. */
const mostOwners = 3;

/** Routes of HTTP, for every VirtualService that has hosts. */
function routesByObject(graph: ObjectGraph): ReadonlyMap<MeshObject, readonly HttpRoute[]> {
  const roots = graph.of("VirtualService").filter(({ spec }) => texts(spec.hosts).length > 0);
  return new Map(roots.map((root) => [root, routesFrom(graph, root)]));
}

function routesFrom(graph: ObjectGraph, root: MeshObject): readonly HttpRoute[] {
  const found: HttpRoute[] = [];
  for (const route of written(root)) {
    for (const one of expanded(graph, root, route)) found.push(one);
    if (found.length > mostRoutes) break;
  }
  return found.slice(0, mostRoutes + 1);
}

/** Routes that a VirtualService itself holds, those that it delegates among them. */
function written(object: MeshObject): readonly Route[] {
  return routesOf(object).filter(({ protocol }) => protocol === "http");
}

function expanded(graph: ObjectGraph, root: MeshObject, { data, field }: Route): readonly HttpRoute[] {
  const match = records(data.match);
  const { name, namespace } = record(data.delegate);
  if (text(name) === undefined) return leadsOn(data) ? [{ object: root, root, field, data, match }] : [];
  const delegate = graph.find("VirtualService", text(namespace) ?? root.namespace, String(name));
  if (delegate === undefined || delegate === root) return [];
  return written(delegate)
    .filter((route) => leadsOn(route.data))
    .map((route) => ({ object: delegate, root, field: route.field, data: inherited(route.data, data), match }));
}

function inherited(data: Data, { timeout, retries }: Data): Data {
  return { ...data, timeout: data.timeout ?? timeout, retries: data.retries ?? retries };
}

function leadsOn({ route }: Data): boolean {
  return records(route).length > 0;
}

/** A VirtualService for sidecars, and to whom it is exported. */
interface Owner {
  readonly object: MeshObject;
  readonly exportTo: readonly string[];
}

/** VirtualServices for sidecars by the hosts that they are for: exact names, and wildcards by what follows the `*`. */
function ownersByHost(graph: ObjectGraph): ReadonlyMap<string, readonly Owner[]> {
  const byHost = new Map<string, Owner[]>();
  for (const object of graph.of("VirtualService")) {
    if (!isForMesh(object)) continue;
    const owner = { object, exportTo: texts(object.spec.exportTo) };
    for (const host of new Set(texts(object.spec.hosts))) {
      const name = fullHost(host, object.namespace);
      const list = byHost.get(name);
      if (list === undefined) byHost.set(name, [owner]);
      else list.push(owner);
    }
  }
  return byHost;
}

/** VirtualServices for sidecars that name a host in full. */
export function meshVirtualServices(graph: ObjectGraph, host: string): readonly MeshObject[] {
  return (graph.derive(ownersByHost).get(host) ?? []).map(({ object }) => object);
}

/** Who calls: what decides which routes can be meant. */
export interface Caller {
  readonly namespace: string;
  /** Port of the host that is called. @default - any */
  readonly port?: number | undefined;
}

/**
 * Routes of HTTP by which sidecars of a namespace may send a request to a host in full: those of the most exact name.
 *
 * `unknown` where there are too many to say.
 */
export function meshRoutesTo(graph: ObjectGraph, host: string, caller: Caller): readonly HttpRoute[] | "unknown" {
  const byHost = graph.derive(ownersByHost);
  for (const name of [host, ...wildcardsOf(host)]) {
    const seen = (byHost.get(name) ?? []).filter(({ object, exportTo }) => isVisibleIn(exportTo, object.namespace, caller.namespace));
    if (seen.length > mostOwners) return "unknown";
    const routes = seen.flatMap(({ object }) => httpRoutesOf(graph, object));
    if (routes.length > mostRoutes) return "unknown";
    if (seen.length > 0) return routes.filter((route) => mayMean(route, caller));
  }
  return [];
}

/** `*.b.c`, `*.c` and `*` for `a.b.c`. Host names are short: DNS allows 253 characters. */
function wildcardsOf(host: string): readonly string[] {
  const labels = host.slice(0, 253).split(".");
  return labels.map((_, index) => ["*", ...labels.slice(index + 1)].join("."));
}

/** Whether a request from a sidecar may meet the conditions: those on ports, namespaces and gateways can be judged, the others can be met. */
function mayMean({ match, object, root, data }: HttpRoute, caller: Caller): boolean {
  const own = object === root ? [] : records(data.match);
  return [match, own].every((conditions) => conditions.length === 0 || conditions.some((condition) => canMeet(condition, caller)));
}

function canMeet({ port, sourceNamespace, gateways }: Data, caller: Caller): boolean {
  const through = texts(gateways);
  return (
    (typeof port !== "number" || caller.port === undefined || port === caller.port) &&
    (text(sourceNamespace) ?? caller.namespace) === caller.namespace &&
    (through.length === 0 || through.includes("mesh"))
  );
}

/** Gateways that a route can be met at, in full: `istio-system/edge`. None for a route of sidecars alone. */
export function gatewaysOfRoute({ root, match }: HttpRoute): readonly string[] {
  const named = match.flatMap(({ gateways }) => texts(gateways));
  const narrowed = match.length > 0 && match.every(({ gateways }) => texts(gateways).length > 0);
  const gateways = narrowed ? named : gatewaysOf(root);
  return [...new Set(gateways)].filter((gateway) => gateway !== "mesh").map((gateway) => inFull(gateway, root.namespace));
}

function inFull(gateway: string, namespace: string): string {
  return gateway.includes("/") ? gateway : `${namespace}/${gateway}`;
}
