/**
 * Our types against those made from Istio's own CRDs (release 1.29). Nothing here runs: the compiler is the test.
 *
 * Every spec of ours fits theirs, every field of theirs is one of ours, and every field of ours is one of theirs, with the
 * exceptions named here.
 */
import type { IDestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1/DestinationRule" with {
  "resolution-mode": "import",
};
import type { IGateway } from "@kubernetes-models/istio/networking.istio.io/v1/Gateway" with { "resolution-mode": "import" };
import type { IServiceEntry } from "@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry" with { "resolution-mode": "import" };
import type { ISidecar } from "@kubernetes-models/istio/networking.istio.io/v1/Sidecar" with { "resolution-mode": "import" };
import type { IVirtualService } from "@kubernetes-models/istio/networking.istio.io/v1/VirtualService" with { "resolution-mode": "import" };
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
import type { DestinationRuleSpec, PortTrafficPolicy, Subset, TrafficPolicy } from "../../lib/istio/destination-rule";
import type { GatewaySpec } from "../../lib/istio/gateway";
import type { PeerAuthenticationSpec } from "../../lib/istio/peer-authentication";
import type { RequestAuthenticationSpec } from "../../lib/istio/request-authentication";
import type { ServiceEntrySpec } from "../../lib/istio/service-entry";
import type { SidecarSpec } from "../../lib/istio/sidecar";
import type { TelemetrySpec } from "../../lib/istio/telemetry";
import type { VirtualServiceSpec } from "../../lib/istio/virtual-service";

/** Theirs are mutable. */
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;
type SpecOf<Model extends { spec?: unknown }> = NonNullable<Model["spec"]>;

/** The path of every field, `[]` for the items of a list and `{}` for the values of a map. Distributes over unions. */
type Paths<T> = T extends readonly (infer Item)[]
  ? "" | `[]${Paths<Item>}`
  : T extends object
    ? string extends keyof T
      ? "" | `{}${Paths<T[string & keyof T]>}`
      : "" | Fields<T>
    : "";
type Fields<T> = { [Key in keyof T & string]-?: `.${Key}${Paths<NonNullable<T[Key]>>}` }[keyof T & string];

/** Refuses any member, and so names what is missing. */
type None<T extends never> = T;
type Fits<Theirs, Ours extends Theirs> = Ours;
type Missing<Theirs, Ours, LeftOut extends string = never> = Exclude<Paths<Theirs>, Paths<Ours> | LeftOut>;
type Invented<Theirs, Ours, Newer extends string = never> = Exclude<Paths<Ours>, Paths<Theirs> | Newer>;

type KeepAlive = `.http.http2KeepAlive${"" | ".interval" | ".timeout"}`;
type ZoneAware =
  `.zoneAwareLbSetting${"" | ".enabled" | `.failover${"" | "[]" | "[].from" | "[].to"}` | `.failoverPriority${"" | "[]"}` | ".minClusterSize"}`;
/** Newer than 1.29, in a policy of a DestinationRule. */
type NewInPolicies =
  | `.connectionPool${KeepAlive}`
  | `.loadBalancer${ZoneAware}`
  | `.outlierDetection.outlierDetectionHttpErrorCodes${"" | "[]"}`
  | ".retryBudget.budgetInterval";
/** Newer than 1.29, below the source of a rule. */
type NewSources = `.rules[].from[].source.${"trustDomains" | "notTrustDomains"}${"" | "[]"}`;
type NewPools = `.${"inboundConnectionPool" | "ingress[].connectionPool"}${KeepAlive}`;

/** Left out: Istio's webhook refuses them whatever they say, or they are second names of other fields. */
type RefusedRoutes = ".http[].fault.abort.http2Error" | ".http[].fault.delay.exponentialDelay" | ".http[].mirror_percent";
type RefusedTargets = ".targetRef.namespace" | ".targetRefs[].namespace";

export type A=Fits<SpecOf<ITelemetry>, Mutable<TelemetrySpec>>;export type B=Paths<SpecOf<ITelemetry>>; export const x: B = ".selector";