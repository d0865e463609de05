import type { Rule } from "../../rule";
import { specProblemsOf } from "./spec-problems";

/** A field, or a word in one, that came with a later release than the one that is run. */
export const tooNew: Rule = {
  code: "MG0102",
  title: "a field that is newer than the release",
  severity: "error",
  consequence:
    "The CRDs of the release do not know it: kubectl refuses the object, and every other client is answered with success while the field is dropped.",
  fix: "Remove it, or go to the release that it came with.",
  example: {
    bad: `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - retries:
        attempts: 2
        backoff: 50ms
      route:
        - destination:
            host: api.example.no
`,
    good: `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - retries:
        attempts: 2
      route:
        - destination:
            host: api.example.no
`,
    istio: "1.18",
    externals: ["Host api.example.no"],
  },
  *check(graph) {
    for (const { object, tooNew: newer } of graph.derive(specProblemsOf)) {
      for (const { path, message } of newer) yield { object, field: path, message };
    }
  },
};
