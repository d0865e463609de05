import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { yamlDocuments } from "../../lib/core/yaml";
import {
  type CanaryService,
  ExternalService,
  IstioControlPlane,
  type MeshApp,
  StrictMtlsNamespace,
  type StrictMtlsNamespaceProps,
} from "../../lib/index";
import { type NetworkPolicySpec, servicePolicySpec } from "../../lib/mesh/network-policies";
import { egressHosts } from "../../lib/mesh/sidecar-scope";
import { findManifest } from "../support/examples";
import { meshApp, namespace, objectsOf, service } from "../support/tree";

interface Shop {
  readonly app: MeshApp;
  readonly mesh: IstioControlPlane;
  readonly pricing: CanaryService;
  readonly payment: CanaryService;
  readonly bank: ExternalService;
}

/** A payment that calls a pricing of the same namespace and a bank outside the mesh. */
function shop(props: StrictMtlsNamespaceProps = {}, tracing = false): Shop {
  const app = meshApp();
  const collector = "otel.observability.svc.cluster.local";
  const mesh = new IstioControlPlane(app, "mesh", {
    outbound: "REGISTRY_ONLY",
    ...(tracing && { tracing: { samplingPercent: 1, collector } }),
  });
  const home = namespace(props, app);
  const [pricing, payment] = [service(home), service(home, "payment")];
  const bank = new ExternalService(home, "bank", { hosts: ["api.bank.example"] });
  payment.calls(pricing, bank);
  return { app, mesh, pricing, payment, bank };
}
const specOf = (app: MeshApp, kind: string, name: string): Record<string, unknown> =>
  findManifest(objectsOf(app), kind, name).spec as Record<string, unknown>;
const scopeOf = (app: MeshApp, name: string): unknown => (specOf(app, "Sidecar", name).egress as { hosts: unknown }[])[0]?.hosts;

test("golden: a namespace whose borders are the declared calls", async () => {
  const { app, pricing, mesh } = shop({ sidecarScope: "calls", networkPolicies: "calls" });
  mesh.addIngressGateway("edge").expose(pricing, { host: "shop.example.no", tls: "none" });
  const borders = objectsOf(app).filter(
    ({ kind, metadata }) => kind === "Sidecar" || (kind === "NetworkPolicy" && metadata.name === "pricing"),
  );
  await expect(yamlDocuments(borders)).toMatchFileSnapshot("../golden/mesh/namespace.borders.yaml");
  const wide = objectsOf(app).filter(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "default-deny");
  await expect(yamlDocuments(wide)).toMatchFileSnapshot("../golden/mesh/namespace.network-policy.yaml");
});

