import { shown } from "../../../core/problem";
import type { Rule } from "../../rule";
import { annotated, mayStandOn } from "./annotated";
import { annotationProblem } from "./annotation-values";

/** The injector refuses pods whose annotations it cannot read. */
export const invalidAnnotation: Rule = {
  code: "IST0125",
  title: "annotation of Istio with a value that it cannot read",
  severity: "warning",
  consequence: "The injector refuses the pod: it is not made at all, and a roll-out stands still with fewer pods than before.",
  fix: "Write a value of the form that the annotation takes.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0125/", "https://istio.io/latest/docs/reference/config/annotations/"],
  example: {
    bad: `
apiVersion: v1
kind: Pod
metadata:
  name: pricing
  namespace: shop
  annotations:
    traffic.sidecar.istio.io/excludeOutboundPorts: "5432;6379"
spec:
  containers:
    - name: pricing
      image: registry.example/pricing:1.4.2
`,
    good: `
apiVersion: v1
kind: Pod
metadata:
  name: pricing
  namespace: shop
  annotations:
    traffic.sidecar.istio.io/excludeOutboundPorts: "5432,6379"
spec:
  containers:
    - name: pricing
      image: registry.example/pricing:1.4.2
`,
  },
  *check(graph) {
    const { minor } = graph.surroundings.releases.istio;
    for (const { object, name, value, field, known } of graph.derive(annotated)) {
      if (known === undefined || !mayStandOn(known, object.kind, minor)) continue;
      const problem = annotationProblem(name, value, minor);
      if (problem !== undefined) yield { object, field, message: `${name} is ${shown(value)}: ${problem}.` };
    }
  },
};
