import type { Rule } from "../../rule";
import { annotated, kindsOf, mayStandOn } from "./annotated";

/** Each of Istio's annotations is read from certain kinds only. */
export const misplacedAnnotation: Rule = {
  code: "IST0107",
  title: "annotation of Istio on a kind that it is not read from",
  severity: "warning",
  consequence:
    "Nobody reads it there, so what it asks for does not happen, and nothing says so. Mostly an annotation for pods stands on the Deployment instead of its template.",
  fix: "Move it: one for pods of a Deployment belongs into spec.template.metadata.annotations.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0107/", "https://istio.io/latest/docs/reference/config/annotations/"],
  example: {
    bad: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
  annotations:
    sidecar.istio.io/proxyCPU: 200m
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
`,
    good: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
      annotations:
        sidecar.istio.io/proxyCPU: 200m
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
`,
  },
  *check(graph) {
    const { minor } = graph.surroundings.releases.istio;
    for (const { object, name, field, known } of graph.derive(annotated)) {
      if (known === undefined || mayStandOn(known, object.kind, minor)) continue;
      const kinds = kindsOf(known, minor).map((kind) => `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`);
      yield { object, field, message: `Istio reads ${name} from ${kinds.join(" or ")}, and not from a ${object.kind}.` };
    }
  },
};
