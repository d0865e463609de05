import { at, records, text } from "../../fields";
import { namespaces } from "../../graph/injection";
import { injectorName, injectorValues } from "../../graph/injector-config";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** After an upgrade of the control plane, pods keep the proxy that they were started with. */
export const proxyImageMismatch: Rule = {
  code: "IST0105",
  title: "pod with another proxy than its injector gives",
  severity: "warning",
  consequence:
    "The pod runs an older or newer proxy than the control plane expects: fixes are not in it, and Istio tests few pairs of versions.",
  fix: "Roll out what made the pod, so that it is injected anew.",
  versions: { istioBefore: "1.18" },
  see: ["https://istio.io/v1.17/docs/reference/config/analysis/ist0105/"],
  example: {
    bad: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-sidecar-injector
  namespace: istio-system
data:
  values: '{"global": {"hub": "docker.io/istio", "tag": "1.17.8", "proxy": {"image": "proxyv2"}}}'
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: v1
kind: Pod
metadata:
  name: pricing-7d9f
  namespace: shop
spec:
  containers:
    - name: pricing
      image: registry.example/pricing:1.4.2
    - name: istio-proxy
      image: docker.io/istio/proxyv2:1.16.7
`,
    good: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-sidecar-injector
  namespace: istio-system
data:
  values: '{"global": {"hub": "docker.io/istio", "tag": "1.17.8", "proxy": {"image": "proxyv2"}}}'
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
---
apiVersion: v1
kind: Pod
metadata:
  name: pricing-7d9f
  namespace: shop
spec:
  containers:
    - name: pricing
      image: registry.example/pricing:1.4.2
    - name: istio-proxy
      image: docker.io/istio/proxyv2:1.17.8
`,
  },
  *check(graph) {
    for (const object of judged(graph, "Pod")) {
      const expected = expectedImage(graph, object);
      if (expected === undefined) continue;
      for (const [index, { name, image }] of records(object.spec.containers).entries()) {
        if (name !== "istio-proxy" || image === expected) continue;
        const message = `its proxy is ${text(image) ?? "no image"}, and the injector of its namespace gives ${expected}.`;
        yield { object, field: `spec.containers[${index}].image`, message };
      }
    }
  },
};

/** Image that the injector of a pod's namespace gives; undefined where none asks for it, none is known, or the pod names its own. */
function expectedImage(graph: ObjectGraph, { namespace, annotations }: MeshObject): string | undefined {
  const labels = graph.derive(namespaces).get(namespace)?.labels ?? {};
  const revision = labels["istio.io/rev"];
  const own = annotations["sidecar.istio.io/proxyImage"] ?? "";
  if (own !== "" || (revision === undefined && labels["istio-injection"] !== "enabled")) return undefined;
  const values = graph.derive(injectorValues).get(injectorName(revision));
  const [hub, image, tag] = [["hub"], ["proxy", "image"], ["tag"]].map((path) => text(at(values, "global", ...path)));
  if (image?.includes("/")) return image;
  return hub === undefined || image === undefined || tag === undefined ? undefined : `${hub}/${image}:${tag}`;
}
