import type { Rule } from "../../rule";
import { specProblemsOf } from "./spec-problems";

/** A field that no release of Istio knows. */
export const unknownField: Rule = {
  code: "MG0101",
  title: "a field that nobody knows",
  severity: "error",
  consequence:
    "kubectl refuses the object, or warns; every other client is answered with success, and the API server drops the field. What it was to switch on stays off.",
  fix: "Correct the name, or remove the field.",
  see: ["https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation"],
  example: {
    bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: STRICT
  portLevelMTLS:
    "9090":
      mode: PERMISSIVE
`,
    good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  mtls:
    mode: STRICT
  portLevelMtls:
    "9090":
      mode: PERMISSIVE
`,
  },
  *check(graph) {
    for (const { object, unknown } of graph.derive(specProblemsOf)) {
      for (const { path, message } of unknown) {
        yield { object, field: path, message: `${object.kind} has no such field: ${message.replace(/^unknown prop\. /, "")}` };
      }
    }
  },
};
