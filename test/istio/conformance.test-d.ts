/**
 * Our types against those made from Istio's own CRDs (release 1.29). Nothing here runs: the compiler is the test.
 *
 * Every spec of ours fits theirs, every field of theirs is one of ours, and every field of ours is one of theirs, with the
 * exceptions named here.
 */
import type { IWasmPlugin } from "@kubernetes-models/istio/extensions.istio.io/v1alpha1/WasmPlugin" with { "resolution-mode": "import" };
import type { IDestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1/DestinationRule" with {
  "resolution-mode": "import",
};
import type { IGateway } from "@kubernetes-models/istio/networking.istio.io/v1/Gateway" with { "resolution-mode": "import" };
import type { IServiceEntry } from "@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry" with { "resolution-mode": "import" };
import type { ISidecar } from "@kubernetes-models/istio/networking.istio.io/v1/Sidecar" with { "resolution-mode": "import" };
import type { IVirtualService } from "@kubernetes-models/istio/networking.istio.io/v1/VirtualService" with { "resolution-mode": "import" };
import type { IWorkloadEntry } from "@kubernetes-models/istio/networking.istio.io/v1/WorkloadEntry" with { "resolution-mode": "import" };
import type { IWorkloadGroup } from "@kubernetes-models/istio/networking.istio.io/v1/WorkloadGroup" with { "resolution-mode": "import" };
import type { IEnvoyFilter } from "@kubernetes-models/istio/networking.istio.io/v1alpha3/EnvoyFilter" with { "resolution-mode": "import" };
import type { IProxyConfig } from "@kubernetes-models/istio/networking.istio.io/v1beta1/ProxyConfig" with { "resolution-mode": "import" };
import type { IAuthorizationPolicy } from "@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy" with {
  "resolution-mode": "import",
};
import type { IPeerAuthentication } from "@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication" with {
  "resolution-mode": "import",
};
import type { IRequestAuthentication } from "@kubernetes-models/istio/security.istio.io/v1/RequestAuthentication" with {
  "resolution-mode": "import",
};
import type { ITelemetry } from "@kubernetes-models/istio/telemetry.istio.io/v1/Telemetry" with { "resolution-mode": "import" };
import type { AuthorizationPolicySpec } from "../../lib/istio/authorization-policy";
import type {
  ConsistentHash,
  DestinationRuleSpec,
  HttpCookie,
  LoadBalancerSettings,
  LocalityLbSetting,
  PortTrafficPolicy,
  Subset,
  TrafficPolicy,
} from "../../lib/istio/destination-rule";
import type { EnvoyFilterSpec } from "../../lib/istio/envoy-filter-spec";
import type { GatewaySpec } from "../../lib/istio/gateway";
import type { PeerAuthenticationSpec } from "../../lib/istio/peer-authentication";
import type { ProxyConfigSpec } from "../../lib/istio/proxy-config-spec";
import type { RequestAuthenticationSpec } from "../../lib/istio/request-authentication";
import type { ServiceEntrySpec } from "../../lib/istio/service-entry";
import type { SidecarSpec } from "../../lib/istio/sidecar";
import type { TelemetrySpec } from "../../lib/istio/telemetry";
import type { VirtualServiceSpec } from "../../lib/istio/virtual-service";
import type { WasmPluginSpec } from "../../lib/istio/wasm-plugin-spec";
import type { WorkloadEndpoint } from "../../lib/istio/workload-endpoint";
import type { WorkloadGroupSpec } from "../../lib/istio/workload-group-spec";
import type { Fits, Invented, Missing, Mutable, None } from "../support/conformance";

type SpecOf<Model extends { spec?: unknown }> = NonNullable<Model["spec"]>;

type KeepAlive = `.http.http2KeepAlive${"" | ".interval" | ".timeout"}`;
/** Newer than 1.29, in a policy of a DestinationRule. */
type NewInPolicies =
  | `.connectionPool${KeepAlive}`
  | `.outlierDetection.outlierDetectionHttpErrorCodes${"" | "[]"}`
  | ".retryBudget.budgetInterval";
/** Newer than 1.29, below the source of a rule. */
type NewSources = `.rules[].from[].source.${"trustDomains" | "notTrustDomains"}${"" | "[]"}`;
type NewPools = `.${"inboundConnectionPool" | "ingress[].connectionPool"}${KeepAlive}`;

/** Left out: Istio's webhook refuses them whatever they say, or they are second names of other fields. */
type RefusedRoutes = ".http[].fault.abort.http2Error" | ".http[].fault.delay.exponentialDelay" | ".http[].mirror_percent";
type RefusedTargets = ".targetRef.namespace" | ".targetRefs[].namespace";

