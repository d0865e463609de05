import type { Problem } from "../core/problem";
import { authorizationPolicyKind } from "./authorization-policy-spec";
import type { IstioKind } from "./catalogue";
import { destinationRuleKind } from "./destination-rule-spec";
import { envoyFilterKind } from "./envoy-filter-spec";
import { gatewayKind } from "./gateway-spec";
import { type Kind, type KindData, problemsOf } from "./kind";
import { peerAuthenticationKind } from "./peer-authentication-spec";
import { proxyConfigKind } from "./proxy-config-spec";
import type { IstioRelease } from "./release";
import { requestAuthenticationKind } from "./request-authentication-spec";
import { serviceEntryKind } from "./service-entry-spec";
import { sidecarKind } from "./sidecar-spec";
import { telemetryKind } from "./telemetry-spec";
import { virtualServiceKind } from "./virtual-service-spec";
import { wasmPluginKind } from "./wasm-plugin-spec";
import { workloadEntryKind } from "./workload-entry-spec";
import { workloadGroupKind } from "./workload-group-spec";

/** Kinds of Istio that can be checked: those that this library makes, and some that it does not. */
export type CheckedKind = IstioKind | "EnvoyFilter" | "ProxyConfig" | "WasmPlugin" | "WorkloadEntry" | "WorkloadGroup";

/** What is to know of each kind to check its objects. Loads neither cdk8s nor constructs: data is checked without them. */
export const kinds: { readonly [Name in CheckedKind]: Kind<Name> } = {
  AuthorizationPolicy: authorizationPolicyKind,
  DestinationRule: destinationRuleKind,
  EnvoyFilter: envoyFilterKind,
  Gateway: gatewayKind,
  PeerAuthentication: peerAuthenticationKind,
  ProxyConfig: proxyConfigKind,
  RequestAuthentication: requestAuthenticationKind,
  ServiceEntry: serviceEntryKind,
  Sidecar: sidecarKind,
  Telemetry: telemetryKind,
  VirtualService: virtualServiceKind,
  WasmPlugin: wasmPluginKind,
  WorkloadEntry: workloadEntryKind,
  WorkloadGroup: workloadGroupKind,
};

/**
 * What Istio would refuse in an object, looking at nothing else in the mesh; when that is nothing, what is too new for the release.
 *
 * An object without a spec is taken as one with an empty spec, as an API server does. `isUnknownProp` of the core tells the fields
 * that nobody knows from the other problems.
 */
export function specProblems(kind: CheckedKind, { metadata, spec = {} }: KindData, release: IstioRelease): readonly Problem[] {
  return problemsOf(kinds[kind], { metadata, spec }, release);
}
