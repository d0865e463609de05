import { ApiObject, type ApiObjectMetadata } from "cdk8s";
import type { Construct } from "constructs";
import { manifest } from "./resource";
import { type TelemetrySpec, telemetryKind } from "./telemetry-spec";

export type {
  AccessLogging,
  CustomTag,
  IstioMetric,
  MetricSelector,
  Metrics,
  MetricsOverride,
  TagOverride,
  TelemetryProvider,
  TelemetrySpec,
  Tracing,
  WorkloadMode,
} from "./telemetry-spec";

/** Props of a {@link Telemetry}. */
export interface TelemetryProps {
  /** Name, namespace, labels and annotations. @default - a name made of the construct's path */
  readonly metadata?: ApiObjectMetadata;
  /** What is reported. Its parts may be cdk8s's `Lazy`: those are not checked. */
  readonly spec: TelemetrySpec;
}

/**
 * Istio's Telemetry, in the apiVersion of the tree's release.
 *
 * @example
 * ```ts
 * import { App, Chart } from "cdk8s";
 * import { Telemetry, useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * new Telemetry(new Chart(app, "shop"), "Traces", {
 *   metadata: { name: "traces" },
 *   spec: { tracing: [{ providers: [{ name: "tempo" }], randomSamplingPercentage: 5 }] },
 * });
 * ```
 * ```yaml
 * apiVersion: telemetry.istio.io/v1
 * kind: Telemetry
 * metadata:
 *   name: traces
 * spec:
 *   tracing:
 *     - providers:
 *         - name: tempo
 *       randomSamplingPercentage: 5
 * ```
 */
export class Telemetry extends ApiObject {
  /** @throws InvalidInput when Istio would refuse the spec, or the tree's release does not know a field of it. */
  constructor(scope: Construct, id: string, props: TelemetryProps) {
    super(scope, id, manifest(scope, id, props, telemetryKind));
  }
}
