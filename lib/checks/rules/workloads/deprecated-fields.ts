import type { KnownKind } from "../../object-graph";

/** A field, or a value of a field, that Istio wants nobody to write any more. */
export interface DeprecatedField {
  /** Where it stands: `spec.http[].fault.delay.percent`; `[]` is each item of a list. */
  readonly path: string;
  /** What to write instead. A phrase. @default - nothing: it can go */
  readonly instead?: string;
  /** What it does today. A phrase. */
  readonly today: string;
  /** First minor of Istio in which it is deprecated. @default - all of the catalogue */
  readonly since?: string;
  /** Whether what stands there is meant. @default - anything but null, an empty text, an empty list and 0 */
  readonly when?: (value: unknown) => boolean;
}

const works = "still works";
const ignored = "is ignored";
const is =
  (word: string) =>
  (value: unknown): boolean =>
    value === word;
const present = (value: unknown): boolean => value !== undefined && value !== null;

const trafficPolicies = [
  "spec.trafficPolicy",
  "spec.trafficPolicy.portLevelSettings[]",
  "spec.subsets[].trafficPolicy",
  "spec.subsets[].trafficPolicy.portLevelSettings[]",
];

const destinationRule: readonly DeprecatedField[] = trafficPolicies.flatMap((policy) => [
  { path: `${policy}.loadBalancer.simple`, when: is("LEAST_CONN"), instead: "LEAST_REQUEST", today: "is taken for LEAST_REQUEST" },
  { path: `${policy}.loadBalancer.warmupDurationSecs`, instead: "warmup.duration", today: works, since: "1.24" },
]);

const provider = "spec.meshConfig.extensionProviders[]";
const proxyDefaults = "spec.meshConfig.defaultConfig";
const meshConfig: readonly DeprecatedField[] = [
  { path: "spec.meshConfig.certificates", instead: "cert-manager or another signer", today: works, since: "1.22" },
  { path: "spec.meshConfig.verifyCertificateAtClient", when: present, instead: "caCertificates in each DestinationRule", today: works },
  { path: `${provider}.lightstep`, when: present, instead: "opentelemetry", today: works },
  { path: `${provider}.opencensus`, when: present, instead: "opentelemetry", today: works, since: "1.22" },
  {
    path: `${provider}.envoyExtAuthzHttp.includeHeadersInCheck`,
    instead: "includeRequestHeadersInCheck",
    today: works,
    since: "1.22",
  },
  ...["debug", "maxNumberOfAttributes", "maxNumberOfAnnotations", "maxNumberOfMessageEvents"].map((name) => ({
    path: `${provider}.stackdriver.${name}`,
    today: ignored,
  })),
  { path: `${proxyDefaults}.zipkinAddress`, instead: "tracing.zipkin.address", today: works },
  { path: `${proxyDefaults}.envoyMetricsServiceAddress`, instead: "envoyMetricsService.address", today: works },
  ...["discoveryRefreshDelay", "availabilityZone", "sds"].map((name) => ({
    path: `${proxyDefaults}.${name}`,
    today: ignored,
  })),
];

/**
 * Deprecated fields by kind.
 *
 * `consecutiveErrors`, `minimumRingSize` and `mirrorPercent` are not among them: Istio's validation warns of them (IST0133).
 */
export const deprecatedFields: Readonly<Partial<Record<KnownKind, readonly DeprecatedField[]>>> = {
  VirtualService: [
    {
      path: "spec.http[].fault.delay.percent",
      when: (value) => typeof value === "number" && value > 0,
      instead: "fault.delay.percentage.value",
      today: works,
    },
    { path: "spec.http[].corsPolicy.allowOrigin", instead: "corsPolicy.allowOrigins, with exact", today: works },
  ],
  DestinationRule: destinationRule,
  Gateway: [{ path: "spec.servers[].port.targetPort", today: ignored }],
  Sidecar: [
    {
      path: "spec.outboundTrafficPolicy.egressProxy",
      when: present,
      instead: "a VirtualService that routes to the egress gateway",
      today: ignored,
    },
    { path: "spec.ingress[].port.targetPort", instead: "ingress.defaultEndpoint", today: ignored, since: "1.20" },
    { path: "spec.egress[].port.targetPort", today: ignored, since: "1.20" },
  ],
  EnvoyFilter: [
    {
      path: "spec.configPatches[].applyTo",
      when: is("BOOTSTRAP"),
      instead: "a ProxyConfig, or the annotation proxy.istio.io/config of the pods",
      today: "reaches only pods that start after it",
      since: "1.21",
    },
  ],
  IstioOperator: meshConfig,
};

/** Whether something is written there that means something. */
export function isSet(value: unknown): boolean {
  return present(value) && value !== "" && value !== 0 && value !== false && !(Array.isArray(value) && value.length === 0);
}
