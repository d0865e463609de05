import { catalogue } from "../../../istio/catalogue";
import { text } from "../../fields";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** Groups of Istio's own kinds. */
const istioGroups: ReadonlySet<string> = new Set(["networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io"]);

/** A release that gets no more fixes. */
export const istioPastItsEnd: Rule = {
  code: "MG0625",
  title: "Istio past its end of life",
  severity: "warning",
  consequence:
    "Faults of istiod and Envoy that become known are not mended in this release any more, those that let callers past a policy among them.",
  fix: "Go to a release that is supported, one minor at a time.",
  see: ["https://istio.io/latest/docs/releases/supported-releases/"],
  example: {
    istio: "1.28",
    today: "2026-06-30",
    bad: `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata:
  name: mesh
  namespace: istio-system
spec:
  profile: minimal
  tag: 1.27.9
`,
    good: `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata:
  name: mesh
  namespace: istio-system
spec:
  profile: minimal
  tag: 1.28.10
`,
  },
  *check(graph) {
    const { today } = graph.surroundings;
    if (today === undefined) return;
    for (const { text: release, minor, ...where } of installed(graph)) {
      const end = catalogue.find((row) => row.minor === minor)?.endOfLife;
      if (end === undefined || today <= end.date) continue;
      yield {
        ...where,
        message: `Istio ${release} has had no fixes since ${end.approximate ? "about " : ""}${end.date}; today is ${today}.`,
      };
    }
  },
};

interface Installed {
  readonly object: MeshObject;
  readonly field?: string;
  readonly text: string;
  readonly minor: string;
}

/** Releases that IstioOperators install; where none says one, the release that the objects are for. */
function installed(graph: ObjectGraph): readonly Installed[] {
  const operators = graph.of("IstioOperator");
  const tagged = operators.flatMap((object): readonly Installed[] => {
    const tag = text(object.spec.tag) ?? "";
    const minor = /^(1\.\d{1,3})\./.exec(tag)?.[1];
    return minor === undefined ? [] : [{ object, field: "spec.tag", text: tag, minor }];
  });
  const object = operators[0] ?? graph.objects.find(({ group }) => istioGroups.has(group)) ?? graph.objects[0];
  const { text: release, minor } = graph.surroundings.releases.istio;
  return tagged.length > 0 || object === undefined ? tagged : [{ object, text: release, minor }];
}
