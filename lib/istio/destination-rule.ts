import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type Check, optional } from "../core/check";
import { dnsLabel } from "../core/name";
import { type Problem, problem } from "../core/problem";
import { distinct, each, isDeferred, items, part, type Rule } from "./part";
import { manifest } from "./resource";
import { type WorkloadSelector, workloadSelector } from "./selector";
import { type Since, under } from "./since";
import { exportTo, labels, wildcardHost } from "./text";
import { type TrafficPolicy, trafficPolicy, trafficPolicySince } from "./traffic-policy";

export type { ConnectionPoolSettings, Http2KeepAlive, HttpSettings, TcpKeepalive, TcpSettings } from "./connection-pool";
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

/**
 * How callers send requests to a host, and which subsets of its pods there are.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/
 */
export interface DestinationRuleSpec {
  /** Name of the service, short or in full, or a wildcard. Short names are read in the namespace of the DestinationRule. */
  readonly host: string;
  /** For all pods of the host. */
  readonly trafficPolicy?: TrafficPolicy;
  /** Parts of the host's pods that routes can name. */
  readonly subsets?: readonly Subset[];
  /** Callers that the rule is for, in its own namespace. @default - all callers */
  readonly workloadSelector?: WorkloadSelector;
  /** Namespaces that see this object: names, `.` for its own, or `*` alone. @default ["*"] */
  readonly exportTo?: readonly string[];
}

/** A part of a host's pods. */
export interface Subset {
  /** An RFC 1123 label, once in the rule. */
  readonly name: string;
  /** Labels that the pods carry. @default - all pods of the host */
  readonly labels?: Readonly<Record<string, string>>;
  /** For the pods of the subset, in place of the same settings of the host. */
  readonly trafficPolicy?: TrafficPolicy;
}

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
    super(scope, id, manifest(scope, id, props, { kind: "DestinationRule", problems: ({ spec }) => destinationRuleProblems(spec), since }));
  }
}

/** What Istio's own validation would refuse in a spec, looking at nothing else in the mesh. */
export function destinationRuleProblems(spec: DestinationRuleSpec): readonly Problem[] {
  return destinationRule("spec", spec);
}

const since: Since = under(["trafficPolicy", "subsets[].trafficPolicy"], trafficPolicySince);

const subset: Check = part<Subset>({ name: dnsLabel, labels: optional(labels), trafficPolicy: optional(trafficPolicy) });

const ownNamespace: Rule<DestinationRuleSpec> = ({ workloadSelector, exportTo }, path) =>
  workloadSelector !== undefined && items(exportTo).some((namespace) => namespace !== "." && !isDeferred(namespace))
    ? [problem(`${path}.exportTo`, exportTo, 'only ".", because a workloadSelector holds in its own namespace')]
    : [];

const destinationRule: Check = part<DestinationRuleSpec>(
  {
    host: wildcardHost,
    trafficPolicy: optional(trafficPolicy),
    subsets: optional(each(subset)),
    workloadSelector: optional(workloadSelector),
    exportTo: optional(exportTo()),
  },
  ({ subsets }, path) => distinct(subsets, `${path}.subsets`, ({ name }) => name, "name"),
  ownNamespace,
);
