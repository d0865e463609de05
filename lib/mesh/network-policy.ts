import { ApiObject, Lazy } from "cdk8s";
import type { Construct } from "constructs";
import type { NetworkPolicySpec } from "./network-policies";

/** What a NetworkPolicy is called in the tree and in the cluster, and what it says at synth, when everything has been declared. */
export interface LazyNetworkPolicy {
  readonly id: string;
  readonly name: string;
  readonly spec: () => NetworkPolicySpec;
}

/** Adds a NetworkPolicy whose spec is made at synth. */
export function addNetworkPolicy(scope: Construct, { id, name, spec }: LazyNetworkPolicy): void {
  new ApiObject(scope, id, {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name },
    spec: Lazy.any({ produce: spec }),
  });
}
