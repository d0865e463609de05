import { containersOf, type Workload } from "../../graph/workloads";
import type { Rule } from "../../rule";
import { notInjectedMessage, withImageAuto } from "./image-auto";
import { reachesInjector } from "./injection-webhooks";
import { isOfCluster } from "./of-cluster";

/** A pod that has the image `auto` after it was made was never injected. */
export const imageAutoPod: Rule = {
  code: "IST0147",
  title: "pod with the image auto that no injector has seen, or will see",
  severity: "error",
  consequence: "The pod tries to pull an image named auto and never starts: ImagePullBackOff.",
  fix: 'Label the pod `sidecar.istio.io/inject: "true"`, and its namespace neither for nor against injection; or label the namespace. Then make the pod anew.',
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0147/", "https://istio.io/latest/docs/setup/additional-setup/gateway/"],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: edge
---
apiVersion: v1
kind: Pod
metadata:
  name: edge
  namespace: edge
  annotations:
    inject.istio.io/templates: gateway
spec:
  containers:
    - name: istio-proxy
      image: auto
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: edge
---
apiVersion: v1
kind: Pod
metadata:
  name: edge
  namespace: edge
  annotations:
    inject.istio.io/templates: gateway
  labels:
    sidecar.istio.io/inject: "true"
spec:
  containers:
    - name: istio-proxy
      image: auto
`,
  },
  *check(graph) {
    for (const workload of withImageAuto(graph, "Pod")) {
      const wasMade = isOfCluster(workload.object);
      if (!wasMade && reachesInjector(graph, workload) !== false) continue;
      const field = `${containersOf(workload).find(({ container }) => container.name === "istio-proxy")?.field}.image`;
      const message = wasMade ? stillAuto(workload) : notInjectedMessage(workload);
      yield { object: workload.object, field, message };
    }
  },
};

function stillAuto({ object }: Workload): string {
  return `${object.name} was made, and the image of its istio-proxy is still auto: no injector has seen it.`;
}
