import { type Check, optional } from "../core/check";
import { problem } from "../core/problem";
import type { Kind } from "./kind";
import { distinct, each, isDeferred, items, part, type Rule } from "./part";
import { type WorkloadSelector, workloadSelector } from "./selector";
import { type Since, under } from "./since";
import { exportedOnce, exportTo, istioLabel, labels, wildcardHost } from "./text";
import { type TrafficPolicy, trafficPolicy, trafficPolicySince } from "./traffic-policy";

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

const since: Since = under(["trafficPolicy", "subsets[].trafficPolicy"], trafficPolicySince);

const subset: Check = part<Subset>({ name: istioLabel, labels: optional(labels), trafficPolicy: optional(trafficPolicy) });

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

/** What is to know of a DestinationRule to check it. */
export const destinationRuleKind: Kind<"DestinationRule"> = {
  kind: "DestinationRule",
  spec: destinationRule,
  metadata: exportedOnce,
  since,
};
