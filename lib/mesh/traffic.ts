import { all, type Check, matching, oneOf, shape, wholeNumber } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import { dnsLabel, headerName } from "../core/name";
import type { DestinationRuleSpec, LoadBalancerSettings, Subset, TrafficPolicy } from "../istio/destination-rule";
import type { HttpMatchRequest, HttpRoute, HttpRouteDestination, VirtualServiceSpec } from "../istio/virtual-service";
import { type CircuitBreaker, connectionPool, outlierDetection } from "./circuit-breaker";
import type { WeightedVersion } from "./release-strategy";
import { fewest, type Replicas } from "./replicas";
import { httpRetry, type RetryPolicy } from "./retries";

/** Requests that reach one version whatever the weights say, so that people can test it in production. */
export interface Testers {
  /** Name of the header that marks a tester's request, in lower case. */
  readonly header: string;
  /** Value that the header must have, to the letter. */
  readonly value: string;
  /** Version that answers: its name, or `"canary"` or `"stable"` of a release that Argo Rollouts moves. */
  readonly to: string;
}

/** A copy of the traffic, sent to one version; its answers are thrown away. */
export interface Mirror {
  /** Version that gets the copies. Of a pinned release: the two of a progressive one are the same pods most of the time. */
  readonly to: string;
  /** Share of the requests that are copied. Unit: percent, 1 to 100. */
  readonly percent: number;
}

/**
 * What ties a caller to one pod, as far as pods come and go.
 *
 * Weights are drawn anew for each request: while a release is under way a caller changes between versions all the same.
 */
export type SessionAffinity =
  /** A cookie that the sidecar or gateway sets. */
  | { readonly by: "cookie"; readonly name: string; readonly ttl: DurationText }
  /** A header that the caller sends. */
  | { readonly by: "header"; readonly name: string }
  /** The caller's address. Behind a gateway all callers share the gateway's. */
  | { readonly by: "source-ip" };

/** Testers whose parts are well-formed. */
export const testers: Check = shape<Testers>({
  header: headerName,
  value: matching(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, "visible ASCII text without blanks at its ends", 1024),
  to: dnsLabel,
});

/** A mirror whose parts are well-formed. */
export const mirror: Check = shape<Mirror>({ to: dnsLabel, percent: wholeNumber(1, 100) });

/** A session affinity whose parts are well-formed. */
export const sessionAffinity: Check = all(
  (path, value) =>
    shape<{ by: string; name: unknown; ttl: unknown }>({ by: oneOf("cookie", "header", "source-ip"), name: () => [], ttl: () => [] })(
      path,
      value,
    ),
  (path, value) => affinityChecks[(value as SessionAffinity).by](path, value),
);

