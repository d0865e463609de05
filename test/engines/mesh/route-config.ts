import type { Pod } from "./pod";

interface RouteDump {
  readonly configs?: readonly { readonly route_config: { readonly virtual_hosts?: readonly VirtualHost[] } }[];
}

interface VirtualHost {
  readonly domains: readonly string[];
  readonly routes?: readonly { readonly route?: RouteAction }[];
}

interface RouteAction {
  readonly cluster?: string;
  readonly weighted_clusters?: { readonly clusters: readonly { readonly name: string; readonly weight: number }[] };
}

/** The weights with which a pod's Envoy sends to the subsets of a host by its last route: what istiod made of the VirtualService. */
export function weightsOf(pod: Pod, host: string): Readonly<Record<string, number>> {
  const { configs = [] } = JSON.parse(pod.envoy("config_dump?resource=dynamic_route_configs")) as RouteDump;
  const hosts = configs.flatMap(({ route_config: { virtual_hosts = [] } }) => virtual_hosts);
  const route = hosts.find(({ domains }) => domains.includes(host))?.routes?.at(-1)?.route;
  const clusters = route?.weighted_clusters?.clusters ?? (route?.cluster === undefined ? [] : [{ name: route.cluster, weight: 100 }]);
  return Object.fromEntries(clusters.map(({ name, weight }) => [name.split("|")[2] ?? name, weight]));
}
