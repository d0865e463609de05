import { describe, expect, test } from "vitest";
import { mostServices } from "../../lib/picture/limits";
import { renderExample } from "../support/examples";
import { namespaceYaml, pageIn, pictured, serviceYaml, topologyIn } from "./pictured";

const edgesOf = ({ edges }: ReturnType<typeof pictured>): readonly string[] => edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`);

describe("the tree of oslo-production", () => {
  test("shows its services with the weights of their versions", async () => {
    const { services } = topologyIn(pageIn((await renderExample("oslo-production")).artefacts));
    const pricing = services.find(({ name }) => name === "pricing");
    expect(pricing).toMatchObject({ parent: "namespace:strict-secure-ns", mtls: "STRICT", proxy: "sidecar", pools: ["pool:oslo"] });
    expect(pricing?.versions.map(({ name, weight }) => [name, weight])).toEqual([
      ["v1", 95],
      ["v2", 5],
    ]);
  });

  test("shows who calls whom, who comes in, and who comes without mTLS", async () => {
    const { edges } = topologyIn(pageIn((await renderExample("oslo-production")).artefacts));
    const [payment, pricing] = ["service:strict-secure-ns/payment-service", "service:strict-secure-ns/pricing"];
    expect(edges).toContainEqual({ from: payment, to: pricing, kind: "declared", port: 8080, timeout: 300, tries: 3 });
    expect(edges).toContainEqual(expect.objectContaining({ kind: "exposed", to: payment, timeout: 2_000, tries: 4 }));
    expect(edges).toContainEqual({
      from: "outside:10.0.5.0/24",
      to: pricing,
      kind: "allowed",
      port: 9090,
      plaintext: true,
      reason: expect.any(String),
    });
  });

  test("shows the nodes, where they stand and how far their kernel settings reach", async () => {
    const { pools, capacity } = topologyIn(pageIn((await renderExample("oslo-production")).artefacts));
    const [oslo] = pools;
    expect(oslo).toMatchObject({ id: "pool:oslo", country: "NO", nodes: 3, cores: 8 });
    const reach = new Map(oslo?.kernel.map(({ key, reach }) => [key, reach]));
    expect(reach.get("fs.file-max")).toBe("node");
    expect(reach.get("net.core.somaxconn")).toBe("network-namespace");
    expect(capacity[0]).toMatchObject({ pools: ["pool:oslo"], cores: { has: 24 } });
  });

  test("shows what was found, at the pool that it is about", async () => {
    const { findings } = topologyIn(pageIn((await renderExample("oslo-production")).artefacts));
    expect(findings.map(({ code, at }) => [code, at])).toContainEqual(["MG0601", "pool:oslo"]);
  });

  test("gives the same bytes each time", async () => {
    const [first, second] = [await renderExample("oslo-production"), await renderExample("oslo-production")];
    expect(pageIn(first.artefacts)).toBe(pageIn(second.artefacts));
  });
});

test("the tree of the reference files shows its chain with its deadlines", async () => {
  const { chains, gateways } = topologyIn(pageIn((await renderExample("reference-files")).artefacts));
  expect(Array.isArray(chains)).toBe(true);
  expect(gateways.every(({ id }) => id.startsWith("gateway:"))).toBe(true);
});

describe("who calls whom", () => {
  const shop = namespaceYaml("shop") + serviceYaml("shop", "checkout") + serviceYaml("shop", "pricing");

  test("is told by CallGraphs, also of services that are not among the objects", () => {
    const calls = `---
