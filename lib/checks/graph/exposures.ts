import { type Data, record, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { type CallEnd, serviceKey } from "./calls";
import { fullHost, serviceOf } from "./hosts";
import { gatewaysOfRoute, httpRoutesOf } from "./http-routes";
import { destinationsOf, gatewaysOf } from "./routes";

/** A way by which requests from outside the mesh reach a Service. */
export interface Exposure {
  /** `gateway istio-system/edge`, `Ingress shop/pay`, `LoadBalancer`. */
  readonly by: string;
  readonly to: CallEnd;
  /** What the proxy on the way follows: a route of a VirtualService or HTTPRoute as written; undefined for one that knows no HTTP. */
  readonly route: { readonly object: MeshObject; readonly field: string; readonly data: Data } | undefined;
}

/** Exposures by the Service that they lead to (`shop/pricing`). */
export function exposures(graph: ObjectGraph): ReadonlyMap<string, readonly Exposure[]> {
  const byService = new Map<string, Exposure[]>();
  for (const exposure of [...virtualServices(graph), ...byGatewayApi(graph), ...ingresses(graph), ...openServices(graph)]) {
    const key = serviceKey(exposure.to);
    const list = byService.get(key);
    if (list === undefined) byService.set(key, [exposure]);
    else list.push(exposure);
  }
  return byService;
}

function virtualServices(graph: ObjectGraph): readonly Exposure[] {
  return graph.of("VirtualService").flatMap((object) => [...byHttp(graph, object), ...byConnection(object)]);
}

function byHttp(graph: ObjectGraph, root: MeshObject): readonly Exposure[] {
  return httpRoutesOf(graph, root).flatMap((route) => {
    const [gateway] = gatewaysOfRoute(route);
    if (gateway === undefined) return [];
    const ends = records(route.data.route).flatMap(({ destination }) => serviceAt(text(record(destination).host), route.object.namespace));
    return distinct(ends).map((to) => ({ by: `gateway ${gateway}`, to, route }));
  });
}

/** Routes that see no HTTP: a gateway passes the connection through. */
function byConnection(object: MeshObject): readonly Exposure[] {
  const gateway = gatewaysOf(object).find((name) => name !== "mesh");
  if (gateway === undefined) return [];
  const ends = destinationsOf(object).flatMap(({ route, host }) => (route.protocol === "http" ? [] : serviceAt(host, object.namespace)));
  return distinct(ends).map((to) => ({ by: `gateway ${gateway}`, to, route: undefined }));
}

/** Kinds of the Gateway API that say where requests go. */
const routeKinds = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"] as const;

function gatewayRoutes(graph: ObjectGraph): readonly MeshObject[] {
  return routeKinds.flatMap((kind) => graph.of(kind, "gateway.networking.k8s.io"));
}

/** Routes of the Gateway API that hang on a Gateway. Time limits are read of HTTP's. */
function byGatewayApi(graph: ObjectGraph): readonly Exposure[] {
  return gatewayRoutes(graph).flatMap((object) => {
    const gateway = records(object.spec.parentRefs).find(({ kind }) => (kind ?? "Gateway") === "Gateway");
    if (gateway === undefined) return [];
    const by = `gateway ${text(gateway.namespace) ?? object.namespace}/${text(gateway.name) ?? ""}`;
    return records(object.spec.rules).flatMap((rule, index) => {
      const ends = records(rule.backendRefs).flatMap((ref) => backend(ref, object));
      const data = { timeout: record(rule.timeouts).request };
      const route = object.kind === "HTTPRoute" ? { object, field: `spec.rules[${index}]`, data } : undefined;
      return distinct(ends).map((to) => ({ by, to, route }));
    });
  });
}

/** Services (`shop/pricing`) whose callers in the mesh go by routes of the Gateway API: those that hang on the Service itself. */
export function servicesWithRoutes(graph: ObjectGraph): ReadonlySet<string> {
  const owned = gatewayRoutes(graph).flatMap((object) =>
    records(object.spec.parentRefs).flatMap((ref) => (ref.kind === "Service" ? backend(ref, object) : [])),
  );
  return new Set(owned.map(serviceKey));
}

function backend({ kind, name, namespace }: Data, { namespace: own }: MeshObject): readonly CallEnd[] {
  const named = text(name);
  return named === undefined || (kind ?? "Service") !== "Service" ? [] : [{ namespace: text(namespace) ?? own, name: named }];
}

function ingresses(graph: ObjectGraph): readonly Exposure[] {
  return graph.of("Ingress").flatMap((object) => {
    const paths = records(object.spec.rules).flatMap(({ http }) => records(record(http).paths));
    const backends = [record(object.spec.defaultBackend), ...paths.map((path) => record(path.backend))];
    const ends = backends.flatMap(({ service }) => backend(record(service), object));
    const by = `Ingress ${object.namespace}/${object.name}`;
    return distinct(ends).map((to) => ({ by, to, route: { object, field: "spec", data: {} } }));
  });
}

/** Services that take connections from outside by themselves. */
function openServices(graph: ObjectGraph): readonly Exposure[] {
  return graph.of("Service").flatMap(({ namespace, name, spec: { type } }) => {
    return type === "LoadBalancer" || type === "NodePort" ? [{ by: type, to: { namespace, name }, route: undefined }] : [];
  });
}

function serviceAt(host: string | undefined, namespace: string): readonly CallEnd[] {
  const service = host === undefined ? undefined : serviceOf(fullHost(host, namespace));
  return service === undefined ? [] : [service];
}

function distinct(ends: readonly CallEnd[]): readonly CallEnd[] {
  return ends.length < 2 ? ends : [...new Map(ends.map((to) => [serviceKey(to), to])).values()];
}
