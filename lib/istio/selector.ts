import { type Check, matching, optional } from "../core/check";
import { labelKey, labelValue } from "../core/name";
import { type Problem, problem } from "../core/problem";
import { atMostOneOf, dict, each, part, type Rule, refused } from "./part";
import type { Since } from "./since";
import { textOf } from "./text";
import { tolerated } from "./tolerated";

/** Pods that an object is for, by their labels. */
export interface WorkloadSelector {
  /** Labels that a pod carries, all of them. No wildcards. */
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** Pods that a Sidecar or ServiceEntry is for, by their labels. */
export interface LabelSelector {
  /** Labels that a pod carries, all of them. No wildcards. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a policy hangs on, in its own namespace: for waypoints and gateways of the Gateway API. */
export interface PolicyTargetReference {
  /** API group: empty or left out for a Service, `gateway.networking.k8s.io` for a Gateway or GatewayClass, `networking.istio.io` for a ServiceEntry. */
  readonly group?: string;
  /** Kind of the object: `Gateway`, `Service`, `ServiceEntry` or `GatewayClass`. */
  readonly kind: "Service" | "ServiceEntry" | "Gateway" | "GatewayClass";
  readonly name: string;
}

/** What a policy is for: one of three, or its whole namespace. */
export interface PolicyTarget {
  /** Pods by their labels. */
  readonly selector?: WorkloadSelector;
  /** From Istio 1.20. @deprecated Use `targetRefs`. */
  readonly targetRef?: PolicyTargetReference;
  /** At most 16. From Istio 1.22. */
  readonly targetRefs?: readonly PolicyTargetReference[];
}

const groups: Readonly<Record<string, readonly (string | undefined)[]>> = {
  Service: [undefined, "", "core"],
  ServiceEntry: ["networking.istio.io"],
  Gateway: ["gateway.networking.k8s.io"],
  GatewayClass: ["gateway.networking.k8s.io"],
};

const knownTarget: Rule<PolicyTargetReference> = ({ group, kind }, path): readonly Problem[] => {
  const expected = groups[kind];
  if (expected?.includes(group) === true || typeof kind !== "string") return [];
  const found = `${group ?? ""}/${kind}`.replace(/^\//, "");
  return [
    {
      path,
      message: `got ${found}, expected a Service, networking.istio.io/ServiceEntry, gateway.networking.k8s.io/Gateway or gateway.networking.k8s.io/GatewayClass.`,
    },
  ];
};

/** Labels that pods can carry. Istio looks for wildcards and empty keys only: with others it finds no pod. */
function selectedLabels(max: number): Check {
  const key = tolerated(labelKey, (value) => isPlain(value) && value !== "");
  const value = tolerated(labelValue, (value) => isPlain(value) && value.length <= 63);
  return dict(key, value, { max });
}

function isPlain(value: unknown): value is string {
  return typeof value === "string" && !value.includes("*");
}

/** Pods by their labels. */
export const workloadSelector: Check = part<WorkloadSelector>({ matchLabels: optional(selectedLabels(4096)) });

/** Pods by their labels, as Sidecar and ServiceEntry write it. */
export const labelSelector: Check = part<LabelSelector>({ labels: optional(selectedLabels(256)) });

/** Also the namespace, which the schema has, and in which only an empty text may stand. */
type Reference = PolicyTargetReference & { readonly namespace?: string };

const reference = {
  group: optional(matching(/^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)?$/, "an API group")),
  kind: matching(/^[a-zA-Z](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/, "a kind such as Gateway", 63),
  name: textOf(1, 253),
  namespace: refused((path, value) =>
    value === "" ? undefined : problem(path, value, "nothing, because a policy is for things of its own namespace"),
  ),
};

const targetRef: Check = part<Reference>(reference, knownTarget);

/** What something other than a policy hangs on: any kind. */
export const targetRefs: Check = each(part<Reference>(reference), { max: 16 });

/** The fields that say what a policy is for. */
export const policyTarget: { readonly [Field in keyof Required<PolicyTarget>]: Check } = {
  selector: optional(workloadSelector),
  targetRef: optional(targetRef),
  targetRefs: optional(each(targetRef, { max: 16 })),
};

/** A policy is for one of the three. */
export const oneTarget: Rule<PolicyTarget> = atMostOneOf<PolicyTarget>("selector", "targetRef", "targetRefs");

/** What came later than Istio 1.17 in what a policy is for. */
export const policyTargetSince: Since = { targetRef: "1.20", targetRefs: "1.22" };
