import { nearest } from "../../../core/nearest";
import type { Rule } from "../../rule";
import { annotated } from "./annotated";
import { istioAnnotations, isWithin } from "./istio-annotations";

/** What Istio does not know it does not read. */
export const unknownAnnotation: Rule = {
  code: "IST0108",
  title: "annotation that Istio does not know",
  severity: "warning",
  consequence: "Nobody reads it, so what it asks for does not happen, and nothing says so.",
  fix: "Look for its name among Istio's annotations: mostly it is mistyped, or a label.",
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0108/", "https://istio.io/latest/docs/reference/config/annotations/"],
  example: {
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
  annotations:
    networking.istio.io/exportsTo: "."
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
  annotations:
    networking.istio.io/exportTo: "."
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
`,
  },
  *check(graph) {
    const { minor } = graph.surroundings.releases.istio;
    const suggested = new Map<string, string | undefined>();
    for (const { object, name, field, known } of graph.derive(annotated)) {
      if (known !== undefined) continue;
      const fix = suggested.has(name) ? suggested.get(name) : suggestion(name, minor);
      suggested.set(name, fix);
      yield { object, field, message: `Istio ${minor} knows no annotation ${name}${elsewhere(name)}.`, ...(fix !== undefined && { fix }) };
    }
  },
};

/** The releases that do know it. */
function elsewhere(name: string): string {
  const { from, before } = istioAnnotations.get(name) ?? {};
  if (before !== undefined) return `: it went with ${before}`;
  return from === undefined ? "" : `: it came with ${from}`;
}

/** Labels of Istio that people take for annotations. */
const labels: ReadonlySet<string> = new Set([
  "istio.io/dataplane-mode",
  "istio.io/ingress-use-waypoint",
  "istio.io/tag",
  "istio.io/use-waypoint",
  "istio.io/use-waypoint-namespace",
  "istio.io/waypoint-for",
  "networking.istio.io/enable-autoallocate-ip",
  "networking.istio.io/gatewayPort",
  "security.istio.io/tlsMode",
  "service.istio.io/canonical-name",
  "service.istio.io/canonical-revision",
  "service.istio.io/workload-name",
  "topology.istio.io/cluster",
  "topology.istio.io/network",
  "topology.istio.io/subzone",
]);

function suggestion(name: string, minor: string): string | undefined {
  if (labels.has(name)) return "It is a label: write it under metadata.labels.";
  if (istioAnnotations.has(name)) return "Remove it, or go to a release that knows it.";
  const near = likelyMeant(name, minor);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** The annotation that a mistyped one stands for: one of its domain with a like name, or one of its name in another domain. */
function likelyMeant(name: string, minor: string): string | undefined {
  const candidates = [...istioAnnotations.values()].filter(
    ({ isDocumented, from, before }) => isDocumented && isWithin(minor, from, before),
  );
  const [domain, own] = parted(name);
  const names = candidates.map((annotation) => parted(annotation.name));
  const near = nearest(
    own,
    names.flatMap(([other, rest]) => (other === domain ? [rest] : [])),
  );
  if (near !== undefined) return `${domain}/${near}`;
  return candidates.find((annotation) => parted(annotation.name)[1].toLowerCase() === own.toLowerCase())?.name;
}

function parted(name: string): readonly [domain: string, own: string] {
  const slash = name.indexOf("/");
  return [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
}