export type VirtualServices = [
  Fits<SpecOf<IVirtualService>, Mutable<VirtualServiceSpec>>,
  None<Missing<SpecOf<IVirtualService>, VirtualServiceSpec, RefusedRoutes>>,
  None<Invented<SpecOf<IVirtualService>, VirtualServiceSpec, ".http[].redirect.prefixRewrite">>,
];
/** A rule holds the same policy in four places, and its load balancer is a union of a dozen: too much for the compiler at once. */
type TheirRule = SpecOf<IDestinationRule>;
type TheirPolicy = NonNullable<TheirRule["trafficPolicy"]>;
type TheirSubset = NonNullable<TheirRule["subsets"]>[number];
type TheirBalancer = NonNullable<TheirPolicy["loadBalancer"]>;
type TheirHash = NonNullable<TheirBalancer["consistentHash"]>;
type TheirLocality = NonNullable<TheirBalancer["localityLbSetting"]>;
type Around = "trafficPolicy" | "subsets";
type Large = "portLevelSettings" | "loadBalancer";
export type DestinationRules = [
  Fits<Omit<TheirRule, Around>, Mutable<Omit<DestinationRuleSpec, Around>>>,
  None<Missing<Omit<TheirRule, Around>, Omit<DestinationRuleSpec, Around>>>,
  None<Invented<Omit<TheirRule, Around>, Omit<DestinationRuleSpec, Around>>>,
  Fits<Omit<TheirSubset, Around>, Mutable<Omit<Subset, Around>>>,
  None<Missing<Omit<TheirSubset, Around>, Omit<Subset, Around>>>,
  None<Invented<Omit<TheirSubset, Around>, Omit<Subset, Around>>>,
  None<Exclude<Around, keyof TheirRule & keyof DestinationRuleSpec>>,
];
export type TrafficPolicies = [
  Fits<Omit<TheirPolicy, Large>, Mutable<Omit<TrafficPolicy, Large>>>,
  None<Missing<Omit<TheirPolicy, Large>, Omit<TrafficPolicy, Large>>>,
  None<Invented<Omit<TheirPolicy, Large>, Omit<TrafficPolicy, Large>, NewInPolicies>>,
  None<Exclude<keyof NonNullable<TheirPolicy["portLevelSettings"]>[number], keyof PortTrafficPolicy>>,
];
export type LoadBalancers = [
  None<Exclude<keyof TheirBalancer, keyof LoadBalancerSettings>>,
  None<Exclude<keyof LoadBalancerSettings, keyof TheirBalancer | "zoneAwareLbSetting">>,
  Fits<TheirHash, Mutable<ConsistentHash>>,
  None<Exclude<keyof TheirHash, keyof ConsistentHash>>,
  None<Exclude<keyof ConsistentHash, keyof TheirHash>>,
  None<Exclude<keyof NonNullable<TheirHash["httpCookie"]>, keyof HttpCookie>>,
  None<Exclude<keyof HttpCookie, keyof NonNullable<TheirHash["httpCookie"]>>>,
  Fits<TheirLocality, Mutable<LocalityLbSetting>>,
  None<Missing<TheirLocality, LocalityLbSetting>>,
  None<Invented<TheirLocality, LocalityLbSetting>>,
];
export type Gateways = [
  Fits<SpecOf<IGateway>, Mutable<GatewaySpec>>,
  None<Missing<SpecOf<IGateway>, GatewaySpec, ".servers[].port.targetPort">>,
  None<Invented<SpecOf<IGateway>, GatewaySpec, ".servers[].tls.insecureSkipVerify">>,
];
export type ServiceEntries = [
  Fits<SpecOf<IServiceEntry>, Mutable<ServiceEntrySpec>>,
  None<Missing<SpecOf<IServiceEntry>, ServiceEntrySpec>>,
  None<Invented<SpecOf<IServiceEntry>, ServiceEntrySpec>>,
];
export type Sidecars = [
  Fits<SpecOf<ISidecar>, Mutable<SidecarSpec>>,
  None<Missing<SpecOf<ISidecar>, SidecarSpec, ".ingress[].port.targetPort" | ".egress[].port.targetPort">>,
  None<Invented<SpecOf<ISidecar>, SidecarSpec, NewPools | ".ingress[].tls.insecureSkipVerify">>,
];
export type PeerAuthentications = [
  Fits<SpecOf<IPeerAuthentication>, Mutable<PeerAuthenticationSpec>>,
  None<Missing<SpecOf<IPeerAuthentication>, PeerAuthenticationSpec>>,
  None<Invented<SpecOf<IPeerAuthentication>, PeerAuthenticationSpec>>,
];
export type AuthorizationPolicies = [
  Fits<SpecOf<IAuthorizationPolicy>, Mutable<AuthorizationPolicySpec>>,
  None<Missing<SpecOf<IAuthorizationPolicy>, AuthorizationPolicySpec, RefusedTargets>>,
  None<Invented<SpecOf<IAuthorizationPolicy>, AuthorizationPolicySpec, NewSources>>,
];
export type RequestAuthentications = [
  Fits<SpecOf<IRequestAuthentication>, Mutable<RequestAuthenticationSpec>>,
  None<Missing<SpecOf<IRequestAuthentication>, RequestAuthenticationSpec, RefusedTargets | ".jwtRules[].jwks_uri">>,
  None<Invented<SpecOf<IRequestAuthentication>, RequestAuthenticationSpec>>,
];
export type Telemetries = [
  Fits<SpecOf<ITelemetry>, Mutable<TelemetrySpec>>,
  None<Missing<SpecOf<ITelemetry>, TelemetrySpec, RefusedTargets>>,
  None<Invented<SpecOf<ITelemetry>, TelemetrySpec, ".tracing[].disableContextPropagation">>,
];

