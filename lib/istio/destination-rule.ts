import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type DestinationRuleSpec, destinationRuleKind } from "./destination-rule-spec";
import { manifest } from "./resource";

export type { ConnectionPoolSettings, Http2KeepAlive, HttpSettings, TcpKeepalive, TcpSettings } from "./connection-pool";
export type { DestinationRuleSpec, Subset } from "./destination-rule-spec";
export type {
  ConsistentHash,
  HttpCookie,
  LoadBalancerSettings,
  LocalityDistribution,
  LocalityLbSetting,
  RegionFailover,
  Warmup,
  ZoneAwareLbSetting,
} from "./load-balancer";
export type { WorkloadSelector } from "./selector";
export type {
  ClientTlsSettings,
  OutlierDetection,
  PortPolicy,
  PortTrafficPolicy,
  RetryBudget,
  TrafficPolicy,
  TunnelSettings,
} from "./traffic-policy";

/** Props of a {@link DestinationRule}. */
export interface DestinationRuleProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** How requests are sent. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: DestinationRuleSpec;
}

/**
 * Istio's DestinationRule, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { DestinationRule, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new DestinationRule(new Chart(app, "shop"), "Pricing", {
 *   metadata: { name: "pricing" },
 *   spec: {
 *     host: "pricing",
 *     trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5, maxEjectionPercent: 50 } },
 *     subsets: [{ name: "v1", labels: { version: "v1" } }],
 *   },
 * });
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: DestinationRule
 * metadata:
 *   name: pricing
 * spec:
 *   host: pricing
 *   subsets:
 *     - labels:
 *         version: v1
 *       name: v1
 *   trafficPolicy:
 *     outlierDetection:
 *       consecutive5xxErrors: 5
 *       maxEjectionPercent: 50
 * ```
 */
export class DestinationRule extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: DestinationRuleProps) {
    super(scope, id, manifest(scope, id, props, destinationRuleKind));
  }
}
