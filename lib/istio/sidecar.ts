import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { manifest } from "./resource";
import { type SidecarSpec, sidecarKind } from "./sidecar-spec";

export type {
  CaptureMode,
  IstioEgressListener,
  IstioIngressListener,
  OutboundTrafficPolicy,
  SidecarPort,
  SidecarSpec,
} from "./sidecar-spec";

/** Props of a {@link Sidecar}. */
export interface SidecarProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** What the sidecars know. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: SidecarSpec;
}

/**
 * Istio's Sidecar, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { Sidecar, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new Sidecar(new Chart(app, "shop"), "Scope", {
 *   metadata: { name: "default" },
 *   spec: { egress: [{ hosts: ["./*", "istio-system/*"] }], outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
 * });
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: Sidecar
 * metadata:
 *   name: default
 * spec:
 *   egress:
 *     - hosts:
 *         - ./*
 *         - istio-system/*
 *   outboundTrafficPolicy:
 *     mode: REGISTRY_ONLY
 * ```
 */
export class Sidecar extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: SidecarProps) {
    super(scope, id, manifest(scope, id, props, sidecarKind));
  }
}
