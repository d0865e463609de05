import type { Rule } from "../../rule";
import { plaintextRules } from "./plaintext-rules";

/** Plaintext for a mesh whose pods take mTLS only. */
export const meshTakesMtlsOnly: Rule = {
  code: "KIA0208",
  title: "DestinationRule without TLS in a mesh that takes mTLS only",
  severity: "error",
  consequence:
    "Callers send plaintext to every Service that the DestinationRule is for, and by the mesh's own PeerAuthentication all pods refuse it: each " +
    "call gets a 503. Where the Services are among the objects, IST0113 tells which of them.",
  fix: "Leave tls out of the DestinationRule: automatic mTLS then sends what each pod takes. Or make the mesh's PeerAuthentication PERMISSIVE as long as plaintext is needed.",
  see: [
    "https://kiali.io/docs/features/validations/",
    "https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/",
  ],
  example: { bad: example("DISABLE"), good: example("ISTIO_MUTUAL") },
  *check(graph) {
    for (const { object, policy, scope } of plaintextRules(graph)) {
      if (scope !== "mesh") continue;
      const message = `it sends plaintext to all of ${object.spec.host}, and the mesh's PeerAuthentication ${policy.namespace}/${policy.name} takes mTLS only.`;
      yield { object, field: "spec.trafficPolicy.tls.mode", message };
    }
  },
};

function example(mode: string): string {
  return `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: istio-system
spec:
  mtls:
    mode: STRICT
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: default
  namespace: istio-system
spec:
  host: "*.local"
  trafficPolicy:
    tls:
      mode: ${mode}
`;
}
