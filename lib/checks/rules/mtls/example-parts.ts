/** A namespace whose pods get sidecars. */
export const meshedShop: string = `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
`;

/** Refuses plaintext in the whole namespace. */
export const strictPolicy: string = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: STRICT
`;

/** A namespace whose pods get sidecars and refuse plaintext. */
export const strictShop: string = meshedShop + strictPolicy;

/** A workload of the namespace. */
export const pricingPods: string = `---
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
    spec:
      serviceAccountName: pricing
      containers:
        - name: app
          image: registry.example.no/pricing:1.4.0
          ports:
            - name: http
              containerPort: 8080
            - name: http-metrics
              containerPort: 9090
`;

/** Its Service. */
export const pricingService: string = `---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
  labels:
    app: pricing
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 80
      targetPort: http
    - name: http-metrics
      port: 9090
      targetPort: http-metrics
`;

/** Lets a port of the workload take plaintext. */
export function plaintextPort(port: number): string {
  return `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: pricing-plaintext
  namespace: shop
spec:
  selector:
    matchLabels:
      app: pricing
  portLevelMtls:
    "${port}":
      mode: PERMISSIVE
`;
}
