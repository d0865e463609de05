import type { Rule } from "../../rule";
import { meshDeployments } from "./mesh-deployments";

/** Up to Istio 1.19, the pods of a mesh were asked to belong to a Service. */
export const deploymentWithoutService: Rule = {
  code: "IST0117",
  title: "Deployment of the mesh that no Service selects",
  severity: "warning",
  consequence:
    "Istio learns of workloads by their Services: without one, nobody in the mesh can call these pods by name, and their metrics carry no service.",
  fix: 'Make a Service that selects the pods; one without a real port will do. Where it lives elsewhere, declare it: `externals: ["Service shop/pricing"]`, by the name of the Deployment.',
  versions: { istioBefore: "1.20" },
  see: ["https://istio.io/v1.19/docs/reference/config/analysis/ist0117/", "https://istio.io/v1.19/docs/ops/deployment/requirements/"],
  example: {
    bad: `
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
        sidecar.istio.io/inject: "true"
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
        sidecar.istio.io/inject: "true"
    spec:
      containers:
        - name: pricing
          image: registry.example/pricing:1.4.2
---
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
    for (const { workload, services } of graph.derive(meshDeployments)) {
      const { object, namespace } = workload;
      if (services.length > 0 || graph.isExternal("Service", namespace, object.name)) continue;
      const message = `no Service among the objects that were checked selects the pods of ${object.name} in ${namespace}.`;
      yield { object, field: "spec.template.metadata.labels", message };
    }
  },
};
