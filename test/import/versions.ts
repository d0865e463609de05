import { yamlDocuments } from "../../lib/core/yaml";
import { type CanaryServiceProps, MeshApp, StrictMtlsNamespace } from "../../lib/index";
import { objectsOf, service } from "../support/tree";

/** A service with two versions, as somebody without a library writes it. */
export const plain = `
apiVersion: v1
kind: Service
metadata: { name: pricing, namespace: shop }
spec: { selector: { app: pricing }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
${["v1", "v2"]
  .map(
    (version) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: pricing-${version}, namespace: shop, labels: { team: prices } }
spec:
  replicas: 2
  selector: { matchLabels: { app: pricing, version: ${version} } }
  template:
    metadata: { labels: { app: pricing, version: ${version} } }
    spec: { serviceAccountName: pricing, containers: [{ name: pricing, image: "registry.example.no/pricing:${version}" }] }`,
  )
  .join("\n---\n")}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: pricing, namespace: shop }
spec:
  host: pricing
  trafficPolicy: { connectionPool: { tcp: { maxConnections: 100 } } }
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pricing, namespace: shop }
spec:
  hosts: [pricing]
  http:
    - match: [{ headers: { x-tester: { exact: "yes" } } }]
      route: [{ destination: { host: pricing, subset: v2 } }]
      timeout: 2s
    - route:
        - { destination: { host: pricing, subset: v1 }, weight: 90 }
        - { destination: { host: pricing, subset: v2 }, weight: 10 }
      timeout: 2s
`;

/** Ways to make a CanaryService. */
export const variants: readonly (readonly [string, Partial<CanaryServiceProps>])[] = [
  ["as it comes", {}],
  [
    "a timeout and retries of some methods",
    { timeout: "2s", retries: { attempts: 2, perTryTimeout: "500ms", on: ["gateway-error"], methods: ["GET", "HEAD"] } },
  ],
  ["retries switched off", { retries: { attempts: 0, perTryTimeout: "1s", on: "default", methods: "all" } }],
  [
    "limits and testers",
    { circuitBreaker: { maxConnections: 10, maxRetries: 2 }, testers: { header: "x-release", value: "v2", to: "v2" } },
  ],
  ["further ports", { targetPort: 8081, extraPorts: [{ name: "http-metrics", port: 9090, targetPort: 9090 }] }],
  ["mTLS in any case", { tls: "ISTIO_MUTUAL", protocol: "http2" }],
  ["ejection", { circuitBreaker: { eject: { after5xx: 5, for: "30s", keepAtLeast: 1 } } }],
  ["a mirror", { mirror: { to: "v2", percent: 10 } }],
  ["affinity", { sessionAffinity: { by: "cookie", name: "shop", ttl: "1h" }, suppress: { MG0305: "tried" } }],
];

/** What a CanaryService with these props renders, in a namespace of its own. */
export function rendered(props: Partial<CanaryServiceProps>): string {
  const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.33" });
  service(new StrictMtlsNamespace(app, "shop", { stage: "permissive" }), "pricing", props);
  return yamlDocuments(objectsOf(app));
}
