import type { OutlierDetection } from "../istio/destination-rule";
import type { HttpRetry } from "../istio/http-retry";
import type { ConsistentHash } from "../istio/load-balancer";

/**
 * How Flagger releases a Deployment: the fields that this library writes of those that Flagger 1.36 has.
 *
 * @see https://github.com/fluxcd/flagger/blob/v1.36.1/artifacts/flagger/crd.yaml
 */
export interface FlaggerCanarySpec {
  /** What moves the traffic. */
  readonly provider: "istio";
  /** The Deployment whose pods are on trial; those that serve are a copy of it, `<name>-primary`. */
  readonly targetRef: FlaggerReference & { readonly kind: "Deployment" };
  /** The Deployment's autoscaler, of which the primary gets a copy too. */
  readonly autoscalerRef?: FlaggerReference & { readonly kind: "HorizontalPodAutoscaler" };
  /** How long pods may stay unavailable before the release is taken back. Unit: seconds. */
  readonly progressDeadlineSeconds: number;
  /** The Services and routes that Flagger makes. */
  readonly service: FlaggerService;
  /** What decides about the release. */
  readonly analysis: FlaggerAnalysis;
}

/** An object of the same namespace. */
interface FlaggerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** The Services `<name>`, `<name>-primary` and `<name>-canary`, and one route between the two. */
export interface FlaggerService {
  readonly name: string;
  readonly port: number;
  readonly portName: string;
  readonly targetPort: number;
  readonly timeout?: string;
  readonly retries?: Pick<HttpRetry, "attempts" | "perTryTimeout" | "retryOn">;
  /** Gateways that the route is for; callers inside the mesh are `mesh`, which has to be named beside others. */
  readonly gateways?: readonly string[];
  /** Further hosts of the route; the Service's own name is always one. */
  readonly hosts?: readonly string[];
  readonly trafficPolicy?: FlaggerTrafficPolicy;
}

/** The policy of both DestinationRules. What Flagger's CRD or its own types do not have is dropped on the way, in silence. */
export interface FlaggerTrafficPolicy {
  readonly tls?: { readonly mode: "ISTIO_MUTUAL" };
  readonly connectionPool?: { readonly http: Readonly<Partial<Record<FlaggerHttpLimit, number>>> };
  readonly outlierDetection?: Pick<OutlierDetection, "consecutive5xxErrors" | "interval" | "baseEjectionTime" | "maxEjectionPercent">;
  readonly loadBalancer?: { readonly consistentHash: ConsistentHash };
}

type FlaggerHttpLimit = "http1MaxPendingRequests" | "http2MaxRequests" | "maxRequestsPerConnection" | "maxRetries";

/** How a release goes on, and what ends it. */
export interface FlaggerAnalysis {
  /** Time between two looks; each one that finds nothing wrong is a step. At least 10s. */
  readonly interval: string;
  /** Failed looks after which the release is taken back, at the next one. */
  readonly threshold: number;
  /** Weights of the canary, one after the other. Unit: percent. */
  readonly stepWeights: readonly number[];
  readonly metrics: readonly FlaggerMetric[];
  readonly webhooks?: readonly FlaggerWebhook[];
}

/** A query of a MetricTemplate, and what its answer may be at most. */
export interface FlaggerMetric {
  readonly name: string;
  readonly interval: string;
  readonly thresholdRange: { readonly max: number };
  readonly templateRef: { readonly name: string };
}

/** An address that Flagger calls. */
export interface FlaggerWebhook {
  readonly name: string;
  readonly type: "confirm-rollout" | "confirm-traffic-increase" | "confirm-promotion" | "rollout";
  readonly url: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A query that a Canary names. Flagger fills in Go templates in it, and takes no answer for a failure. */
export interface FlaggerMetricTemplateSpec {
  readonly provider: { readonly type: "prometheus"; readonly address: string };
  readonly query: string;
}
