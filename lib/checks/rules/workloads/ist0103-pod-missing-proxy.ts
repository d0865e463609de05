import { records } from "../../fields";
import { namespaces } from "../../graph/injection";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { isOfCluster } from "./of-cluster";

/** A pod of a namespace that asks for sidecars, and has none. */
export const podMissingProxy: Rule = {
  code: "IST0103",
  title: "pod without the proxy that its namespace asks for",
  severity: "warning",
  consequence:
    "The pod runs outside the mesh among others that run inside: its calls to STRICT services are reset, and no policy holds for what it receives. Mostly it was started before the namespace was labelled, or while the injector was down.",
  fix: 'Start it anew: delete the pod, or roll out what made it. Label it `sidecar.istio.io/inject: "false"` where it is meant to stay outside.',
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0103/"],
  example: {
    bad: `
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
  nodeName: node-1
  containers:
    - name: pricing
      image: registry.example/pricing:1.4.2
`,
    good: `
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
  nodeName: node-1
  containers:
    - name: pricing
      image: registry.example/pricing:1.4.2
    - name: istio-proxy
      image: registry.istio.io/release/proxyv2:1.30.3
`,
  },
  *check(graph) {
    for (const object of judged(graph, "Pod")) {
      if (!asksForProxies(graph, object.namespace) || isExcused(object) || hasProxy(object)) continue;
      if (isOfCluster(object)) {
        yield { object, field: "spec.containers", message: `it runs without istio-proxy, though ${object.namespace} asks for sidecars.` };
      } else {
        const message = `it has no istio-proxy: made as it stands here, it gets one from the injector of ${object.namespace}; read from a cluster, it runs without.`;
        yield { object, field: "spec.containers", message, severity: "note" };
      }
    }
  },
};

/** By `istio-injection` alone, as Istio's analyzer sees it. */
function asksForProxies(graph: ObjectGraph, namespace: string): boolean {
  const labels = graph.derive(namespaces).get(namespace)?.labels;
  return namespace !== "istio-system" && labels?.["istio-injection"] === "enabled" && labels["istio.io/dataplane-mode"] !== "ambient";
}

function isExcused({ labels, annotations, spec }: MeshObject): boolean {
  const own = labels["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"] ?? "";
  return own.toLowerCase() === "false" || spec.hostNetwork === true;
}

function hasProxy({ spec }: MeshObject): boolean {
  const proxy = [...records(spec.containers), ...records(spec.initContainers)].find(({ name }) => name === "istio-proxy");
  return typeof proxy?.image === "string" && proxy.image !== "";
}
