import type { Rule } from "../rule";
import { authorizationWithoutWaypoint } from "./kiali/kia0109-authorization-without-waypoint";
import { authorizationWithoutTargets } from "./kiali/kia0110-authorization-without-targets";
import { rulesForOneSubset } from "./kiali/kia0201-rules-for-one-subset";
import { subsetWithoutPods } from "./kiali/kia0203-subset-without-pods";
import { namespaceTakesMtlsOnly } from "./kiali/kia0207-namespace-takes-mtls-only";
import { meshTakesMtlsOnly } from "./kiali/kia0208-mesh-takes-mtls-only";
import { subsetWithoutLabels } from "./kiali/kia0209-subset-without-labels";
import { ruleWithoutWaypoint } from "./kiali/kia0210-rule-without-waypoint";
import { ruleForUnenrolledService } from "./kiali/kia0211-rule-for-unenrolled-service";
import { ruleOutsideServiceNamespace } from "./kiali/kia0212-rule-outside-service-namespace";
import { destinationTwice } from "./kiali/kia1105-destination-twice";
import { routesInEachOthersWay } from "./kiali/kia1106-routes-in-each-others-way";
import { subsetOutOfSight } from "./kiali/kia1107-subset-out-of-sight";
import { routesWithoutWaypoint } from "./kiali/kia1109-routes-without-waypoint";
import { authenticationWithoutWaypoint } from "./kiali/kia1110-authentication-without-waypoint";
import { pluginWithoutWaypoint } from "./kiali/kia1111-plugin-without-waypoint";
import { telemetryWithoutWaypoint } from "./kiali/kia1112-telemetry-without-waypoint";
import { routesForUnenrolledService } from "./kiali/kia1113-routes-for-unenrolled-service";
import { routesOutsideServiceNamespace } from "./kiali/kia1114-routes-outside-service-namespace";
import { authenticationWithoutTargets } from "./kiali/kia1115-authentication-without-targets";
import { pluginWithoutTargets } from "./kiali/kia1116-plugin-without-targets";
import { telemetryWithoutTargets } from "./kiali/kia1117-telemetry-without-targets";
import { sidecarAndAmbient } from "./kiali/kia1311-sidecar-and-ambient";

/** Kiali's rules, by code. */
export const kialiRules: readonly Rule[] = [
  authorizationWithoutWaypoint,
  authorizationWithoutTargets,
  rulesForOneSubset,
  subsetWithoutPods,
  namespaceTakesMtlsOnly,
  meshTakesMtlsOnly,
  subsetWithoutLabels,
  ruleWithoutWaypoint,
  ruleForUnenrolledService,
  ruleOutsideServiceNamespace,
  destinationTwice,
  routesInEachOthersWay,
  subsetOutOfSight,
  routesWithoutWaypoint,
  authenticationWithoutWaypoint,
  pluginWithoutWaypoint,
  telemetryWithoutWaypoint,
  routesForUnenrolledService,
  routesOutsideServiceNamespace,
  authenticationWithoutTargets,
  pluginWithoutTargets,
  telemetryWithoutTargets,
  sidecarAndAmbient,
];
