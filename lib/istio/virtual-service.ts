import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { manifest } from "./resource";
import { type VirtualServiceSpec, virtualServiceKind } from "./virtual-service-spec";

export type { Destination, Percent } from "./destination";
export type { HeaderOperations, HttpHeaders } from "./header-operations";
export type { HttpMatchRequest } from "./http-match";
export type { HttpRetry } from "./http-retry";
export type {
  CorsPolicy,
  Delegate,
  HttpDirectResponse,
  HttpFaultInjection,
  HttpMirrorPolicy,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
  HttpRouteDestination,
} from "./http-route";
export type { PresenceMatch, StringMatch } from "./string-match";
export type {
  L4MatchAttributes,
  RouteDestination,
  TcpMatchAttributes,
  TcpRoute,
  TlsMatchAttributes,
  TlsRoute,
  VirtualServiceSpec,
} from "./virtual-service-spec";

/** Props of a {@link VirtualService}. */
export interface VirtualServiceProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** Where requests go. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: VirtualServiceSpec;
}

/**
 * Istio's VirtualService, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { useReleases, VirtualService } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new VirtualService(new Chart(app, "shop"), "Pricing", {
 *   metadata: { name: "pricing" },
 *   spec: { hosts: ["pricing"], http: [{ route: [{ destination: { host: "pricing" } }], timeout: "2s" }] },
 * });
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: VirtualService
 * metadata:
 *   name: pricing
 * spec:
 *   hosts:
 *     - pricing
 *   http:
 *     - route:
 *         - destination:
 *             host: pricing
 *       timeout: 2s
 * ```
 */
export class VirtualService extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: VirtualServiceProps) {
    super(scope, id, manifest(scope, id, props, virtualServiceKind));
  }
}