/** Left out of what is compared: what stands in it is free. */
type Free = "patch" | "pluginConfig";
type Patches<Spec extends { readonly configPatches?: readonly unknown[] }> = NonNullable<Spec["configPatches"]>[number];
type TheirPatch = Patches<SpecOf<IEnvoyFilter>>;
type OurPatch = Patches<EnvoyFilterSpec>;
export type EnvoyFilters = [
  Fits<Omit<SpecOf<IEnvoyFilter>, "configPatches">, Mutable<Omit<EnvoyFilterSpec, "configPatches">>>,
  None<Missing<Omit<SpecOf<IEnvoyFilter>, "configPatches">, Omit<EnvoyFilterSpec, "configPatches">, RefusedTargets>>,
  None<Invented<Omit<SpecOf<IEnvoyFilter>, "configPatches">, Omit<EnvoyFilterSpec, "configPatches">>>,
  None<Missing<Omit<TheirPatch, Free>, Omit<OurPatch, Free>>>,
  None<Invented<Omit<TheirPatch, Free>, Omit<OurPatch, Free>>>,
  None<Exclude<keyof NonNullable<TheirPatch["patch"]>, keyof NonNullable<OurPatch["patch"]>>>,
];
export type ProxyConfigs = [
  Fits<SpecOf<IProxyConfig>, Mutable<ProxyConfigSpec>>,
  None<Missing<SpecOf<IProxyConfig>, ProxyConfigSpec>>,
  None<Invented<SpecOf<IProxyConfig>, ProxyConfigSpec>>,
];
export type WasmPlugins = [
  Fits<Omit<SpecOf<IWasmPlugin>, Free>, Mutable<Omit<WasmPluginSpec, Free>>>,
  None<Missing<Omit<SpecOf<IWasmPlugin>, Free>, Omit<WasmPluginSpec, Free>, RefusedTargets>>,
  None<Invented<Omit<SpecOf<IWasmPlugin>, Free>, Omit<WasmPluginSpec, Free>>>,
];
export type WorkloadEntries = [
  None<Missing<SpecOf<IWorkloadEntry>, WorkloadEndpoint>>,
  None<Invented<SpecOf<IWorkloadEntry>, WorkloadEndpoint>>,
];
export type WorkloadGroups = [
  None<Missing<SpecOf<IWorkloadGroup>, WorkloadGroupSpec>>,
  None<Invented<SpecOf<IWorkloadGroup>, WorkloadGroupSpec>>,
];

// These guards are seen failing: each line below must be an error.
// @ts-expect-error a field of theirs that ours lacks
export type Lacking = None<Missing<SpecOf<IPeerAuthentication>, Omit<PeerAuthenticationSpec, "mtls">>>;
// @ts-expect-error a field of ours that theirs lacks
export type Inventing = None<Invented<SpecOf<IPeerAuthentication>, PeerAuthenticationSpec & { readonly mode: string }>>;
// @ts-expect-error a field of another type
export type Misfitting = Fits<SpecOf<IVirtualService>, Mutable<Omit<VirtualServiceSpec, "hosts"> & { readonly hosts?: readonly number[] }>>;
