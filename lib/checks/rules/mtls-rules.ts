import type { Rule } from "../rule";
import { anybodysAddress } from "./mtls/mg0402-anybodys-address";
import { outsideCallers } from "./mtls/mg0410-outside-callers";
import { admissionWebhooks } from "./mtls/mg0411-admission-webhooks";
import { metricsScrapes } from "./mtls/mg0412-metrics-scrapes";
import { monitors } from "./mtls/mg0413-monitors";
import { probes } from "./mtls/mg0414-probes";
import { hostNetwork } from "./mtls/mg0415-host-network";
import { jobsWithoutSidecar } from "./mtls/mg0416-jobs-without-sidecar";
import { endlessJobs } from "./mtls/mg0417-endless-jobs";
import { strictFromNothing } from "./mtls/mg0418-strict-from-nothing";
import { portsWithoutSelector } from "./mtls/mg0419-ports-without-selector";
import { exceptionWithDisable } from "./mtls/mg0420-exception-with-disable";
import { exceptionOnServicePort } from "./mtls/mg0421-exception-on-service-port";
import { exceptionWithoutAllow } from "./mtls/mg0422-exception-without-allow";
import { gatewayLockedOut } from "./mtls/mg0423-gateway-locked-out";
import { sharedAccounts } from "./mtls/mg0424-shared-accounts";
import { proxyIdentity } from "./mtls/mg0425-proxy-identity";
import { podSecurity } from "./mtls/mg0426-pod-security";
import { competingPolicies } from "./mtls/mg0427-competing-policies";
import { selectorInRootNamespace } from "./mtls/mg0428-selector-in-root-namespace";
import { callersWithoutSidecar } from "./mtls/mg0429-callers-without-sidecar";

/** Rules about mTLS and access, by code. */
export const mtlsRules: readonly Rule[] = [
  anybodysAddress,
  outsideCallers,
  admissionWebhooks,
  metricsScrapes,
  monitors,
  probes,
  hostNetwork,
  jobsWithoutSidecar,
  endlessJobs,
  strictFromNothing,
  portsWithoutSelector,
  exceptionWithDisable,
  exceptionOnServicePort,
  exceptionWithoutAllow,
  gatewayLockedOut,
  sharedAccounts,
  proxyIdentity,
  podSecurity,
  competingPolicies,
  selectorInRootNamespace,
  callersWithoutSidecar,
];
