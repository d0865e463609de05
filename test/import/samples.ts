/** Systems in YAML as others write it: what an import meets. */
export const samples: Readonly<Record<string, string>> = {
  "a shop with routes, policies and a gateway": `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { istio-injection: enabled }
---
apiVersion: v1
kind: Service
metadata:
  name: reviews
  namespace: shop
  labels: { app: reviews, service: reviews }
spec:
  ports:
    - { port: 9080, name: http }
  selector: { app: reviews }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: reviews-v1
  namespace: shop
  labels: { app: reviews, version: v1 }
spec:
  replicas: 1
  selector:
    matchLabels: { app: reviews, version: v1 }
  template:
    metadata:
      labels: { app: reviews, version: v1 }
    spec:
      serviceAccountName: reviews
      containers:
        - name: reviews
          image: registry.example.no/reviews:1.20.1
          imagePullPolicy: IfNotPresent
          env:
            - { name: LOG_DIR, value: /tmp/logs }
          ports:
            - containerPort: 9080
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: {}
---
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata:
  name: reviews
  namespace: shop
spec:
  hosts: [reviews]
  http:
    - match:
        - headers:
            end-user: { exact: tester }
      route:
        - destination: { host: reviews, subset: v2 }
    - route:
        - destination: { host: reviews, subset: v1 }
          weight: 80
        - destination: { host: reviews, subset: v2 }
          weight: 20
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews
  namespace: shop
spec:
  host: reviews
  trafficPolicy:
    connectionPool:
      tcp: { maxConnections: 100 }
    outlierDetection: { consecutive5xxErrors: 7, interval: 5m, baseEjectionTime: 15m }
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: shop
  namespace: istio-ingress
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: ["*"]
      tls: { httpsRedirect: true }
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop/shop.example.no]
      tls: { mode: SIMPLE, credentialName: shop-tls }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: nothing
  namespace: shop
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: reviews
  namespace: shop
  annotations: { suppress.meshground.io/MG0424: "one account for a year still" }
spec:
  selector:
    matchLabels: { app: reviews }
  action: ALLOW
  rules:
    - from:
        - source: { principals: [cluster.local/ns/shop/sa/productpage] }
      to:
        - operation: { methods: [GET], ports: ["9080"] }
`,
  "values that readers disagree about": `
apiVersion: v1
kind: ConfigMap
metadata:
  name: odd
  namespace: default
  labels: {}
  annotations:
    helm.sh/hook: pre-install
    "quoted\\"key": "*/ \${x} \`y\` // \\u2028 \\u202e \\u200b end"
data:
  "yes": "yes"
  "on": "off"
  octal: "012"
  script: |
    #!/bin/sh
    echo "\${HOME}" \`date\`
    exit 0
  empty: ""
  __proto__: "polluted"
  constructor: "built"
  toString: "text"
---
apiVersion: example.no/v1
kind: Odd
metadata:
  generateName: odd-
spec:
  "yes": on
  octal: 012
  float: 1.50
  big: 9007199254740991
  exponent: 1e3
  none: null
  list: [null, ~, {a: null}, [], {}]
  map: {}
  resolve: { resolve: 1 }
  __proto__: { deep: { __proto__: 1 } }
  constructor: { prototype: 1 }
  a/b~c: { none: }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: sloppy
  creationTimestamp: null
  labels:
  annotations: { "a": "1" }
  namespace: ""
spec:
  strategy: {}
  template:
    metadata: { labels: { app: sloppy }, creationTimestamp: null }
    spec:
      volumes: [{ name: tmp, emptyDir: }]
      containers: [{ name: a, image: b, resources: {}, env: null }]
status: {}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ServiceAccount
    metadata: { name: "class", namespace: one }
  - apiVersion: v1
    kind: ServiceAccount
    metadata: { name: "class", namespace: two }
  - apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: { name: edge, namespace: one }
    spec: { gatewayClassName: istio }
  - apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: { name: edge, namespace: one }
    spec: { selector: { istio: edge }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
`,
  "objects that Istio would refuse": `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: unknown-field, namespace: shop }
spec: { hosts: [pricing], http: [{ rotue: [], route: [{ destination: { host: pricing } }] }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: no-spec, namespace: shop }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: wrong, namespace: shop }
spec: { hosts: ["*"], resolution: "*/\\nconsole.log(1)", ports: "no list" }
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: filter, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      patch: { operation: ADD, value: { name: outside, type: STRICT_DNS } }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress: [{ hosts: ["./*"] }]
extra: 1
`,
};
