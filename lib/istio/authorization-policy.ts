import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type AuthorizationPolicySpec, authorizationPolicyKind } from "./authorization-policy-spec";
import { manifest } from "./resource";

export type { AuthorizationPolicySpec } from "./authorization-policy-spec";
export type { AuthorizationCondition, AuthorizationOperation, AuthorizationRule, AuthorizationSource } from "./authorization-rule";
export type { PolicyTarget, PolicyTargetReference } from "./selector";

/** Props of an {@link AuthorizationPolicy}. */
export interface AuthorizationPolicyProps {
  /** Name, namespace, labels and annotations. `istio.io/dry-run: "true"` only writes to the log; for ALLOW and DENY. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** Who may call what. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: AuthorizationPolicySpec;
}

/**
 * Istio's AuthorizationPolicy, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { AuthorizationPolicy, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new AuthorizationPolicy(new Chart(app, "shop"), "Callers", {
 *   metadata: { name: "pricing-callers" },
 *   spec: {
 *     selector: { matchLabels: { "example.no/service": "pricing" } },
 *     action: "ALLOW",
 *     rules: [{ from: [{ source: { principals: ["cluster.local/ns/shop/sa/payment"] } }] }],
 *   },
 * });
 * ```
 * ```yaml
 * apiVersion: security.istio.io/v1
 * kind: AuthorizationPolicy
 * metadata:
 *   name: pricing-callers
 * spec:
 *   action: ALLOW
 *   rules:
 *     - from:
 *         - source:
 *             principals:
 *               - cluster.local/ns/shop/sa/payment
 *   selector:
 *     matchLabels:
 *       example.no/service: pricing
 * ```
 */
export class AuthorizationPolicy extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: AuthorizationPolicyProps) {
    super(scope, id, manifest(scope, id, props, authorizationPolicyKind));
  }
}
