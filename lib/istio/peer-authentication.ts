import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type PeerAuthenticationSpec, peerAuthenticationKind } from "./peer-authentication-spec";
import { manifest } from "./resource";

export type { MutualTls, PeerAuthenticationSpec } from "./peer-authentication-spec";

/** Props of a {@link PeerAuthentication}. */
export interface PeerAuthenticationProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** What is accepted. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: PeerAuthenticationSpec;
}

/**
 * Istio's PeerAuthentication, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { PeerAuthentication, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new PeerAuthentication(new Chart(app, "shop"), "Mtls", {
 *   metadata: { name: "default" },
 *   spec: { mtls: { mode: "STRICT" } },
 * });
 * ```
 * ```yaml
 * apiVersion: security.istio.io/v1
 * kind: PeerAuthentication
 * metadata:
 *   name: default
 * spec:
 *   mtls:
 *     mode: STRICT
 * ```
 */
export class PeerAuthentication extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec. */
  constructor(scope: Construct, id: string, props: PeerAuthenticationProps) {
    super(scope, id, manifest(scope, id, props, peerAuthenticationKind));
  }
}
