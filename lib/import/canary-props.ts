import { at, type Data, list, number, record, records, text } from "../checks/fields";
import type { MeshObject } from "../checks/mesh-object";
import { maxEjectionPercent } from "../istio/ejection";
import { Expression } from "./literal";

/** The objects of a service with versions. */
export interface ServiceObjects {
  readonly virtualService: MeshObject;
  readonly destinationRule: MeshObject;
  readonly service: MeshObject;
  /** Each version's Deployment, by the name of the version, with the variable that holds it. */
  readonly deployments: ReadonlyMap<string, string>;
  /** Number of the first version's pods, where its Deployment says it. */
  readonly stablePods: number | undefined;
}

/**
 * Props of a CanaryService that may render these objects. Whether it does is for whoever builds it to see; what cannot be told from the objects
 * is left out, and so is what no prop says.
 */
export function canaryProps({ virtualService, destinationRule, service, deployments, stablePods }: ServiceObjects): Data {
  const [port = {}] = records(service.spec.ports);
  const routes = records(virtualService.spec.http);
  const route = routes.find((each) => list(each.route).length > 1) ?? {};
  return defined({
    name: service.name,
    port: port.port,
    targetPort: port.targetPort === port.port ? undefined : port.targetPort,
    protocol: port.name === "http" ? undefined : port.name,
    extraPorts: atLeastOne(records(service.spec.ports).slice(1)),
    podSelector: service.spec.selector,
    release: new Expression("Release.pinned", releaseOf(route, deployments)),
    timeout: route.timeout,
    retries: retriesOf(routes, route),
    circuitBreaker: breakerOf(destinationRule.spec, stablePods),
    testers: testersOf(routes),
    mirror: mirrorOf(route),
    sessionAffinity: affinityOf(record(at(destinationRule.spec, "trafficPolicy", "loadBalancer", "consistentHash"))),
    tls: at(destinationRule.spec, "trafficPolicy", "tls", "mode") === "ISTIO_MUTUAL" ? "ISTIO_MUTUAL" : undefined,
    defaults: "none",
  });
}

/** The first version of the routes is the stable one: it takes what the others leave. */
function releaseOf(route: Data, deployments: ReadonlyMap<string, string>): Data {
  const versions = records(route.route).map(({ destination, weight }) => {
    const name = text(record(destination).subset) ?? "";
    return { name, workload: new Expression(deployments.get(name) ?? ""), weight };
  });
  const [first, ...canaries] = versions;
  const { weight: _, ...stable } = first ?? { weight: 0 };
  return { stable, canary: canaries.length === 1 ? canaries[0] : canaries };
}

/** Retries of some methods are two routes: one for those, and one that tries once. */
function retriesOf(routes: readonly Data[], route: Data): Data | undefined {
  const { attempts, perTryTimeout, retryOn } = record(route.retries);
  if (number(attempts) === undefined) return undefined;
  const methods = records(route.match).flatMap((match) => text(at(match, "method", "exact")) ?? []);
  return {
    attempts,
    perTryTimeout: perTryTimeout ?? "1s",
    on: typeof retryOn === "string" ? retryOn.split(",") : "default",
    methods: methods.length > 0 && routes.length > 1 ? methods : "all",
  };
}

function breakerOf(rule: Data, stablePods: number | undefined): Data | undefined {
  const { tcp, http } = record(at(rule, "trafficPolicy", "connectionPool"));
  const { http1MaxPendingRequests, http2MaxRequests, maxRequestsPerConnection, maxRetries } = record(http);
  const breaker = defined({
    maxConnections: record(tcp).maxConnections,
    maxPendingRequests: http1MaxPendingRequests,
    maxRequests: http2MaxRequests,
    maxRequestsPerConnection,
    maxRetries,
    eject: ejectionOf(record(at(rule, "subsets", 0, "trafficPolicy", "outlierDetection")), stablePods),
  });
  return Object.keys(breaker).length > 0 ? breaker : undefined;
}

/** Of the first version, which carries the service: how many of its pods stay in shows in the share that may be taken out. */
function ejectionOf(
  { consecutive5xxErrors, baseEjectionTime, interval, maxEjectionPercent: percent }: Data,
  pods: number = 1,
): Data | undefined {
  if (consecutive5xxErrors === undefined) return undefined;
  const kept = Array.from({ length: Math.min(pods, 1000) }, (_, index) => index + 1).find(
    (count) => maxEjectionPercent(pods, count) === percent,
  );
  return defined({ after5xx: consecutive5xxErrors, for: baseEjectionTime, interval, keepAtLeast: kept === 1 ? undefined : kept });
}

function mirrorOf({ mirror, mirrorPercentage }: Data): Data | undefined {
  return mirror === undefined ? undefined : { to: record(mirror).subset, percent: record(mirrorPercentage).value };
}

function affinityOf({ httpCookie, httpHeaderName, useSourceIp }: Data): Data | undefined {
  const { name, ttl } = record(httpCookie);
  if (name !== undefined) return { by: "cookie", name, ttl };
  if (httpHeaderName !== undefined) return { by: "header", name: httpHeaderName };
  return useSourceIp === true ? { by: "source-ip" } : undefined;
}

/** A route to one version for a header of one value. */
function testersOf(routes: readonly Data[]): Data | undefined {
  for (const { match, route } of routes) {
    const [header] = Object.entries(record(record(list(match)[0]).headers));
    const value = header && text(record(header[1]).exact);
    const to = text(at(route, 0, "destination", "subset"));
    if (header !== undefined && value !== undefined && to !== undefined) return { header: header[0], value, to };
  }
  return undefined;
}

function atLeastOne(items: readonly Data[]): readonly Data[] | undefined {
  return items.length > 0 ? items : undefined;
}

function defined(data: Data): Data {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
