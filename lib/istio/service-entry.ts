import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { manifest } from "./resource";
import { type ServiceEntrySpec, serviceEntryKind } from "./service-entry-spec";

export type { LabelSelector } from "./selector";
export type { ServiceEntrySpec, ServicePort } from "./service-entry-spec";
export type { WorkloadEndpoint } from "./workload-endpoint";

/** Props of a {@link ServiceEntry}. */
export interface ServiceEntryProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** The service. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: ServiceEntrySpec;
}

/**
 * Istio's ServiceEntry, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { ServiceEntry, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new ServiceEntry(new Chart(app, "shop"), "Bank", {
 *   metadata: { name: "bank" },
 *   spec: {
 *     hosts: ["api.bank.example.no"],
 *     location: "MESH_EXTERNAL",
 *     ports: [{ number: 443, name: "tls", protocol: "TLS" }],
 *     resolution: "DNS",
 *   },
 * });
 * ```
 * ```yaml
 * apiVersion: networking.istio.io/v1
 * kind: ServiceEntry
 * metadata:
 *   name: bank
 * spec:
 *   hosts:
 *     - api.bank.example.no
 *   location: MESH_EXTERNAL
 *   ports:
 *     - name: tls
 *       number: 443
 *       protocol: TLS
 *   resolution: DNS
 * ```
 */
export class ServiceEntry extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: ServiceEntryProps) {
    super(scope, id, manifest(scope, id, props, serviceEntryKind));
  }
}
