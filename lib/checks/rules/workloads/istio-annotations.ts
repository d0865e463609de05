import { minorNumber } from "../../../istio/catalogue";

/** An annotation of Istio. */
export interface IstioAnnotation {
  readonly name: string;
  /** How far the feature is that it belongs to; undefined where Istio does not say. */
  readonly status: "alpha" | "beta" | "stable" | undefined;
  /** Kinds that it may stand on, with the first minor of Istio where it came later; `Any` for all. */
  readonly kinds: readonly { readonly kind: string; readonly from?: string }[];
  /** Whether the documentation tells of it. */
  readonly isDocumented: boolean;
  /** First minor of Istio that knows it. @default - all of the catalogue */
  readonly from?: string;
  /** First minor of Istio that no longer knows it. @default - none */
  readonly before?: string;
  /** First minor of Istio in which it is deprecated. @default - none */
  readonly deprecatedFrom?: string;
}

type Notes = { readonly from?: string; readonly before?: string; readonly deprecated?: string; readonly hidden?: true };
type Row = readonly [name: string, status: "alpha" | "beta" | "stable" | "", kinds: string, notes?: Notes];

/** Since before the first release of the catalogue. */
const always = "1.0";

/** @see https://github.com/istio/api/blob/master/annotation/annotations.yaml, read for each minor from 1.16 to 1.31 */
const rows: readonly Row[] = [
  ["alpha.istio.io/canonical-serviceaccounts", "alpha", "Service", { deprecated: always, hidden: true }],
  ["alpha.istio.io/identity", "alpha", "Pod", { deprecated: always, hidden: true, before: "1.24" }],
  ["alpha.istio.io/kubernetes-serviceaccounts", "alpha", "Service", { deprecated: always, hidden: true }],
  ["ambient.istio.io/bypass-inbound-capture", "alpha", "Pod", { from: "1.24" }],
  ["ambient.istio.io/dns-capture", "alpha", "Pod", { from: "1.25", hidden: true }],
  // The ambient mode writes it; Istio's table knows it since 1.24, its analyzers pass over it since 1.18.
  ["ambient.istio.io/redirection", "beta", "Pod", { from: "1.18" }],
  ["ambient.istio.io/waypoint-inbound-binding", "alpha", "GatewayClass Gateway", { from: "1.24", hidden: true }],
  ["galley.istio.io/analyze-suppress", "alpha", "Any"],
  ["gateway.istio.io/controller-version", "alpha", "Any", { hidden: true }],
  ["gateway.istio.io/name-override", "alpha", "Gateway", { from: "1.24", hidden: true }],
  ["gateway.istio.io/service-account", "alpha", "Gateway", { from: "1.24", hidden: true }],
  ["inject.istio.io/templates", "alpha", "Pod"],
  ["install.operator.istio.io/chart-owner", "alpha", "Any", { before: "1.24" }],
  ["install.operator.istio.io/owner-generation", "alpha", "Any", { before: "1.24" }],
  ["install.operator.istio.io/version", "alpha", "Any", { before: "1.24" }],
  ["istio.io/autoRegistrationGroup", "alpha", "WorkloadEntry", { hidden: true }],
  ["istio.io/connectedAt", "alpha", "WorkloadEntry", { hidden: true }],
  ["istio.io/disconnectedAt", "alpha", "WorkloadEntry", { hidden: true }],
  ["istio.io/dry-run", "alpha", "AuthorizationPolicy"],
  ["istio.io/reroute-virtual-interfaces", "alpha", "Pod", { from: "1.25" }],
  ["istio.io/rev", "alpha", "Pod", { from: "1.18" }],
  ["istio.io/use-waypoint-canary-weight", "alpha", "Service ServiceEntry Namespace", { from: "1.31" }],
  ["istio.io/workloadController", "alpha", "WorkloadEntry", { hidden: true }],
  ["kubernetes.io/ingress.class", "stable", "Ingress"],
  ["networking.istio.io/exportTo", "alpha", "Service"],
  ["networking.istio.io/service-type", "alpha", "Gateway", { from: "1.24", hidden: true }],
  ["networking.istio.io/traffic-distribution", "alpha", "Service ServiceEntry Namespace@1.30", { from: "1.24" }],
  ["prometheus.istio.io/merge-metrics", "alpha", "Pod"],
  ["proxy.istio.io/config", "beta", "Pod"],
  ["proxy.istio.io/overrides", "alpha", "Pod", { hidden: true }],
  ["readiness.status.sidecar.istio.io/applicationPorts", "alpha", "Pod"],
  ["readiness.status.sidecar.istio.io/failureThreshold", "alpha", "Pod"],
  ["readiness.status.sidecar.istio.io/initialDelaySeconds", "alpha", "Pod"],
  ["readiness.status.sidecar.istio.io/periodSeconds", "alpha", "Pod"],
  ["sidecar.istio.io/agentLogLevel", "alpha", "Pod"],
  ["sidecar.istio.io/bootstrapOverride", "alpha", "Pod"],
  ["sidecar.istio.io/componentLogLevel", "alpha", "Pod"],
  ["sidecar.istio.io/controlPlaneAuthPolicy", "", "Pod", { deprecated: always, before: "1.24" }],
  ["sidecar.istio.io/discoveryAddress", "alpha", "Pod", { deprecated: always }],
  ["sidecar.istio.io/enableCoreDump", "alpha", "Pod", { before: "1.25" }],
  ["sidecar.istio.io/extraStatTags", "alpha", "Pod", { deprecated: "1.21" }],
  ["sidecar.istio.io/inject", "beta", "Pod", { deprecated: always }],
  ["sidecar.istio.io/interceptionMode", "alpha", "Pod"],
  ["sidecar.istio.io/logLevel", "alpha", "Pod"],
  ["sidecar.istio.io/nativeSidecar", "alpha", "Pod", { from: "1.24" }],
  ["sidecar.istio.io/proxyCPU", "alpha", "Pod"],
  ["sidecar.istio.io/proxyCPULimit", "alpha", "Pod"],
  ["sidecar.istio.io/proxyImage", "alpha", "Pod"],
  ["sidecar.istio.io/proxyImageType", "alpha", "Pod"],
  ["sidecar.istio.io/proxyMemory", "alpha", "Pod"],
  ["sidecar.istio.io/proxyMemoryLimit", "", "Pod"],
  ["sidecar.istio.io/rewriteAppHTTPProbers", "alpha", "Pod"],
  ["sidecar.istio.io/statsCompression", "alpha", "Pod", { from: "1.26", deprecated: "1.29" }],
  ["sidecar.istio.io/statsEvictionInterval", "alpha", "Pod", { from: "1.28" }],
  ["sidecar.istio.io/statsFlushInterval", "alpha", "Pod", { from: "1.28" }],
  ["sidecar.istio.io/statsHistogramBins", "alpha", "Pod", { from: "1.28" }],
  ["sidecar.istio.io/statsHistogramBuckets", "alpha", "Pod", { from: "1.19" }],
  ["sidecar.istio.io/statsInclusionPrefixes", "alpha", "Pod", { deprecated: always }],
  ["sidecar.istio.io/statsInclusionRegexps", "alpha", "Pod", { deprecated: always }],
  ["sidecar.istio.io/statsInclusionSuffixes", "alpha", "Pod", { deprecated: always }],
  ["sidecar.istio.io/status", "alpha", "Pod"],
  ["sidecar.istio.io/userVolume", "alpha", "Pod"],
  ["sidecar.istio.io/userVolumeMount", "", "Pod"],
  ["status.sidecar.istio.io/port", "alpha", "Pod"],
  ["topology.istio.io/controlPlaneClusters", "alpha", "Namespace"],
  ["traffic.istio.io/nodeSelector", "stable", "Service"],
  ["traffic.sidecar.istio.io/excludeInboundPorts", "alpha", "Pod"],
  ["traffic.sidecar.istio.io/excludeInterfaces", "alpha", "Pod"],
  ["traffic.sidecar.istio.io/excludeOutboundIPRanges", "alpha", "Pod"],
  ["traffic.sidecar.istio.io/excludeOutboundPorts", "alpha", "Pod"],
  ["traffic.sidecar.istio.io/includeInboundPorts", "", "Pod"],
  ["traffic.sidecar.istio.io/includeOutboundIPRanges", "alpha", "Pod"],
  ["traffic.sidecar.istio.io/includeOutboundPorts", "alpha", "Pod"],
  ["traffic.sidecar.istio.io/kubevirtInterfaces", "alpha", "Pod", { deprecated: "1.25" }],
];

/** Every annotation that a release of the catalogue knows, by name. */
export const istioAnnotations: ReadonlyMap<string, IstioAnnotation> = new Map(rows.map((row) => [row[0], annotationOf(row)]));

/** Whether a release of Istio lies in a range of minors. */
export function isWithin(minor: string, from: string | undefined, before: string | undefined): boolean {
  const number = minorNumber(minor);
  return number >= minorNumber(from ?? always) && (before === undefined || number < minorNumber(before));
}

function annotationOf([name, status, kinds, { from, before, deprecated, hidden } = {}]: Row): IstioAnnotation {
  return {
    name,
    status: status === "" ? undefined : status,
    kinds: kinds.split(" ").map((entry) => {
      const [kind = "", since] = entry.split("@");
      return { kind, ...(since !== undefined && { from: since }) };
    }),
    isDocumented: hidden === undefined,
    ...(from !== undefined && { from }),
    ...(before !== undefined && { before }),
    ...(deprecated !== undefined && { deprecatedFrom: deprecated }),
  };
}
