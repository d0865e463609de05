import type { Rule } from "../rule";
import { referenceNotFound } from "./routing/ist0101-reference-not-found";
import { gatewayPortNotOnWorkload } from "./routing/ist0104-gateway-port-not-on-workload";
import { conflictingMeshHosts } from "./routing/ist0109-conflicting-mesh-hosts";
import { portSelectorRequired } from "./routing/ist0112-port-selector-required";
import { policyWithoutWorkloads } from "./routing/ist0127-policy-without-workloads";
import { noCaCertificates } from "./routing/ist0128-no-ca-certificates";
import { noCaCertificatesForPort } from "./routing/ist0129-no-ca-certificates-for-port";
import { unreachableRule } from "./routing/ist0130-unreachable-rule";
import { ineffectiveMatch } from "./routing/ist0131-ineffective-match";
import { hostNotFoundInGateway } from "./routing/ist0132-host-not-found-in-gateway";
import { addressesRequired } from "./routing/ist0134-addresses-required";
import { duplicateCertificate } from "./routing/ist0138-duplicate-certificate";
import { subsetWithoutEffect } from "./routing/ist0140-subset-without-effect";
import { conflictingGateways } from "./routing/ist0145-conflicting-gateways";
import { claimsWithoutAuthentication } from "./routing/ist0149-claims-without-authentication";
import { invalidCredential } from "./routing/ist0161-invalid-credential";
import { gatewayPortNotOnService } from "./routing/ist0162-gateway-port-not-on-service";
import { internalGateway } from "./routing/ist0165-internal-gateway";
import { subsetWithoutPods } from "./routing/ist0173-subset-without-pods";
import { unknownRuleHost } from "./routing/ist0174-unknown-rule-host";
import { conflictingProtocols } from "./routing/ist0177-conflicting-protocols";

/** Istio's rules on routes, gateways, destination rules and service entries, by code. */
export const routingRules: readonly Rule[] = [
  referenceNotFound,
  gatewayPortNotOnWorkload,
  conflictingMeshHosts,
  portSelectorRequired,
  policyWithoutWorkloads,
  noCaCertificates,
  noCaCertificatesForPort,
  unreachableRule,
  ineffectiveMatch,
  hostNotFoundInGateway,
  addressesRequired,
  duplicateCertificate,
  subsetWithoutEffect,
  conflictingGateways,
  claimsWithoutAuthentication,
  invalidCredential,
  gatewayPortNotOnService,
  internalGateway,
  subsetWithoutPods,
  unknownRuleHost,
  conflictingProtocols,
];
