import { records } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import type { Rule } from "../../rule";
import { annotated } from "./annotated";

/** Annotations that the injector writes into pods when the CNI plugin redirects their traffic. */
const writtenForCni: ReadonlySet<string> = new Set([
  "sidecar.istio.io/interceptionMode",
  "traffic.sidecar.istio.io/includeInboundPorts",
  "traffic.sidecar.istio.io/excludeInboundPorts",
  "traffic.sidecar.istio.io/includeOutboundIPRanges",
]);

/** Istio promises nothing of alpha features. */
export const alphaAnnotation: Rule = {
  code: "IST0136",
  title: "annotation of an alpha feature",
  severity: "note",
  consequence: "Istio may change the feature, or drop it, from one minor to the next: an upgrade has to look after it.",
  fix: "Use a stable feature where there is one; else read the release notes of each upgrade for this one.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0136/", "https://istio.io/latest/docs/releases/feature-stages/"],
  example: {
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
  annotations:
    networking.istio.io/exportTo: "."
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
`,
  },
  *check(graph) {
    for (const { object, name, field, known } of graph.derive(annotated)) {
      if (known?.status !== "alpha" || (writtenForCni.has(name) && isRedirectedByCni(object))) continue;
      yield { object, field, message: `${name} belongs to an alpha feature.` };
    }
  },
};

/** Whether it is a pod without the init container that redirects its traffic. */
function isRedirectedByCni({ kind, spec }: MeshObject): boolean {
  return kind === "Pod" && !records(spec.initContainers).some(({ name }) => name === "istio-init");
}
