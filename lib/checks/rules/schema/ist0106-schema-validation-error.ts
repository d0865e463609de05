import type { Rule } from "../../rule";
import { specProblemsOf } from "./spec-problems";

/** What Istio's validation or the API server refuses in an object by itself. */
export const schemaValidationError: Rule = {
  code: "IST0106",
  title: "an object that Istio refuses",
  severity: "error",
  consequence:
    "The API server or Istio's webhook refuses the object, and the roll-out stops halfway. Where the webhook is not reached, istiod leaves the object out and traffic goes on as if it were not there.",
  fix: "Write the field as the message says.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0106/",
    "https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules",
  ],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - timeout: 0.5ms
      route:
        - destination:
            host: api.example.no
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - timeout: 500ms
      route:
        - destination:
            host: api.example.no
`,
    externals: ["Host api.example.no"],
  },
  *check(graph) {
    for (const { object, refused } of graph.derive(specProblemsOf)) {
      for (const { path, message } of refused) yield { object, field: path, message };
    }
  },
};
