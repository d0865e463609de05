import { type Check, matching, optional } from "../core/check";
import type { Problem } from "../core/problem";
import { each, items, part, type Rule } from "./part";
import type { Since } from "./since";
import { labels, someText } from "./text";

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

/** Pods by their labels. */
export const workloadSelector: Check = part<WorkloadSelector>({ matchLabels: optional(labels) });

/** Pods by their labels, as Sidecar and ServiceEntry write it. */
export const labelSelector: Check = part<LabelSelector>({ labels: optional(labels) });

const targetRef: Check = part<PolicyTargetReference>(
  { group: optional(matching(/^[-a-z0-9.]*$/, "an API group")), kind: someText, name: someText },
  knownTarget,
);

/** The fields that say what a policy is for. */
export const policyTarget: { readonly [Field in keyof Required<PolicyTarget>]: Check } = {
  selector: optional(workloadSelector),
  targetRef: optional(targetRef),
  targetRefs: optional(each(targetRef, { max: 16 })),
};

/** A policy is for one of the three. */
export const oneTarget: Rule<PolicyTarget> = (policy, path) => {
  const { selector, targetRef, targetRefs } = policy;
  const found = [selector && "selector", targetRef && "targetRef", items(targetRefs).length > 0 && "targetRefs"].filter(Boolean);
  return found.length < 2
    ? []
    : [{ path, message: `got ${found.join(" and ")}, expected at most one of selector, targetRef, targetRefs.` }];
};

/** What came later than Istio 1.17 in what a policy is for. */
export const policyTargetSince: Since = { targetRef: "1.20", targetRefs: "1.22" };
