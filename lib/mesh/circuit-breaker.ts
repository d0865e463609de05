import { type Check, optional, shape, wholeNumber } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import type { Fault } from "../core/finding";
import type { ConnectionPoolSettings, OutlierDetection } from "../istio/destination-rule";
import { maxEjectionPercent } from "../istio/ejection";

export { maxEjectionPercent };

/** When a pod that keeps failing is taken out of the load balancing, and for how long. */
export interface Ejection {
  /** Answers with status 5xx in a row after which a pod is taken out. Range: 1 to 1000. */
  readonly after5xx: number;
  /** Time that a pod stays out the first time; it grows with each further time. At least 1ms. */
  readonly for: DurationText;
  /**
   * Time between two looks at the pods.
   *
   * @default - "10s", Istio's own
   */
  readonly interval?: DurationText;
  /**
   * Pods that always stay in, however badly they answer, of the stable version and of any with half of the requests or more. Range: 1 to
   * 1000. Pods of a smaller canary are all taken out when they fail: the stable version is there to answer.
   *
   * @default 1
   */
  readonly keepAtLeast?: number;
}

/**
 * Limits at which a caller's sidecar answers 503 at once instead of waiting, and the ejection of failing pods. Each sidecar counts for
 * itself. A limit that is left out is Istio's own: 2^32-1, none.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
 */
export interface CircuitBreaker {
  /** TCP connections to the service. Range: 1 to 2^31-1. */
  readonly maxConnections?: number;
  /** Requests that wait for a connection. Range: 1 to 2^31-1. */
  readonly maxPendingRequests?: number;
  /** Requests under way. Range: 1 to 2^31-1. */
  readonly maxRequests?: number;
  /** Requests that one connection carries before it is closed. Range: 1 to 2^31-1. */
  readonly maxRequestsPerConnection?: number;
  /** Retries under way, over all requests. Range: 1 to 2^31-1. */
  readonly maxRetries?: number;
  /**
   * Takes failing pods out of the load balancing.
   *
   * @default - none are taken out
   */
  readonly eject?: Ejection;
}

const limit = optional(wholeNumber(1, 2 ** 31 - 1));

/** A circuit breaker whose parts are well-formed. */
export const circuitBreaker: Check = shape<CircuitBreaker>({
  maxConnections: limit,
  maxPendingRequests: limit,
  maxRequests: limit,
  maxRequestsPerConnection: limit,
  maxRetries: limit,
  eject: optional(
    shape<Ejection>({
      after5xx: wholeNumber(1, 1000),
      for: duration(),
      interval: optional(duration()),
      keepAtLeast: optional(wholeNumber(1, 1000)),
    }),
  ),
});

/** The limits as a DestinationRule carries them; undefined when there are none. */
export function connectionPool(breaker: CircuitBreaker): ConnectionPoolSettings | undefined {
  const { maxConnections, maxPendingRequests, maxRequests, maxRequestsPerConnection, maxRetries } = breaker;
  const http = {
    ...(maxPendingRequests !== undefined && { http1MaxPendingRequests: maxPendingRequests }),
    ...(maxRequests !== undefined && { http2MaxRequests: maxRequests }),
    ...(maxRequestsPerConnection !== undefined && { maxRequestsPerConnection }),
    ...(maxRetries !== undefined && { maxRetries }),
  };
  const pool = {
    ...(maxConnections !== undefined && { tcp: { maxConnections } }),
    ...(Object.keys(http).length > 0 && { http }),
  };
  return Object.keys(pool).length > 0 ? pool : undefined;
}

/**
 * The ejection of one version's pods, as a subset of a DestinationRule carries it.
 *
 * A version on trial may lose all of them. One that carries the service may not, and a canary with half of the requests carries it too: nothing
 * falls back to another subset.
 */
export function outlierDetection(eject: Ejection, part: "carries" | "tries", pods: number): OutlierDetection {
  return {
    consecutive5xxErrors: eject.after5xx,
    baseEjectionTime: eject.for,
    ...(eject.interval !== undefined && { interval: eject.interval }),
    maxEjectionPercent: part === "tries" ? 100 : maxEjectionPercent(pods, eject.keepAtLeast ?? 1),
  };
}

/** Why an ejection can never happen. */
export function ejectionFaults(breaker: CircuitBreaker | undefined, stablePods: number): readonly Fault[] {
  const keep = breaker?.eject?.keepAtLeast ?? 1;
  if (breaker?.eject === undefined || stablePods > keep) return [];
  return [
    {
      code: "MG0304",
      prop: "circuitBreaker.eject",
      message: `the stable version has ${stablePods} ${stablePods === 1 ? "pod" : "pods"} and keeps at least ${keep}: a failing one is never taken out.`,
      fix: `Raise replicas to at least ${keep + 1}, or leave eject out.`,
    },
  ];
}
