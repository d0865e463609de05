/**
 * Infrastructure as code for a service mesh and the nodes under it: typed constructs on cdk8s, for one release of Istio and Kubernetes.
 *
 * @packageDocumentation
 */

export { type CallChain, type ChainBudget, type ChainHop, chainBudget } from "./checks/chain-budget";
export type { Data } from "./checks/fields";
export type { HopKind } from "./checks/graph/hops";
export type { MeshObject, Origin, Position } from "./checks/mesh-object";
export { type Derivation, type KnownKind, ObjectGraph, type Surroundings } from "./checks/object-graph";
export type { Rule, RuleExample, RuleFinding, RuleText, RuleVersions } from "./checks/rule";
export { allRules } from "./checks/rules/all-rules";
export { runRules } from "./checks/run-rules";
export { type Artefact, artefacts } from "./core/artefact";
export type { DurationText } from "./core/duration";
export { type Fault, type Finding, findings, type ResourceName, type Severity, type Suppressions, suppress } from "./core/finding";
export { declareMovedFields, type FieldPath } from "./core/moved-fields";
export type { NodeLimits, NodePool, PodSysctl, Taint } from "./core/pool";
export { InvalidInput, type Problem } from "./core/problem";
export type { CpuQuantity, MemoryQuantity, Resources } from "./core/quantity";
export {
  type AuthorizationCondition,
  type AuthorizationOperation,
  AuthorizationPolicy,
  type AuthorizationPolicyProps,
  type AuthorizationPolicySpec,
  type AuthorizationRule,
  type AuthorizationSource,
  type PolicyTarget,
  type PolicyTargetReference,
} from "./istio/authorization-policy";
export { type ChartFacts, catalogue, type EndOfLife, type IstioFeatures, type IstioKind, type IstioMinor } from "./istio/catalogue";
export {
  type ClientTlsSettings,
  type ConnectionPoolSettings,
  type ConsistentHash,
  DestinationRule,
  type DestinationRuleProps,
  type DestinationRuleSpec,
  type Http2KeepAlive,
  type HttpCookie,
  type HttpSettings,
  type LoadBalancerSettings,
  type LocalityDistribution,
  type LocalityLbSetting,
  type OutlierDetection,
  type PortPolicy,
  type PortTrafficPolicy,
  type RegionFailover,
  type RetryBudget,
  type Subset,
  type TcpKeepalive,
  type TcpSettings,
  type TrafficPolicy,
  type TunnelSettings,
  type Warmup,
  type WorkloadSelector,
  type ZoneAwareLbSetting,
} from "./istio/destination-rule";
export {
  Gateway,
  type GatewayPort,
  type GatewayProps,
  type GatewayServer,
  type GatewaySpec,
  type Protocol,
  type ServerTlsMode,
  type ServerTlsSettings,
  type TlsCertificate,
  type TlsVersion,
} from "./istio/gateway";
export type { RetryOn } from "./istio/http-retry";
export { type MutualTls, PeerAuthentication, type PeerAuthenticationProps, type PeerAuthenticationSpec } from "./istio/peer-authentication";
export {
  apiVersionOf,
  hasNativeSidecars,
  type IstioRelease,
  type KubernetesRelease,
  type ReleaseProps,
  type Releases,
  releasesOf,
} from "./istio/release";
export {
  type JwtRule,
  RequestAuthentication,
  type RequestAuthenticationProps,
  type RequestAuthenticationSpec,
} from "./istio/request-authentication";
export {
  type LabelSelector,
  ServiceEntry,
  type ServiceEntryProps,
  type ServiceEntrySpec,
  type ServicePort,
  type WorkloadEndpoint,
} from "./istio/service-entry";
export {
  type CaptureMode,
  type IstioEgressListener,
  type IstioIngressListener,
  type OutboundTrafficPolicy,
  Sidecar,
  type SidecarPort,
  type SidecarProps,
  type SidecarSpec,
} from "./istio/sidecar";
export {
  type AccessLogging,
  type CustomTag,
  type IstioMetric,
  type MetricSelector,
  type Metrics,
  type MetricsOverride,
  type TagOverride,
  Telemetry,
  type TelemetryProps,
  type TelemetryProvider,
  type TelemetrySpec,
  type Tracing,
  type WorkloadMode,
} from "./istio/telemetry";
export {
  type CorsPolicy,
  type Delegate,
  type Destination,
  type HeaderOperations,
  type HttpDirectResponse,
  type HttpFaultInjection,
  type HttpHeaders,
  type HttpMatchRequest,
  type HttpMirrorPolicy,
  type HttpRedirect,
  type HttpRetry,
  type HttpRewrite,
  type HttpRoute,
  type HttpRouteDestination,
  type L4MatchAttributes,
  type Percent,
  type PresenceMatch,
  type RouteDestination,
  type StringMatch,
  type TcpMatchAttributes,
  type TcpRoute,
  type TlsMatchAttributes,
  type TlsRoute,
  VirtualService,
  type VirtualServiceProps,
  type VirtualServiceSpec,
} from "./istio/virtual-service";
export { CanaryService } from "./mesh/canary-service";
export type { CanaryServiceProps } from "./mesh/canary-service-props";
export type { CircuitBreaker, Ejection } from "./mesh/circuit-breaker";
export type { IstioControlPlaneProps, PilotProps } from "./mesh/control-plane-props";
export type { EdgeRoute } from "./mesh/edge-route";
export { type ExternalPort, ExternalService, type ExternalServiceProps } from "./mesh/external-service";
export type { Health } from "./mesh/health";
export type { HelmRelease } from "./mesh/helm-values";
export type { GatewayInstallation } from "./mesh/installation";
export { IstioControlPlane } from "./mesh/istio-control-plane";
export type { KialiAuth, KialiGrafana, KialiOpenId, KialiProps } from "./mesh/kiali-values";
export { type Exposure, MeshGateway } from "./mesh/mesh-gateway";
export type { MeshGatewayPort, MeshGatewayProps } from "./mesh/mesh-gateway-props";
export type { AccessLog, MeshTracing } from "./mesh/mesh-telemetry";
export { Observability } from "./mesh/observability";
export type { ObservabilityProps, ObservedNodes, ObservedPrometheus } from "./mesh/observability-props";
export type {
  ArgoRolloutsReleaseProps,
  FlaggerReleaseProps,
  FlaggerWebhooks,
  ProgressiveReleaseBase,
  ProgressiveReleaseProps,
  ProgressiveSource,
} from "./mesh/progressive-release";
export {
  type CanaryVersion,
  type PinnedRelease,
  type PinnedReleaseProps,
  type ProgressiveRelease,
  Release,
  type Version,
  type VersionSource,
  type WeightedVersion,
} from "./mesh/release-strategy";
export type { AbortWhen, AlertWhen, Thresholds } from "./mesh/release-thresholds";
export type { Autoscaling, Replicas } from "./mesh/replicas";
export type { HttpMethod, RetryPolicy } from "./mesh/retries";
export type { SidecarResources } from "./mesh/sidecar-resources";
export { StrictMtlsNamespace } from "./mesh/strict-mtls-namespace";
export type { PlaintextException, StrictMtlsNamespaceProps } from "./mesh/strict-mtls-namespace-props";
export type { Mirror, SessionAffinity, Testers, Traffic } from "./mesh/traffic";
export { type ControlPlane, type DeclaredCall, declaredCalls, type MeshNamespace, type Outsider, type PodGroup } from "./mesh/tree";
export type { MeshIdentity, MeshWorkload, WorkloadPort } from "./mesh/workload";
export type { ConntrackProps } from "./nodes/conntrack";
export type { CountryCode } from "./nodes/country";
export { K3s, type K3sComponent, type K3sProps, type K3sRole, type K3sServerProps } from "./nodes/k3s";
export type { KernelKey, KernelKeyValue } from "./nodes/kernel-key";
export { kernelKeys } from "./nodes/kernel-keys";
export { KernelProfile } from "./nodes/kernel-profile";
export type { KernelSetting } from "./nodes/kernel-setting";
export type { Amount, Exact, KernelKeyName, KernelSettings, UnknownSetting } from "./nodes/kernel-settings";
export {
  Kubeadm,
  type KubeadmChecksums,
  type KubeadmControlPlaneProps,
  type KubeadmProps,
  type KubeadmRole,
  type PodNetwork,
} from "./nodes/kubeadm";
export type { BootstrapNode, NodeBootstrap } from "./nodes/node-bootstrap";
export type { NodeFile } from "./nodes/node-file";
export type { NodeRole, PoolKubernetes } from "./nodes/node-role";
export type { AirGap, Architecture, ByArchitecture } from "./nodes/pinned-release";
export type { PodSysctlsProps } from "./nodes/pod-sysctls";
export type { NodeDisk, NodeShape, PoolProps, TunedNodePoolProps } from "./nodes/pool-props";
export type { PortRange } from "./nodes/ports";
export type {
  HostRequirements,
  MachineKind,
  PercentText,
  QualificationLimits,
  QualificationMeasure,
} from "./nodes/qualification-limits";
export { TunedNodePool } from "./nodes/tuned-node-pool";
export type {
  ArgoCdApplication,
  ArgoCdApplicationSpec,
  ArgoCdAutomation,
  ArgoCdDestination,
  ArgoCdSource,
  ArgoCdSyncPolicy,
} from "./synth/argo-cd-application";
export { ArgoCdApplications, type ArgoCdApplicationsProps } from "./synth/argo-cd-applications";
export type { IgnoredDifference } from "./synth/argo-cd-differences";
export { ChecksFailed, type ChecksProps, checkApp } from "./synth/check-tree";
export { MeshApp, type MeshAppProps } from "./synth/mesh-app";
export type { NamedReleases, SynthReport } from "./synth/report";
export { useReleases } from "./synth/use-releases";
export type { FileChange, WrittenFile } from "./synth/write";
