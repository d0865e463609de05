import { all, bool, type Check, numberBetween, oneOf, optional, satisfies, wholeNumber } from "../core/check";
import type { DurationText } from "../core/duration";
import { type Problem, problem } from "../core/problem";
import { atMostOneOf, dict, distinct, each, items, part, type Rule } from "./part";
import type { Since } from "./since";
import { count32, duration, durationOrZero, isAnyDuration, someText, text } from "./text";
import { isText, tolerated } from "./tolerated";

/** How the pod for a request is chosen. `simple` or `consistentHash`, not both. */
export interface LoadBalancerSettings {
  /**
   * `LEAST_REQUEST` the pod with fewer requests of two picked at random, `ROUND_ROBIN` in turn, `RANDOM`,
   * `PASSTHROUGH` the address that the caller named.
   *
   * @default "LEAST_REQUEST"
   */
  readonly simple?: "LEAST_REQUEST" | "ROUND_ROBIN" | "RANDOM" | "PASSTHROUGH" | "LEAST_CONN" | "UNSPECIFIED";
  /** The same pod for what looks the same. Pods that come or go move some. */
  readonly consistentHash?: ConsistentHash;
  /** Preference for pods that are near. It works only with outlier detection. @default - as the mesh is configured */
  readonly localityLbSetting?: LocalityLbSetting;
  /** Preference for pods in the same zone, by Envoy itself. Not together with `localityLbSetting`. From Istio 1.31. */
  readonly zoneAwareLbSetting?: ZoneAwareLbSetting;
  /** Fewer requests for new pods at first. From Istio 1.24. */
  readonly warmup?: Warmup;
  /** How long new pods get fewer requests. Unit: duration text. @deprecated Use `warmup`. */
  readonly warmupDurationSecs?: DurationText;
}

/** What must look the same for the same pod: exactly one of the first four. */
export interface ConsistentHash {
  /** By a header. */
  readonly httpHeaderName?: string;
  /** By a cookie, which the proxy sets where it is missing. */
  readonly httpCookie?: HttpCookie;
  /** By the caller's address. */
  readonly useSourceIp?: boolean;
  /** By a parameter of the query. */
  readonly httpQueryParameterName?: string;
  /** A ring: Istio's default. Not together with `maglev`. */
  readonly ringHash?: { readonly minimumRingSize?: number };
  /** A table: quicker, but a pod that comes or goes moves more. The size is a prime number below 5000011; Envoy's own choice is 65537. */
  readonly maglev?: { readonly tableSize: number };
  /** @deprecated Use `ringHash`. */
  readonly minimumRingSize?: number;
}

/** The cookie that tells callers apart. Envoy makes it when `ttl` is given. */
export interface HttpCookie {
  readonly name: string;
  /** Path that the cookie is for. */
  readonly path?: string;
  /** How long the cookie lives; `"0s"` until the browser closes. Required up to Istio 1.19. */
  readonly ttl?: DurationText;
  /** Further attributes, such as `SameSite`. From Istio 1.28. */
  readonly attributes?: readonly { readonly name: string; readonly value?: string }[];
}

/** Which localities requests go to. A locality is `region/zone/subzone`. */
export interface LocalityLbSetting {
  /** @default true */
  readonly enabled?: boolean;
  /** Shares for localities. Not together with `failover`. */
  readonly distribute?: readonly LocalityDistribution[];
  /** Where requests of a region go when its own pods fail. */
  readonly failover?: readonly RegionFailover[];
  /** Labels in order: pods that share more of them with the caller are tried first. */
  readonly failoverPriority?: readonly string[];
}

/** Shares of the requests that come from one locality. */
export interface LocalityDistribution {
  /** `region/zone/subzone`, where `*` may end it. */
  readonly from: string;
  /** Locality to share. Unit: percent, 1 to 100, in sum 100. */
  readonly to: Readonly<Record<string, number>>;
}

/** Where requests of one region go when its own pods fail. */
export interface RegionFailover {
  /** Region whose pods fail. */
  readonly from: string;
  /** Region that takes over. */
  readonly to: string;
}

/** Preference for pods in the same zone, by Envoy itself. */
export interface ZoneAwareLbSetting {
  /** Whether callers prefer pods of their own zone. */
  readonly enabled?: boolean;
  /** What takes over when a zone fails. */
  readonly failover?: readonly RegionFailover[];
  /** Labels in order; not those of region, zone and subzone. */
  readonly failoverPriority?: readonly string[];
  /** Pods below which zones do not matter. At least 1. */
  readonly minClusterSize?: number;
}

/** Fewer requests for new pods at first. */
export interface Warmup {
  /** Until a pod gets its full share. Unit: duration text, at least 1ms. */
  readonly duration: DurationText;
  /** Share at the start. Unit: percent, 0 to 100. @default 10 */
  readonly minimumPercent?: number;
  /** How fast it grows: 1 evenly, more is faster at the end. Above 0. @default 1 */
  readonly aggression?: number;
}

/** Istio takes 1 for a prime number. */
const isOne = (value: unknown): boolean => value === 1;
const prime: Check = satisfies("a prime number below 5000011", (value) => isPrime(Number(value)));

