import type { Problem } from "../../../core/problem";
import type { CheckedKind } from "../../../istio/kinds";
import { record } from "../../fields";
import { isSystemNamespace } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { destinationRuleWarnings } from "./destination-rule-warnings";
import { envoyFilterWarnings } from "./envoy-filter-warnings";
import { gatewayWarnings } from "./gateway-warnings";
import { authorizationPolicyWarnings, requestAuthenticationWarnings } from "./policy-warnings";
import { selectorWarnings } from "./selector-warnings";
import { addressWarnings, serviceEntryWarnings } from "./service-entry-warnings";
import { sidecarWarnings } from "./sidecar-warnings";
import { checkedKind, specProblemsOf, withoutNulls } from "./spec-problems";
import type { SpecWarning } from "./spec-warning";
import { telemetryWarnings } from "./telemetry-warnings";
import { virtualServiceWarnings } from "./virtual-service-warnings";

/** What Istio warns of in the spec of each kind, beside selectors without labels. */
const warnings: Readonly<Partial<Record<CheckedKind, (object: MeshObject) => Iterable<SpecWarning>>>> = {
  AuthorizationPolicy: ({ spec }) => authorizationPolicyWarnings(spec),
  DestinationRule: ({ spec }) => destinationRuleWarnings(spec),
  EnvoyFilter: ({ spec }) => envoyFilterWarnings(spec),
  Gateway: ({ spec }) => gatewayWarnings(spec),
  RequestAuthentication: ({ spec }) => requestAuthenticationWarnings(spec),
  ServiceEntry: ({ spec }) => serviceEntryWarnings(spec),
  Sidecar: ({ spec, namespace }) => sidecarWarnings(spec, namespace),
  Telemetry: ({ spec }) => telemetryWarnings(spec),
  VirtualService: ({ spec }) => virtualServiceWarnings(spec),
  WorkloadEntry: ({ spec }) => addressWarnings(spec, "spec"),
};

/** What Istio's validation lets pass with a warning, in an object by itself. */
export const schemaWarning: Rule = {
  code: "IST0133",
  title: "a field that Istio takes with a warning",
  severity: "warning",
  consequence:
    "Istio takes the object, and a part of it does nothing, does something else than it seems to, or is to go with a later release. Only the client that applies it sees the warning; what was meant stays undone, and nobody is told.",
  fix: "Do as the finding says, or accept it with a reason.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0133/",
    "https://github.com/istio/istio/blob/release-1.30/pkg/config/validation/validation.go",
  ],
  example: {
    bad: example(""),
    good: example("    outlierDetection:\n      consecutive5xxErrors: 5\n"),
  },
  *check(graph) {
    const tolerated = graph.derive(toleratedProblems);
    for (const object of graph.objects) {
      const kind = checkedKind(object);
      if (kind === undefined || isSystemNamespace(object.namespace)) continue;
      const told = specWarnings(kind, object);
      for (const warning of told) yield { object, ...warning };
      for (const { path, message } of tolerated.get(object) ?? []) {
        if (told.every(({ field }) => field !== path))
          yield { object, field: path, message: `${message} Istio takes it all the same, and it does nothing, or not what it says.`, fix };
      }
    }
  },
};

const fix = "Write the field as the message says, or remove it.";

function specWarnings(kind: CheckedKind, object: MeshObject): readonly SpecWarning[] {
  const kept = { ...object, spec: record(withoutNulls(object.spec)) };
  return [...selectorWarnings(kind, kept.spec), ...(warnings[kind]?.(kept) ?? [])];
}

function toleratedProblems(graph: ObjectGraph): ReadonlyMap<MeshObject, readonly Problem[]> {
  return new Map(graph.derive(specProblemsOf).map(({ object, tolerated }) => [object, tolerated]));
}

function example(ejection: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: api.example.no
  trafficPolicy:
${ejection}    loadBalancer:
      localityLbSetting:
        enabled: true
        failover:
          - from: north
            to: south
`;
}
