import { pictureHtml } from "../../../lib/picture/html-page";
import { namespaceYaml, pictured, serviceYaml } from "../../picture/pictured";

/** A small mesh: a gateway, two namespaces, a caller without mTLS, a node pool, an error. */
export function smallMesh(): string {
  return pictureHtml(pictured(small));
}

const small = [
  namespaceYaml("shop"),
  namespaceYaml("bank"),
  serviceYaml("shop", "checkout"),
  serviceYaml("shop", "pricing"),
  serviceYaml("bank", "ledger"),
  `---
apiVersion: meshground.io/v1
kind: CallGraph
metadata: { name: calls }
spec:
  calls:
    - { from: { namespace: shop, name: checkout }, to: { namespace: shop, name: pricing, port: 8080 } }
    - { from: { namespace: shop, name: checkout }, to: { namespace: bank, name: ledger, port: 8080 } }
---
apiVersion: meshground.io/v1
kind: NodePool
metadata: { name: oslo }
spec: { nodes: { count: 3, cpu: 8, memory: 32Gi, country: "NO" }, distribution: k3s, kernel: { net.core.somaxconn: 65535, fs.file-max: 2097152 } }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { selector: { istio: edge }, servers: [{ hosts: [shop.example.no], port: { number: 443, name: https, protocol: HTTPS }, tls: { mode: SIMPLE, credentialName: edge } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec: { hosts: [shop.example.no], gateways: [edge], http: [{ timeout: 2s, route: [{ destination: { host: checkout } }] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pricing, namespace: shop }
spec: { hosts: [pricing], http: [{ route: [{ destination: { host: nowhere } }] }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: till, namespace: shop }
spec: { selector: { matchLabels: { app: pricing } }, rules: [{ from: [{ source: { ipBlocks: [10.1.2.0/24] } }] }] }
`,
].join("");

/** Many services in as many namespaces as it takes to keep them closed at first; each calls the next. */
export function largeMesh(namespaces: number, each: number): string {
  const names = Array.from({ length: namespaces }, (_, index) => `team${index}`);
  const services = names.flatMap((namespace) => [
    namespaceYaml(namespace),
    ...Array.from({ length: each }, (_, index) => serviceYaml(namespace, `s${index}`)),
  ]);
  const calls = names.flatMap((namespace, index) =>
    Array.from({ length: each }, (_, place) => {
      const to = place + 1 < each ? `namespace: ${namespace}, name: s${place + 1}` : `namespace: ${names[index + 1] ?? names[0]}, name: s0`;
      return `    - { from: { namespace: ${namespace}, name: s${place} }, to: { ${to} } }`;
    }),
  );
  const graph = `---\napiVersion: meshground.io/v1\nkind: CallGraph\nmetadata: { name: calls }\nspec:\n  calls:\n${calls.join("\n")}\n`;
  return pictureHtml(pictured(services.join("") + graph));
}

/** A mesh whose names would be markup, script or commands to whoever trusted them. */
export function hostileMesh(name: string): string {
  const topology = pictured(small);
  return pictureHtml({
    ...topology,
    services: topology.services.map((service) => ({ ...service, name, versions: [{ name, weight: 100 }], ports: [name] })),
    gateways: topology.gateways.map((gateway) => ({ ...gateway, name, hosts: [name] })),
    findings: topology.findings.map((finding) => ({ ...finding, message: name, fix: name, object: name })),
  });
}
