/** A host that a gateway lets callers reach a service under. */
export interface EdgeRoute {
  /** Last part of the VirtualService's name. */
  readonly name: string;
  /** Host that callers outside the mesh use. */
  readonly host: string;
  /** Namespace and name of the Gateway: `istio-ingress/edge-pay-example-no`. */
  readonly gateway: string;
}
