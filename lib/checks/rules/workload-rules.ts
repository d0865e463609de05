import type { Rule } from "../rule";
import { deprecated } from "./workloads/ist0002-deprecated";
import { namespaceNotInjected } from "./workloads/ist0102-namespace-not-injected";
import { podMissingProxy } from "./workloads/ist0103-pod-missing-proxy";
import { proxyImageMismatch } from "./workloads/ist0105-proxy-image-mismatch";
import { misplacedAnnotation } from "./workloads/ist0107-misplaced-annotation";
import { unknownAnnotation } from "./workloads/ist0108-unknown-annotation";
import { onePortTwoProtocols } from "./workloads/ist0116-one-port-two-protocols";
import { deploymentWithoutService } from "./workloads/ist0117-deployment-without-service";
import { portName } from "./workloads/ist0118-port-name";
import { jwtOnTcp } from "./workloads/ist0119-jwt-on-tcp";
import { invalidRegex } from "./workloads/ist0122-invalid-regex";
import { severalInjectionLabels } from "./workloads/ist0123-several-injection-labels";
import { invalidAnnotation } from "./workloads/ist0125-invalid-annotation";
import { deprecatedAnnotation } from "./workloads/ist0135-deprecated-annotation";
import { alphaAnnotation } from "./workloads/ist0136-alpha-annotation";
import { oneTargetTwoPorts } from "./workloads/ist0137-one-target-two-ports";
import { applicationUid } from "./workloads/ist0144-application-uid";
import { imageAutoDeployment } from "./workloads/ist0146-image-auto-deployment";
import { imageAutoPod } from "./workloads/ist0147-image-auto-pod";
import { namespaceInjectedByDefault } from "./workloads/ist0148-namespace-injected-by-default";
import { externalNamePort } from "./workloads/ist0150-external-name-port";

/** Istio's rules on namespaces, workloads, annotations and Services, by code. */
export const workloadRules: readonly Rule[] = [
  deprecated,
  namespaceNotInjected,
  podMissingProxy,
  proxyImageMismatch,
  misplacedAnnotation,
  unknownAnnotation,
  onePortTwoProtocols,
  deploymentWithoutService,
  portName,
  jwtOnTcp,
  invalidRegex,
  severalInjectionLabels,
  invalidAnnotation,
  deprecatedAnnotation,
  alphaAnnotation,
  oneTargetTwoPorts,
  applicationUid,
  imageAutoDeployment,
  imageAutoPod,
  namespaceInjectedByDefault,
  externalNamePort,
];
