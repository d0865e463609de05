import type { Rule } from "../../rule";
import { annotated } from "./annotated";
import { isWithin } from "./istio-annotations";

const inject = "sidecar.istio.io/inject";

/** Istio goes on reading deprecated annotations, for a while. */
export const deprecatedAnnotation: Rule = {
  code: "IST0135",
  title: "deprecated annotation of Istio",
  severity: "note",
  consequence:
    "It may do nothing after an upgrade. The annotation that asks for a sidecar already does nothing where only labels reach the injector.",
  fix: "Write what has replaced it.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0135/", "https://istio.io/latest/docs/reference/config/annotations/"],
  example: {
    bad: `
apiVersion: v1
kind: Pod
metadata:
  name: pricing
  namespace: shop
  annotations:
    sidecar.istio.io/inject: "true"
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
  labels:
    sidecar.istio.io/inject: "true"
spec:
  containers:
    - name: pricing
      image: registry.example/pricing:1.4.2
`,
  },
  *check(graph) {
    const { minor } = graph.surroundings.releases.istio;
    for (const { object, name, field, known } of graph.derive(annotated)) {
      if (known?.deprecatedFrom === undefined || !isWithin(minor, known.deprecatedFrom, undefined)) continue;
      // Who writes the label as well does so for older releases.
      if (name === inject && object.labels[inject] !== undefined) continue;
      const fix = replacements.get(name);
      yield { object, field, message: `${name} is deprecated.`, ...(fix !== undefined && { fix }) };
    }
  },
};

const byStatsMatcher = "Set proxyStatsMatcher in the annotation proxy.istio.io/config.";
const replacements: ReadonlyMap<string, string> = new Map([
  [inject, "Use the label of the same name."],
  ["sidecar.istio.io/statsInclusionPrefixes", byStatsMatcher],
  ["sidecar.istio.io/statsInclusionSuffixes", byStatsMatcher],
  ["sidecar.istio.io/statsInclusionRegexps", byStatsMatcher],
  ["sidecar.istio.io/discoveryAddress", "Set discoveryAddress in the annotation proxy.istio.io/config."],
  ["sidecar.istio.io/extraStatTags", "Set tagOverrides in a Telemetry: its tags need no list any more."],
  ["sidecar.istio.io/statsCompression", "Set statsCompression in the annotation proxy.istio.io/config."],
  ["traffic.sidecar.istio.io/kubevirtInterfaces", "Use istio.io/reroute-virtual-interfaces."],
]);