describe("a service outside the mesh", () => {
  test("is a ServiceEntry with a port for TLS, looked up by the sidecar", async () => {
    const { app } = shop();
    const [entry] = objectsOf(app).filter(({ kind }) => kind === "ServiceEntry");
    await expect(yamlDocuments([entry])).toMatchFileSnapshot("../golden/mesh/external-service.defaults.yaml");
  });

  test("is exported to the namespaces of its callers, and to no other", () => {
    const { app, bank } = shop();
    const other = service(new StrictMtlsNamespace(app, "other"), "report");
    expect(specOf(app, "ServiceEntry", "bank").exportTo).toEqual(["."]);
    other.calls(bank);
    expect(specOf(app, "ServiceEntry", "bank").exportTo).toEqual([".", "other"]);
  });

  test("with a wildcard goes where the application's own lookup said", () => {
    const app = meshApp();
    new ExternalService(namespace({}, app), "any", { hosts: ["*.bank.example"], ports: [{ number: 8443, protocol: "HTTPS" }] });
    expect(specOf(app, "ServiceEntry", "any")).toMatchObject({
      resolution: "NONE",
      ports: [{ number: 8443, name: "https-8443", protocol: "HTTPS" }],
    });
  });

  test("names every wrong prop at once", () => {
    const home = namespace();
    const wrong = { hosts: ["no host"], ports: [{ number: 0 }], addresses: ["10.0.0.1"] };
    expect(() => new ExternalService(home, "bank", wrong as never)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/bank: 3 invalid props
        addresses[0]: got "10.0.0.1", expected an address range such as 10.0.5.0/24. Did you mean "10.0.0.1/32"?
        hosts[0]: got "no host", expected a host name such as shop.example.no or *.example.no.
        ports[0].number: got 0, expected a whole number from 1 to 65535.]
    `);
    const twice = { hosts: ["a.example"], ports: [{ number: 443 }, { number: 443, protocol: "TCP" }] } as const;
    expect(() => new ExternalService(home, "twice", twice)).toThrow("ports[1].number: got 443");
  });

  test("is refused among calls unless it is one", () => {
    expect(() => shop().payment.calls("bank" as never)).toThrow('calls[0]: got "bank", expected a CanaryService or an ExternalService');
  });
});

describe("a sidecar's scope", () => {
  test("is the whole mesh unless it was asked for", () => {
    expect(objectsOf(shop().app).some(({ kind }) => kind === "Sidecar")).toBe(false);
  });

  test("is what the service was declared to call, in whatever order", () => {
    const { app, payment, pricing } = shop({ sidecarScope: "calls" });
    expect(scopeOf(app, "payment")).toEqual(["shop/api.bank.example", "shop/pricing.shop.svc.cluster.local"]);
    expect(specOf(app, "Sidecar", "payment").workloadSelector).toEqual({ labels: payment.podSelector });
    pricing.calls(payment);
    expect(scopeOf(app, "pricing")).toEqual(["shop/payment.shop.svc.cluster.local"]);
  });

  test("of a service that calls nobody is nothing", () => {
    expect(scopeOf(shop({ sidecarScope: "calls" }).app, "pricing")).toEqual(["~/*"]);
  });

  test("holds what the sidecar itself calls: without it no trace arrives", () => {
    expect(scopeOf(shop({ sidecarScope: "calls" }, true).app, "pricing")).toEqual(["observability/otel.observability.svc.cluster.local"]);
  });

  test("is refused where sidecars let out any call", () => {
    const app = meshApp();
    new IstioControlPlane(app, "mesh");
    service(namespace({ sidecarScope: "calls" }, app));
    expect(() => app.synthYaml()).toThrowErrorMatchingInlineSnapshot(`
      [Error: Validation failed with the following errors:
        [shop] sidecarScope: got "calls" with outbound: "ALLOW_ANY" on the control plane, expected outbound: "REGISTRY_ONLY": where sidecars let out any call, one that was not declared leaves without mTLS, and a strict service resets it.]
    `);
  });
});

describe("network policies", () => {
  const policy = (app: MeshApp, name: string): NetworkPolicySpec => specOf(app, "NetworkPolicy", name) as unknown as NetworkPolicySpec;

  test("are none unless they were asked for", () => {
    expect(objectsOf(shop().app).some(({ kind }) => kind === "NetworkPolicy")).toBe(false);
  });

  test("let a caller out to the callee's pods, and the callee's pods in from it, on the port that they listen on", () => {
    const { app, pricing, payment } = shop({ networkPolicies: "calls" });
    const peer = (labels: unknown): unknown => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
      podSelector: { matchLabels: labels },
    });
    const ports = [{ protocol: "TCP", port: 8080 }];
    expect(policy(app, "payment").egress?.[0]).toEqual({ to: [peer(pricing.podSelector)], ports });
    expect(policy(app, "pricing").ingress).toEqual([{ from: [peer(payment.podSelector)], ports }]);
    expect(policy(app, "payment").ingress).toEqual([]);
  });

  test("let calls out of the mesh go to public addresses, or to those that are known", () => {
    const { app, payment } = shop({ networkPolicies: "calls" });
    expect(JSON.stringify(policy(app, "payment").egress?.[1])).toContain('"cidr":"0.0.0.0/0","except":["10.0.0.0/8"');
    const known = new ExternalService(payment, "known", { hosts: ["b.example"], addresses: ["10.1.0.0/16"] });
    payment.calls(known);
    expect(policy(app, "payment").egress?.[2]).toEqual({
      to: [{ ipBlock: { cidr: "10.1.0.0/16" } }],
      ports: [{ protocol: "TCP", port: 443 }],
    });
  });

  test("let a declared outsider in from its addresses, and from anywhere where its addresses are not those that arrive", () => {
    const { app, pricing } = shop({ networkPolicies: "calls" });
    const home = pricing.node.scope as StrictMtlsNamespace;
    home.allowPlaintext("monitor", { to: pricing, port: 9090, from: ["10.0.5.0/24"], reason: "legacy monitor" });
    home.allowPlaintext("proxied", {
      to: pricing,
      port: 9091,
      from: ["10.0.6.0/24"],
      addressOf: "original-caller",
      reason: "behind a proxy",
    });
    expect(policy(app, "pricing").ingress?.slice(1)).toEqual([
      { from: [{ ipBlock: { cidr: "10.0.5.0/24" } }], ports: [{ protocol: "TCP", port: 9090 }] },
      { ports: [{ protocol: "TCP", port: 9091 }] },
    ]);
  });

  test("let every pod resolve names, reach istiod and the collector, and be scraped", () => {
    const { egress, ingress } = policy(shop({ networkPolicies: "calls" }, true).app, "default-deny");
    expect(egress?.map(({ ports }) => ports?.map(({ port }) => port))).toEqual([[53, 53], [15012], [4317]]);
    expect(ingress?.[0]?.ports?.map(({ port }) => port)).toEqual([15020, 15090]);
  });
});

const label = fc.stringMatching(/^[a-z]{1,6}$/);
const workload = fc.record({
  namespaceName: label,
  serviceName: label,
  serviceAccountName: label,
  podSelector: label.map((name) => ({ app: name })),
  ports: fc.constant([{ name: "http", port: 80, targetPort: 8080 }]),
});

test("borders do not depend on the order of the calls, and never name what was not declared", () => {
  fc.assert(
    fc.property(fc.array(workload, { maxLength: 6 }), (workloads) => {
      const hosts = egressHosts({ workloads, externals: [] }, []);
      expect(egressHosts({ workloads: [...workloads].reverse(), externals: [] }, [])).toEqual(hosts);
      const declared = workloads.map(
        ({ namespaceName, serviceName }) => `${namespaceName}/${serviceName}.${namespaceName}.svc.cluster.local`,
      );
      expect(hosts).toEqual(declared.length === 0 ? ["~/*"] : [...new Set(declared)].sort());
    }),
  );
});

test("a service's policy has one rule for all callers, each once", () => {
  fc.assert(
    fc.property(workload, fc.array(workload, { maxLength: 6 }), (target, callers) => {
      const { ingress = [] } = servicePolicySpec(
        target,
        { callers: [...callers, ...callers], outsiders: [] },
        { workloads: [], externals: [] },
      );
      const peers = new Set(callers.map(({ namespaceName, podSelector }) => JSON.stringify([namespaceName, podSelector])));
      expect(ingress.flatMap(({ from = [] }) => from)).toHaveLength(peers.size);
    }),
  );
});
