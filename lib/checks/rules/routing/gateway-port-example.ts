import type { RuleExample } from "../../rule";

/** The example of the rules on ports of Gateways, in the apiVersion of their releases. */
export function gatewayPortExample(apiVersion: string): RuleExample {
  return { bad: example(apiVersion, 8081), good: example(apiVersion, 443) };
}

function example(apiVersion: string, port: number): string {
  return `
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
      labels:
        istio: edge
        sidecar.istio.io/inject: "true"
      annotations:
        inject.istio.io/templates: gateway
    spec:
      containers:
        - name: istio-proxy
          image: auto
---
apiVersion: v1
kind: Service
metadata:
  name: edge
  namespace: edge
spec:
  selector:
    istio: edge
  ports:
    - name: https
      port: 443
      targetPort: 8443
---
apiVersion: ${apiVersion}
kind: Gateway
metadata:
  name: shop
  namespace: edge
spec:
  selector:
    istio: edge
  servers:
    - port:
        number: ${port}
        name: https
        protocol: HTTPS
      hosts:
        - shop.example.no
      tls:
        mode: PASSTHROUGH
`;
}
