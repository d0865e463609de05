import { type Data, record, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { fullHost, serviceOf } from "./hosts";
import { gatewaysOfRoute, httpRoutesOf } from "./http-routes";
import { LabelIndex } from "./label-index";
import { gatewaysOf, routesOf } from "./routes";
import { labelSelector } from "./selector-index";
import { servicePorts } from "./service-pods";
import { type Workload, workloads } from "./workloads";

/** A way by which requests that come through gateways reach a Service. */
export interface EdgeRoute {
  /** VirtualService that the destination is written in. */
  readonly object: MeshObject;
  /** `spec.http[0].route[0].destination`. */
  readonly field: string;
  /** Gateways in full: `istio-system/edge`. */
  readonly gateways: readonly string[];
  /** Host in full. */
  readonly host: string;
  readonly service: MeshObject;
  /** Port of the Service; undefined where it is not said and several can be meant. */
  readonly port: number | undefined;
  readonly subset: string | undefined;
}

/** Every way through gateways to a Service of the graph, in the order of the VirtualServices. Destinations of weight 0 get nothing. */
export function edgeRoutes(graph: ObjectGraph): readonly EdgeRoute[] {
  return graph.of("VirtualService").flatMap((object) => [
    ...httpRoutesOf(graph, object).flatMap((route) => ends(graph, route.object, route, gatewaysOfRoute(route))),
    ...routesOf(object)
      .filter(({ protocol }) => protocol !== "http")
      .flatMap((route) => ends(graph, object, route, namedGateways(object))),
  ]);
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
  return new Map(
    [...graph.derive(gatewayPods)].map(([gateway, pods]) => {
      const accounts = pods.map(({ namespace, serviceAccount }) => ({ namespace, account: serviceAccount }));
      return [gateway, [...new Map(accounts.map((one) => [`${one.namespace}/${one.account}`, one])).values()]];
    }),
  );
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
