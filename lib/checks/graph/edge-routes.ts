import { type Data, list, record, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { clusterDomain, fullHost, serviceOf } from "./hosts";
import { gatewaysOfRoute, httpRoutesOf } from "./http-routes";
import { LabelIndex } from "./label-index";
import { gatewaysOf, routesOf } from "./routes";
import { labelSelector } from "./selector-index";
import { servicePorts } from "./service-pods";
import { type Workload, workloads } from "./workloads";

/** A way by which requests that come through gateways reach a Service. */
export interface EdgeRoute {
  /** VirtualService, HTTPRoute or GRPCRoute that the destination is written in. */
  readonly object: MeshObject;
  /** `spec.http[0].route[0].destination`. */
  readonly field: string;
  /** Gateways in full: `istio-system/edge`; those of the Gateway API are marked, because both kinds may have one name. */
  readonly gateways: readonly string[];
  /** Host in full. */
  readonly host: string;
  readonly service: MeshObject;
  /** Port of the Service; undefined where it is not said and several can be meant. */
  readonly port: number | undefined;
  readonly subset: string | undefined;
}

/** Every way through gateways to a Service of the graph. Destinations of weight 0 get nothing. */
export function edgeRoutes(graph: ObjectGraph): readonly EdgeRoute[] {
  const istio = graph.of("VirtualService").flatMap((object) => [
    ...httpRoutesOf(graph, object).flatMap((route) => ends(graph, route.object, route, gatewaysOfRoute(route))),
    ...routesOf(object)
      .filter(({ protocol }) => protocol !== "http")
      .flatMap((route) => ends(graph, object, route, namedGateways(object))),
  ]);
  const standard = [...graph.of("HTTPRoute"), ...graph.of("GRPCRoute", gatewayApi)].flatMap((object) => backends(graph, object));
  return [...istio, ...standard];
}

const gatewayApi = "gateway.networking.k8s.io";

function standardGateway(namespace: string, name: string): string {
  return `${namespace}/${name} (Gateway API)`;
}

function backends(graph: ObjectGraph, object: MeshObject): readonly EdgeRoute[] {
  const parents = records(object.spec.parentRefs).filter(
    ({ kind, group }) => (kind ?? "Gateway") === "Gateway" && (group ?? gatewayApi) === gatewayApi,
  );
  const gateways = parents.flatMap(({ namespace, name }) =>
    text(name) === undefined ? [] : [standardGateway(text(namespace) ?? object.namespace, String(name))],
  );
  if (gateways.length === 0) return [];
  return records(object.spec.rules).flatMap(({ backendRefs }, rule) =>
    records(backendRefs).flatMap(({ kind, group, name, namespace, port, weight }, index) => {
      const ours = (kind ?? "Service") === "Service" && (group ?? "") === "" && weight !== 0;
      const service = ours ? graph.find("Service", text(namespace) ?? object.namespace, text(name) ?? "") : undefined;
      if (service === undefined) return [];
      const field = `spec.rules[${rule}].backendRefs[${index}]`;
      const host = `${service.name}.${service.namespace}.${clusterDomain}`;
      return [{ object, field, gateways, host, service, port: portOf(service, port), subset: undefined }];
    }),
  );
}

/** Pods that each Gateway configures: those that its selector selects in any namespace. Gateways of which none are seen are left out. */
export function gatewayPods(graph: ObjectGraph): ReadonlyMap<string, readonly Workload[]> {
  const everywhere = new LabelIndex(
    graph.derive(workloads),
    ({ labels }) => labels,
    () => "",
  );
  const found = new Map<string, readonly Workload[]>();
  for (const { namespace, name, spec } of graph.of("Gateway")) {
    const selector = labelSelector(spec.selector);
    const pods = selector === "unreadable" || Object.keys(selector).length === 0 ? [] : everywhere.select("", selector);
    if (pods.length > 0) found.set(`${namespace}/${name}`, pods);
  }
  return found;
}

/** Accounts that the pods of each Gateway run as: requests that come through it carry one of these. */
export function gatewayAccounts(graph: ObjectGraph): ReadonlyMap<string, readonly GatewayAccount[]> {
  const known = new Map<string, readonly GatewayAccount[]>();
  for (const [gateway, pods] of graph.derive(gatewayPods)) {
    const accounts = pods.map(({ namespace, serviceAccount }) => ({ namespace, account: serviceAccount }));
    known.set(gateway, [...new Map(accounts.map((one) => [`${one.namespace}/${one.account}`, one])).values()]);
  }
  for (const object of graph.of("Gateway", gatewayApi)) {
    const account = madeAccount(object);
    if (account !== undefined) known.set(standardGateway(object.namespace, object.name), [{ namespace: object.namespace, account }]);
  }
  return known;
}

/** The account of the pods that Istio makes for a Gateway of the Gateway API. One with addresses stands for pods that somebody else made. */
function madeAccount({ name, spec, annotations }: MeshObject): string | undefined {
  if (spec.gatewayClassName !== "istio" || list(spec.addresses).length > 0) return undefined;
  return annotations["gateway.istio.io/service-account"] ?? `${name}-istio`;
}

/** A service account, by its namespace and name. */
export interface GatewayAccount {
  readonly namespace: string;
  readonly account: string;
}

interface Written {
  readonly field: string;
  readonly data: Data;
}

function ends(graph: ObjectGraph, object: MeshObject, { field, data }: Written, gateways: readonly string[]): readonly EdgeRoute[] {
  if (gateways.length === 0) return [];
  return records(data.route).flatMap(({ destination, weight }, index) => {
    const { host, subset, port } = record(destination);
    const name = fullHost(text(host) ?? "", object.namespace);
    const end = serviceOf(name);
    const service = end === undefined ? undefined : graph.find("Service", end.namespace, end.name);
    if (service === undefined || weight === 0) return [];
    const place = { object, field: `${field}.route[${index}].destination`, gateways, host: name, service };
    return [{ ...place, port: portOf(service, record(port).number), subset: text(subset) }];
  });
}

function portOf(service: MeshObject, named: unknown): number | undefined {
  const ports = servicePorts(service);
  return typeof named === "number" ? named : ports.length === 1 ? ports[0]?.number : undefined;
}

function namedGateways(object: MeshObject): readonly string[] {
  return gatewaysOf(object)
    .filter((gateway) => gateway !== "mesh")
    .map((gateway) => (gateway.includes("/") ? gateway : `${object.namespace}/${gateway}`));
}
