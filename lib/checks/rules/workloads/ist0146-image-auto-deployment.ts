import type { Rule } from "../../rule";
import { notInjectedMessage, withImageAuto } from "./image-auto";
import { reachesInjector } from "./injection-webhooks";

/** `auto` is no image: the injector puts the proxy's in its place. */
export const imageAutoDeployment: Rule = {
  code: "IST0146",
  title: "Deployment with the image auto that no injector sees",
  severity: "warning",
  consequence:
    "Its pods try to pull an image named auto and never start: ImagePullBackOff. For a gateway that is an outage of all that comes through it.",
  fix: 'Label the pods `sidecar.istio.io/inject: "true"`, and their namespace neither for nor against injection; or label the namespace.',
  see: ["https://istio.io/latest/docs/reference/config/analysis/ist0146/", "https://istio.io/latest/docs/setup/additional-setup/gateway/"],
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: edge
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: edge
  namespace: edge
spec:
  selector:
    matchLabels:
      istio: edge
  template:
    metadata:
      annotations:
        inject.istio.io/templates: gateway
      labels:
        istio: edge
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: edge
  namespace: edge
spec:
  selector:
    matchLabels:
      istio: edge
  template:
    metadata:
      annotations:
        inject.istio.io/templates: gateway
      labels:
        istio: edge
        sidecar.istio.io/inject: "true"
    spec:
      containers:
        - name: istio-proxy
          image: auto
`,
  },
  *check(graph) {
    for (const workload of withImageAuto(graph, "Deployment")) {
      if (reachesInjector(graph, workload) !== false) continue;
      yield { object: workload.object, field: "spec.template.metadata.labels", message: notInjectedMessage(workload) };
    }
  },
};
