import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type RequestAuthenticationSpec, requestAuthenticationKind } from "./request-authentication-spec";
import { manifest } from "./resource";

export type { JwtRule, RequestAuthenticationSpec } from "./request-authentication-spec";

/** Props of a {@link RequestAuthentication}. */
export interface RequestAuthenticationProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** Which tokens are verified. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: RequestAuthenticationSpec;
}

/**
 * Istio's RequestAuthentication, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { RequestAuthentication, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new RequestAuthentication(new Chart(app, "shop"), "Tokens", {
 *   metadata: { name: "tokens" },
 *   spec: { jwtRules: [{ issuer: "https://id.example.no", jwksUri: "https://id.example.no/keys" }] },
 * });
 * ```
 * ```yaml
 * apiVersion: security.istio.io/v1
 * kind: RequestAuthentication
 * metadata:
 *   name: tokens
 * spec:
 *   jwtRules:
 *     - issuer: https://id.example.no
 *       jwksUri: https://id.example.no/keys
 * ```
 */
export class RequestAuthentication extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: RequestAuthenticationProps) {
    super(scope, id, manifest(scope, id, props, requestAuthenticationKind));
  }
}