const affinityChecks: Readonly<Record<SessionAffinity["by"], Check>> = {
  cookie: shape({
    by: oneOf("cookie"),
    name: matching(/^[\w!#$%&'*+.^`|~-]+$/, "a cookie name (RFC 6265 token)", 128),
    ttl: duration({ min: "1s" }),
  }),
  header: shape({ by: oneOf("header"), name: headerName }),
  "source-ip": shape({ by: oneOf("source-ip") }),
};

/** All that decides how requests reach the versions of a service. */
export interface Traffic {
  /** Name of the Service. */
  readonly host: string;
  /** Port of the Service that all of this is about. */
  readonly port: number;
  /** Further ports of the Service that speak HTTP. Without routes of their own the versions would share them by number of pods, not by weight. */
  readonly otherHttpPorts: readonly number[];
  /** Whether the Service has several ports, so that destinations and matches must name theirs. */
  readonly manyPorts: boolean;
  /** Versions with their weights, the stable one first. */
  readonly versions: readonly WeightedVersion[];
  /**
   * Labels of every subset, where a delivery controller adds what tells them apart and moves the weights of the routes that have names.
   *
   * @default - each subset has `version: <its name>`, and no route has a name
   */
  readonly movedSubsets?: Readonly<Record<string, string>> | undefined;
  /** Pods of a version that names no number of its own. */
  readonly replicas: Replicas;
  /** Time limit of a whole request. */
  readonly timeout?: DurationText | undefined;
  /** What is tried again. */
  readonly retries?: RetryPolicy | undefined;
  /** Limits and ejection. */
  readonly circuitBreaker?: CircuitBreaker | undefined;
  /** Requests that reach one version by a header. */
  readonly testers?: Testers | undefined;
  /** A copy of the traffic. */
  readonly mirror?: Mirror | undefined;
  /** What ties a caller to one pod. */
  readonly sessionAffinity?: SessionAffinity | undefined;
  /** Whether callers' sidecars are told to use mTLS, whatever they find out by themselves. */
  readonly istioMutual: boolean;
}

/** The DestinationRule of a service: its versions as subsets, and how callers' sidecars connect to them. */
export function destinationRuleSpec(traffic: Traffic): DestinationRuleSpec {
  const trafficPolicy = servicePolicy(traffic);
  return {
    host: traffic.host,
    ...(Object.keys(trafficPolicy).length > 0 && { trafficPolicy }),
    subsets: traffic.versions.map((weighted) => subset(weighted, traffic)),
  };
}

/** The VirtualService of a service, for callers inside the mesh. */
export function virtualServiceSpec(traffic: Traffic): VirtualServiceSpec {
  if (!traffic.manyPorts) return { hosts: [traffic.host], http: httpRoutes(traffic, {}) };
  const others = traffic.otherHttpPorts.map((port) => ({
    ...named(traffic, `port-${port}`),
    match: [{ port }],
    route: weightedDestinations({ ...traffic, port }),
  }));
  return { hosts: [traffic.host], http: [...httpRoutes(traffic, { port: traffic.port }), ...others] };
}

/**
 * The routes of a service, first match first, for requests that meet a condition. Testers come before the weights; methods that may be
 * retried come before those that get one try.
 */
export function httpRoutes(traffic: Traffic, condition: HttpMatchRequest): readonly HttpRoute[] {
  const weighted = routesByMethod(traffic, condition, weightedDestinations(traffic));
  if (traffic.testers === undefined) return weighted;
  const { header, value, to } = traffic.testers;
  const isTester: HttpMatchRequest = { ...condition, headers: { ...condition.headers, [header]: { exact: value } } };
  return [
    ...routesByMethod({ ...traffic, mirror: undefined, movedSubsets: undefined }, isTester, [{ destination: destination(traffic, to) }]),
    ...weighted,
  ];
}

function routesByMethod(traffic: Traffic, condition: HttpMatchRequest, route: readonly HttpRouteDestination[]): readonly HttpRoute[] {
  const { retries } = traffic;
  const every = { ...matchOf(condition), route, ...limits(traffic) };
  const weighted = named(traffic, "weighted");
  if (retries === undefined) return [{ ...weighted, ...every }];
  if (retries.methods === "all" || retries.attempts === 0) return [{ ...weighted, ...every, retries: httpRetry(retries) }];
  const repeatable = retries.methods.map((method) => ({ ...condition, method: { exact: method } }));
  return [
    { ...named(traffic, "weighted-retried"), ...every, match: repeatable, retries: httpRetry(retries) },
    { ...weighted, ...every, retries: { attempts: 0 } },
  ];
}

/** A controller finds the routes that it moves by their names. */
function named({ movedSubsets }: Traffic, name: string): { readonly name?: string } {
  return movedSubsets === undefined ? {} : { name };
}

/** Names of the routes whose weights a controller moves. */
export function movedRoutes(spec: VirtualServiceSpec): readonly string[] {
  return (spec.http ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
}

function matchOf(condition: HttpMatchRequest): { readonly match?: readonly HttpMatchRequest[] } {
  return Object.keys(condition).length > 0 ? { match: [condition] } : {};
}

function limits({ timeout, mirror, ...traffic }: Traffic): Partial<HttpRoute> {
  return {
    ...(timeout !== undefined && { timeout }),
    ...(mirror !== undefined && {
      mirror: destination({ ...traffic, mirror }, mirror.to),
      mirrorPercentage: { value: mirror.percent },
    }),
  };
}

function weightedDestinations(traffic: Traffic): readonly HttpRouteDestination[] {
  return traffic.versions.map(({ version, weight }) => ({ destination: destination(traffic, version.name), weight }));
}

function destination({ host, port, manyPorts }: Traffic, subsetName: string): HttpRouteDestination["destination"] {
  return { host, subset: subsetName, ...(manyPorts && { port: { number: port } }) };
}

function subset({ version, role, weight }: WeightedVersion, { circuitBreaker, replicas, movedSubsets }: Traffic): Subset {
  const eject = circuitBreaker?.eject;
  return {
    name: version.name,
    labels: movedSubsets ?? { version: version.name },
    ...(eject !== undefined && {
      trafficPolicy: {
        outlierDetection: outlierDetection(
          eject,
          role === "stable" || weight >= 50 ? "carries" : "tries",
          fewest(version.replicas ?? replicas),
        ),
      },
    }),
  };
}

function servicePolicy(traffic: Traffic): TrafficPolicy {
  const pool = connectionPool(traffic.circuitBreaker ?? {});
  const loadBalancer = loadBalancing(traffic);
  return {
    ...(traffic.istioMutual && { tls: { mode: "ISTIO_MUTUAL" } }),
    ...(pool !== undefined && { connectionPool: pool }),
    ...(loadBalancer !== undefined && { loadBalancer }),
  };
}

/** Outlier detection switches on locality failover for nodes with topology labels; nobody asked for it (istio/istio#39477). */
function loadBalancing({ sessionAffinity, circuitBreaker }: Traffic): LoadBalancerSettings | undefined {
  const settings: LoadBalancerSettings = {
    ...(sessionAffinity !== undefined && { consistentHash: consistentHash(sessionAffinity) }),
    ...(circuitBreaker?.eject !== undefined && { localityLbSetting: { enabled: false } }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function consistentHash(affinity: SessionAffinity): NonNullable<LoadBalancerSettings["consistentHash"]> {
  switch (affinity.by) {
    case "cookie":
      return { httpCookie: { name: affinity.name, ttl: affinity.ttl } };
    case "header":
      return { httpHeaderName: affinity.name };
    case "source-ip":
      return { useSourceIp: true };
  }
}