const consistentHash: Check = part<ConsistentHash>(
  {
    httpHeaderName: optional(someText),
    httpCookie: optional(
      part<HttpCookie>(
        {
          name: someText,
          path: optional(text),
          ttl: optional(tolerated(durationOrZero, isAnyDuration)),
          attributes: optional(each(part<{ readonly name: string; readonly value?: string }>({ name: someText, value: optional(text) }))),
        },
        ({ attributes }, path) => distinct(attributes, `${path}.attributes`, ({ name }) => name, "name"),
      ),
    ),
    useSourceIp: optional(bool),
    httpQueryParameterName: optional(someText),
    ringHash: optional(part<{ readonly minimumRingSize?: number }>({ minimumRingSize: optional(wholeNumber(0)) })),
    maglev: optional(part<{ readonly tableSize: number }>({ tableSize: tolerated(all(wholeNumber(2, 5_000_010), prime), isOne) })),
    minimumRingSize: optional(wholeNumber(0)),
  },
  atMostOneOf("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"),
  atMostOneOf("ringHash", "maglev", "minimumRingSize"),
);

const region: Check = satisfies(
  "a region, without zone and wildcard",
  (value) => typeof value === "string" && value !== "" && !/[/*]/.test(value),
);
const locality: Check = satisfies(
  "a locality such as europe-north1, europe-north1/a or europe-north1/*",
  (value) => typeof value === "string" && /^(?:\*|[^/*]+(?:\/[^/*]+){0,2}(?:\/?\*)?)$/.test(value),
);

const failover: Check = each(
  part<RegionFailover>({ from: tolerated(region, isNothing), to: tolerated(region, isNothing) }, ({ from, to }, path) =>
    from === to ? [problem(`${path}.to`, to, "another region than in from")] : [],
  ),
);

/** The shares of one locality sum to the whole. */
const sumsTo100: Rule<LocalityDistribution> = ({ to }, path) => {
  const shares: readonly unknown[] = Object.values(to);
  if (shares.some((share) => typeof share !== "number")) return [];
  const sum = Object.values(to).reduce((total, share) => total + share, 0);
  return sum === 100 ? [] : [{ path: `${path}.to`, message: `got shares that sum to ${sum}, expected 100.` }];
};

const distribute: Check = all(
  each(part<LocalityDistribution>({ from: locality, to: dict(locality, wholeNumber(1, 100)) }, sumsTo100)),
  (path, value) => [
    ...overlaps(
      items(value as readonly LocalityDistribution[]).map(({ from }) => from),
      path,
    ),
    ...items(value as readonly LocalityDistribution[]).flatMap(({ to }, index) => overlaps(Object.keys(to ?? {}), `${path}[${index}].to`)),
  ],
);

const topology: readonly string[] = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];
const noTopology: Check = satisfies(
  "a label that is not of region, zone or subzone, which are ordered already",
  (value) => !topology.includes(String(value)),
);

const noDoubleOrder: Rule<LocalityLbSetting> = ({ failover, failoverPriority }, path) =>
  items(failover).length === 0
    ? []
    : items(failoverPriority).flatMap((label, index) => noTopology(`${path}.failoverPriority[${index}]`, label));

const localityLbSetting: Check = part<LocalityLbSetting>(
  {
    enabled: optional(bool),
    distribute: optional(distribute),
    failover: optional(failover),
    failoverPriority: optional(each(tolerated(someText, isText))),
  },
  atMostOneOf("distribute", "failover"),
  noDoubleOrder,
);

const zoneAwareLbSetting: Check = part<ZoneAwareLbSetting>({
  enabled: optional(bool),
  failover: optional(failover),
  failoverPriority: optional(each(all(tolerated(someText, isText), noTopology))),
  minClusterSize: optional(all(wholeNumber(1), count32)),
});

const warmup: Check = part<Warmup>({
  duration,
  minimumPercent: optional(numberBetween(0, 100)),
  aggression: optional(satisfies("a number above 0", (value) => typeof value === "number" && value > 0 && Number.isFinite(value))),
});

/** A choice of pods that Istio takes. */
export const loadBalancer: Check = part<LoadBalancerSettings>(
  {
    simple: optional(oneOf("LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "PASSTHROUGH", "LEAST_CONN", "UNSPECIFIED")),
    consistentHash: optional(consistentHash),
    localityLbSetting: optional(localityLbSetting),
    zoneAwareLbSetting: optional(zoneAwareLbSetting),
    warmup: optional(warmup),
    warmupDurationSecs: optional(duration),
  },
  atMostOneOf("simple", "consistentHash"),
  atMostOneOf("localityLbSetting", "zoneAwareLbSetting"),
);

/** What came later than Istio 1.17, below the settings. */
export const loadBalancerSince: Since = {
  "consistentHash.httpCookie.attributes": "1.28",
  warmup: "1.24",
  zoneAwareLbSetting: "1.31",
};

function isNothing(value: unknown): boolean {
  return value === undefined || value === "";
}

function isPrime(value: number): boolean {
  for (let factor = 2; factor * factor <= value; factor++) if (value % factor === 0) return false;
  return value > 1;
}

/** Localities that stand for a part of another one in the list. */
function overlaps(localities: readonly string[], path: string): readonly Problem[] {
  return localities.flatMap((one, index) => {
    const twin = localities.slice(0, index).find((other) => within(one, other) || within(other, one));
    return twin === undefined ? [] : [{ path, message: `names "${one}" and "${twin}", which overlap.` }];
  });
}

function within(narrow: string, wide: string): boolean {
  const stem = wide.replace(/\/?\*$/, "");
  return stem === "" || narrow === stem || narrow.startsWith(`${stem}/`);
}
