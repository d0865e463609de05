import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { type GatewaySpec, gatewayKind } from "./gateway-spec";
import { manifest } from "./resource";

export type { GatewayPort, GatewayServer, GatewaySpec } from "./gateway-spec";
export type { ServerTlsMode, ServerTlsSettings, TlsCertificate, TlsVersion } from "./server-tls";
export type { Protocol } from "./text";

/** Props of a {@link Gateway}. */
export interface GatewayProps {
  /** Name, namespace, labels and annotations. The name is an RFC 1123 label, without dots. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** The ports. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: GatewaySpec;
}

/**
 * Istio's Gateway, in the apiVersion of the tree's release. Not the Gateway API's kind of the same name.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { Gateway, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new Gateway(new Chart(app, "edge"), "Gateway", {
 *   metadata: { name: "edge" },
 *   spec: {
 *     selector: { istio: "ingressgateway" },
 *     servers: [
 *       {
 *         port: { number: 443, protocol: "HTTPS", name: "https" },
 *         hosts: ["pay.example.no"],
 *         tls: { mode: "SIMPLE", credentialName: "pay-tls" },
 *       },
 *     ],
 *   },
 * });
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: Gateway
 * metadata:
 *   name: edge
 * spec:
 *   selector:
 *     istio: ingressgateway
 *   servers:
 *     - hosts:
 *         - pay.example.no
 *       port:
 *         name: https
 *         number: 443
 *         protocol: HTTPS
 *       tls:
 *         credentialName: pay-tls
 *         mode: SIMPLE
 * ```
 */
export class Gateway extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id, manifest(scope, id, props, gatewayKind));
  }
}