apiVersion: meshground.io/v1
kind: CallGraph
metadata: { name: calls, namespace: shop }
spec: { calls: [{ from: { name: checkout }, to: { name: legacy } }] }
`;
    const topology = pictured(shop + calls);
    expect(edgesOf(topology)).toEqual(["service:shop/checkout declared service:shop/legacy"]);
    expect(topology.services.find(({ name }) => name === "legacy")).toMatchObject({ ports: [], versions: [] });
  });

  const allow = (source: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pricing, namespace: shop }
spec:
  selector: { matchLabels: { app: pricing } }
  rules: [{ from: [{ source: ${source} }] }]
`;

  test.each([
    ["the account of a service", '{ principals: ["cluster.local/ns/shop/sa/checkout"] }', "service:shop/checkout"],
    ["an account of which no pods are seen", '{ principals: ["cluster.local/ns/bank/sa/api"] }', "namespace:bank"],
    ["a namespace", "{ namespaces: [bank] }", "namespace:bank"],
    ["an address", '{ ipBlocks: ["10.1.2.0/24"] }', "outside:10.1.2.0/24"],
  ])("is told by AuthorizationPolicies: %s", (_, source, from) => {
    expect(edgesOf(pictured(shop + allow(source)))).toEqual([`${from} allowed service:shop/pricing`]);
  });

  test("is told by policies that refuse plaintext from all but some addresses", () => {
    const deny = allow('{ notPrincipals: ["*"], notIpBlocks: ["10.1.2.0/24"] }').replace("spec:\n", "spec:\n  action: DENY\n");
    expect(pictured(shop + deny).edges).toEqual([
      { from: "outside:10.1.2.0/24", to: "service:shop/pricing", kind: "allowed", plaintext: true },
    ]);
  });

  test("says no plaintext of addresses that come to STRICT", () => {
    const strict = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`;
    const [edge] = pictured(shop + strict + allow('{ ipBlocks: ["10.1.2.0/24"] }')).edges;
    expect(edge).toEqual({ from: "outside:10.1.2.0/24", to: "service:shop/pricing", kind: "allowed" });
  });

  test("is not told by a policy that lets in everybody", () => {
    expect(edgesOf(pictured(shop + allow('{ principals: ["*"] }')))).toEqual([]);
  });

  test("is told by Sidecars, of hosts outside as well", () => {
    const sidecar = `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector: { labels: { app: checkout } }
  egress: [{ hosts: ["./pricing.shop.svc.cluster.local", "shop/api.bank.example"] }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: bank, namespace: shop }
spec: { hosts: [api.bank.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{ number: 443, name: tls, protocol: TLS }] }
`;
    expect(edgesOf(pictured(shop + sidecar))).toEqual([
      "service:shop/checkout seen service:shop/pricing",
      "service:shop/checkout seen external:api.bank.example",
    ]);
  });

  test("is told by VirtualServices that lead from one service to another", () => {
    const route = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec: { hosts: [checkout], http: [{ route: [{ destination: { host: pricing } }] }] }
`;
    expect(edgesOf(pictured(shop + route))).toEqual(["service:shop/checkout routed service:shop/pricing"]);
  });
});

describe("namespaces", () => {
  test("say what they take, who says so, and whether they are closed", () => {
    const policies = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: default-deny, namespace: shop }
spec: {}
`;
    expect(pictured(namespaceYaml("shop") + policies).namespaces).toEqual([
      {
        id: "namespace:shop",
        name: "shop",
        mtls: "STRICT",
        policy: "PeerAuthentication shop/default",
        injection: "sidecar",
        closed: true,
        services: 0,
      },
    ]);
  });

  test("are there for their services, although nobody declares them", () => {
    const [shop] = pictured(serviceYaml("shop", "pricing")).namespaces;
    expect(shop).toMatchObject({ name: "shop", injection: "unknown", mtls: "PERMISSIVE", services: 1 });
  });
});

test("ports that take plaintext under STRICT stand out", () => {
  const policy = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: till, namespace: shop }
spec: { selector: { matchLabels: { app: pricing } }, mtls: { mode: STRICT }, portLevelMtls: { 9090: { mode: PERMISSIVE } } }
`;
  const [pricing] = pictured(namespaceYaml("shop") + serviceYaml("shop", "pricing") + policy).services;
  expect(pricing).toMatchObject({
    mtls: "STRICT",
    plaintext: [{ port: 9090, mode: "PERMISSIVE", policy: "PeerAuthentication shop/till" }],
  });
});

test("versions have the pods that their autoscaler keeps, where there is one", () => {
  const autoscaler = `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: pricing, namespace: shop }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: pricing-v1 }, minReplicas: 5, maxReplicas: 9 }
`;
  expect(pictured(serviceYaml("shop", "pricing")).services[0]?.versions).toEqual([{ name: "v1", replicas: 2 }]);
  expect(pictured(serviceYaml("shop", "pricing") + autoscaler).services[0]?.versions).toEqual([{ name: "v1", replicas: 5 }]);
});

test("a finding of a workload is found at its service", () => {
  const { findings } = pictured(serviceYaml("shop", "pricing").replace("name: http, port", "name: Wrong_, port"));
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.every(({ at }) => at === "service:shop/pricing" || at === "namespace:shop")).toBe(true);
});

test("beyond what anybody reads, namespaces stand for their services, and what is left out is counted", () => {
  const service = (index: number): string => `---\napiVersion: v1\nkind: Service\nmetadata: { name: s${index}, namespace: shop }\n`;
  const last = mostServices + 1;
  const calls = `---
apiVersion: meshground.io/v1
kind: CallGraph
metadata: { name: calls, namespace: shop }
spec: { calls: [{ from: { name: s0 }, to: { name: s${last} } }] }
`;
  const topology = pictured(Array.from({ length: last + 1 }, (_, index) => service(index)).join("") + calls);
  expect(topology.services).toHaveLength(mostServices);
  expect(topology.leftOut.services).toBe(2);
  expect(topology.namespaces[0]?.services).toBe(mostServices + 2);
  expect(edgesOf(topology)).toEqual(["service:shop/s0 declared namespace:shop"]);
});
