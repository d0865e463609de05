import { describe, expect, test } from "vitest";
import { referenceNotFound } from "../../../lib/checks/rules/routing/ist0101-reference-not-found";
import { portSelectorRequired } from "../../../lib/checks/rules/routing/ist0112-port-selector-required";
import { type Around, findingsIn, inShort } from "../checked";
import { deployment, documents, gateway, namespace, networking, object, pod, service, tlsGateway, virtualService } from "./routing-samples";

const found = (yaml: string, around: Around = {}): readonly string[] => inShort(findingsIn(yaml, [referenceNotFound], around));
const messages = (yaml: string, around: Around = {}): readonly string[] =>
  findingsIn(yaml, [referenceNotFound], around).map(({ message }) => message);
const vs = (destination: string, head = "hosts: [pricing]"): string => virtualService("shop/pricing", head, destination);
const pricing = service("shop/pricing");
const dr = (host: string, subset: string, name = "shop/pricing"): string =>
  networking("DestinationRule", name, `host: ${host}\nsubsets: [{ name: ${subset}, labels: { version: v1 } }]`);
const at = (field: string): readonly string[] => [`IST0101 VirtualService shop/pricing ${field}`];
const hostField = at("spec.http[0].route[0].destination.host");

describe("hosts of routes", () => {
  test("are Services of the namespace, by short name and in full", () => {
    expect(found(documents(pricing, vs("{ host: pricing }")))).toEqual([]);
    expect(found(documents(pricing, vs("{ host: pricing.shop.svc.cluster.local }")))).toEqual([]);
    expect(found(documents(pricing, vs("{ host: prices }")))).toEqual(hostField);
    expect(found(documents(pricing, vs("{ host: pricing.other.svc.cluster.local }")))).toEqual(hostField);
  });

  test("with a dot are names in full: a namespace alone does not make one", () => {
    expect(found(documents(pricing, vs("{ host: pricing.shop }")))).toEqual(hostField);
  });

  test("are looked for in http, tls and tcp, and in mirrors", () => {
    const spec = [
      "hosts: [pricing]",
      "http: [{ route: [{ destination: { host: a } }], mirror: { host: b }, mirrors: [{ destination: { host: c } }] }]",
      "tls: [{ match: [{ sniHosts: [pricing] }], route: [{ destination: { host: d } }] }]",
      "tcp: [{ route: [{ destination: { host: e } }] }]",
    ].join("\n");
    expect(found(documents(pricing, networking("VirtualService", "shop/pricing", spec)))).toEqual([
      "IST0101 VirtualService shop/pricing spec.http[0].route[0].destination.host",
      "IST0101 VirtualService shop/pricing spec.http[0].mirror.host",
      "IST0101 VirtualService shop/pricing spec.http[0].mirrors[0].destination.host",
      "IST0101 VirtualService shop/pricing spec.tls[0].route[0].destination.host",
      "IST0101 VirtualService shop/pricing spec.tcp[0].route[0].destination.host",
    ]);
  });

  test("are those of ServiceEntries too, wildcards among them", () => {
    const entry = (host: string, more = ""): string =>
      networking("ServiceEntry", "shop/bank", `hosts: ["${host}"]\nports: [{ number: 443, name: tls, protocol: TLS }]\n${more}`);
    expect(found(documents(entry("api.bank.example"), vs("{ host: api.bank.example }")))).toEqual([]);
    expect(found(documents(entry("*.bank.example"), vs("{ host: api.bank.example }")))).toEqual([]);
    expect(found(documents(entry("*.bank.example"), vs("{ host: bank.example }")))).toEqual(hostField);
    expect(found(documents(entry("api.bank.example"), vs("{ host: api.other.example }")))).toEqual(hostField);
  });

  test.each([
    ["", "", true],
    ['exportTo: ["."]', "", false],
    ["exportTo: [shop]", "", true],
    ["exportTo: [shop]", "exportTo: [web]", false],
    ["exportTo: [web]", "exportTo: [web]", true],
    ['exportTo: ["*"]', 'exportTo: ["."]', true],
  ])("are seen where a ServiceEntry of another namespace %j and the VirtualService %j are exported to: %j", (entryTo, own, seen) => {
    const entry = networking("ServiceEntry", "bank/bank", `hosts: [api.bank.example]\n${entryTo}`);
    expect(found(documents(entry, vs("{ host: api.bank.example }", `hosts: [pricing]\n${own}`)))).toEqual(seen ? [] : hostField);
  });

  test("are seen by what stays in the namespace with them", () => {
    const entry = networking("ServiceEntry", "shop/bank", 'hosts: [api.bank.example]\nexportTo: ["."]');
    const route = (exportTo: string): string => vs("{ host: api.bank.example }", `hosts: [pricing]\nexportTo: [${exportTo}]`);
    expect(found(documents(entry, route("'.'")))).toEqual([]);
    expect(found(documents(entry, route("shop")))).toEqual([]);
    expect(found(documents(entry, route("web")))).toEqual(hostField);
  });

  test("follow a Service's annotation on where it is exported to", () => {
    const hidden = pricing.replace("  namespace: shop", '  namespace: shop\n  annotations: { networking.istio.io/exportTo: "web, ." }');
    expect(found(documents(hidden, vs("{ host: pricing }")))).toEqual([]);
    const caller = (name: string): string =>
      virtualService(`${name}/pricing`, "hosts: [pricing]", "{ host: pricing.shop.svc.cluster.local }");
    expect(found(documents(hidden, caller("web")))).toEqual([]);
    expect(found(documents(hidden, caller("bank"))).length).toBe(1);
  });

  test("without a namespace are looked for in default", () => {
    expect(found(documents(service("pricing"), virtualService("pricing", "hosts: [pricing]", "{ host: pricing }")))).toEqual([]);
  });

  test("are not judged where no Service was checked at all: they are made elsewhere", () => {
    expect(found(vs("{ host: prices }"))).toEqual([]);
    const entry = networking("ServiceEntry", "shop/bank", "hosts: [api.bank.example]");
    expect(found(documents(entry, vs("{ host: prices }")))).toEqual([]);
  });

  test("may be declared external, as a Service or as a Host", () => {
    const yaml = documents(pricing, vs("{ host: prices }"));
    for (const external of ["Service shop/prices", "Service prices", "Host prices.shop.svc.cluster.local", "Host prices"])
      expect(found(yaml, { externals: [external] })).toEqual([]);
    expect(found(yaml, { externals: ["Service bank/prices"] })).toEqual(hostField);
  });

  test.each([
    "pricing.shop.svc.clusterset.local",
    "kubernetes.default.svc.cluster.local",
    "istiod.istio-system.svc.cluster.local",
    "istiod-canary.istio-system.svc.cluster.local",
    "istio-ingressgateway.istio-system.svc.cluster.local",
  ])("that every mesh has, or that other clusters export, are not missed: %s", (host) => {
    expect(found(documents(pricing, vs(`{ host: ${host} }`)))).toEqual([]);
  });

  test("of the API server's namespace are no exception but for the API server itself", () => {
    expect(found(documents(pricing, vs("{ host: istiod.default.svc.cluster.local }")))).toEqual(hostField);
    expect(found(documents(pricing, vs("{ host: istiod.shop.svc.cluster.local }")))).toEqual(hostField);
  });

  test("may be Services of Kubernetes' own namespaces; VirtualServices there are not judged", () => {
    expect(found(documents(service("kube-system/dns"), vs("{ host: dns.kube-system.svc.cluster.local }")))).toEqual([]);
    expect(found(documents(pricing, virtualService("kube-system/x", "hosts: [x]", "{ host: nowhere }")))).toEqual([]);
  });
});

describe("ports of routes", () => {
  test("are those of the Service", () => {
    expect(found(documents(pricing, vs("{ host: pricing, port: { number: 8080 } }")))).toEqual([]);
    const wrong = documents(service("shop/pricing", [80, 81]), vs("{ host: pricing, port: { number: 8080 } }"));
    expect(found(wrong)).toEqual(at("spec.http[0].route[0].destination.port.number"));
    expect(messages(wrong)[0]).toBe("pricing has the ports 80, 81, not 8080: requests of this route end with 503.");
  });

  test("are told of in mirrors, whose callers notice nothing", () => {
    const mirrored = networking(
      "VirtualService",
      "shop/pricing",
      "hosts: [pricing]\nhttp: [{ route: [{ destination: { host: pricing } }], mirror: { host: pricing, port: { number: 1 } } }]",
    );
    expect(messages(documents(pricing, mirrored))).toEqual(["pricing has the ports 8080, not 1: the copies of the requests go nowhere."]);
  });

  test("cannot be told of an ExternalName without ports of its own", () => {
    const alias = service("shop/bank", [], "type: ExternalName").replace("selector: { app: bank }", "externalName: bank.example");
    expect(found(documents(alias, vs("{ host: bank, port: { number: 443 } }")))).toEqual([]);
  });

  test("must be named where there are several", () => {
    const required = (destination: string): readonly string[] =>
      inShort(findingsIn(documents(service("shop/pricing", [80, 81]), vs(destination)), [portSelectorRequired]));
    expect(required("{ host: pricing }")).toEqual(["IST0112 VirtualService shop/pricing spec.http[0].route[0].destination.host"]);
    expect(required("{ host: pricing, port: { number: 80 } }")).toEqual([]);
    expect(required("{ host: pricing, port: { number: '80' } }")).toEqual([]);
    expect(inShort(findingsIn(documents(pricing, vs("{ host: pricing }")), [portSelectorRequired]))).toEqual([]);
  });

  test("must be named in mirrors as well, and for hosts of ServiceEntries", () => {
    const ports = "ports: [{ number: 80, name: http, protocol: HTTP }, { number: 81, name: http-1, protocol: HTTP }]";
    const entry = networking("ServiceEntry", "shop/bank", `hosts: [api.bank.example]\n${ports}`);
    const spec = "hosts: [pricing]\nhttp: [{ mirror: { host: api.bank.example }, mirrors: [{ destination: { host: api.bank.example } }] }]";
    const yaml = documents(entry, networking("VirtualService", "shop/pricing", spec));
    expect(inShort(findingsIn(yaml, [portSelectorRequired])).length).toBe(2);
  });
});

describe("subsets of routes", () => {
  const subset = vs("{ host: pricing, subset: v1 }");
  const field = at("spec.http[0].route[0].destination.subset");

  test("are those of a DestinationRule for the host", () => {
    expect(found(documents(pricing, subset, dr("pricing", "v1")))).toEqual([]);
    expect(found(documents(pricing, subset, dr("pricing.shop.svc.cluster.local", "v1", "istio-system/pricing")))).toEqual([]);
    expect(found(documents(pricing, subset, dr("pricing", "v2")))).toEqual(field);
    expect(found(documents(pricing, subset, dr("pricing", "v1", "other/pricing")))).toEqual(field);
    expect(found(documents(pricing, subset, dr("prices", "v1")))).toEqual(field);
  });

  test("may be those of a rule for a wildcard that covers the host", () => {
    expect(found(documents(pricing, subset, dr('"*.shop.svc.cluster.local"', "v1", "istio-system/all")))).toEqual([]);
    expect(found(documents(pricing, subset, dr('"*"', "v1", "istio-system/all")))).toEqual([]);
    expect(found(documents(pricing, subset, dr('"*.bank.svc.cluster.local"', "v1", "istio-system/all")))).toEqual(field);
  });

  test("of hosts outside the cluster come from rules of any namespace", () => {
    const entry = networking("ServiceEntry", "shop/bank", "hosts: [api.bank.example]");
    const route = vs("{ host: api.bank.example, subset: v1 }");
    expect(found(documents(entry, route, dr("api.bank.example", "v1", "istio-system/bank")))).toEqual([]);
  });

  test("are missed where the whole rule was forgotten, not where rule and Service are made elsewhere", () => {
    expect(found(documents(pricing, subset))).toEqual(field);
    expect(found(documents(subset, dr("pricing", "v2")))).toEqual(field);
    expect(found(subset)).toEqual([]);
  });

  test("of a rule outside are not missed", () => {
    const yaml = documents(pricing, subset);
    for (const external of ["DestinationRule shop/*", "DestinationRule shop/pricing", "Service shop/pricing"])
      expect(found(yaml, { externals: [external] })).toEqual([]);
  });
});

describe("Gateways of VirtualServices", () => {
  const edge = gateway("istio-system/edge", "{ istio: ingressgateway }", 80, "['*']");
  const bound = (name: string): string => networking("VirtualService", "shop/pricing", `hosts: [pricing.example.no]\ngateways: [${name}]`);

  test.each([
    ["istio-system/edge", []],
    ["edge.istio-system.svc.cluster.local", []],
    ["mesh", []],
    ["edge", at("spec.gateways[0]")],
    ["istio-system/edg", at("spec.gateways[0]")],
    ["istio-system/x~istio-autogenerated-k8s-gateway~http", []],
  ])("%s", (name, expected) => {
    expect(found(documents(edge, bound(name)))).toEqual(expected);
  });

  test("may stand in the own namespace, with or without a dot before the slash", () => {
    const own = gateway("shop/edge", "{ istio: ingressgateway }", 80, "['*']");
    expect(found(documents(own, bound("edge")))).toEqual([]);
    expect(found(documents(own, bound("./edge")))).toEqual([]);
  });

  test("may be those of Kubernetes' Gateway API", () => {
    const kubernetes = object("gateway.networking.k8s.io/v1", "Gateway", "shop/edge", "listeners: []");
    expect(found(documents(kubernetes, bound("edge")))).toEqual([]);
  });

  test("of other namespaces are missed only where Gateways were checked; those declared external never", () => {
    expect(found(bound("istio-system/edge"))).toEqual([]);
    expect(found(bound("edge"))).toEqual(at("spec.gateways[0]"));
    expect(found(bound("edge"), { externals: ["Gateway shop/edge"] })).toEqual([]);
    expect(found(documents(edge, bound("istio-system/x")), { externals: ["Gateway istio-system/*"] })).toEqual([]);
  });
});

describe("selectors", () => {
  const edge = (selector: string): string => gateway("shop/edge", selector, 80, "['*']");
  const missing = ["IST0101 Gateway shop/edge spec.selector"];

  test("of a Gateway mean pods of any namespace", () => {
    expect(found(documents(edge("{ istio: edge }"), deployment("istio-ingress/edge", "{ istio: edge }")))).toEqual([]);
    expect(found(documents(edge("{ istio: edge, tier: public }"), deployment("istio-ingress/edge", "{ istio: edge }")))).toEqual(missing);
    expect(found(edge("{}"))).toEqual([]);
  });

  test("of a Gateway mean Istio's own ingress gateway without being told of it, unless the mesh has none", () => {
    expect(found(edge("{ istio: ingressgateway }"))).toEqual([]);
    expect(found(edge("{ istio: ingressgateway }"), { meshConfig: "ingressControllerMode: 'OFF'" })).toEqual(missing);
    const operator = (gateways: string): string =>
      object("install.istio.io/v1alpha1", "IstioOperator", "istio-system/mesh", `components: { ingressGateways: [${gateways}] }`);
    expect(found(documents(operator("{ name: istio-ingressgateway, enabled: false }"), edge("{ istio: ingressgateway }")))).toEqual(
      missing,
    );
    expect(found(documents(operator("{ name: east, enabled: true, label: { istio: east } }"), edge("{ istio: east }")))).toEqual([]);
  });

  test("of a Gateway mean the other gateways of Istio's installers, where no IstioOperator says what is installed", () => {
    const operator = object("install.istio.io/v1alpha1", "IstioOperator", "istio-system/mesh", "profile: default");
    for (const kind of ["egressgateway", "eastwestgateway"]) {
      expect(found(edge(`{ istio: ${kind} }`))).toEqual([]);
      expect(found(edge(`{ app: istio-${kind} }`))).toEqual([]);
      expect(found(documents(operator, edge(`{ istio: ${kind} }`)))).toEqual(missing);
    }
    expect(found(documents(operator, edge("{ app: istio-ingressgateway, istio: ingressgateway }")))).toEqual([]);
  });

  test("of a Gateway mean the pods of a Kubernetes Gateway by its name", () => {
    const kubernetes = object("gateway.networking.k8s.io/v1", "Gateway", "shop/front", "listeners: [{ name: http, port: 80 }]");
    expect(found(documents(kubernetes, edge("{ gateway.networking.k8s.io/gateway-name: front }")))).toEqual([]);
  });

  test("of Sidecars and Telemetries mean pods of the namespace, what makes them, and virtual machines", () => {
    const sidecar = networking("Sidecar", "shop/scope", "workloadSelector: { labels: { app: pricing } }");
    const telemetry = object("telemetry.istio.io/v1", "Telemetry", "shop/log", "selector: { matchLabels: { app: pricing } }");
    const both = documents(sidecar, telemetry);
    const expected = ["IST0101 Sidecar shop/scope spec.workloadSelector", "IST0101 Telemetry shop/log spec.selector"];
    expect(found(documents(both, deployment("shop/pricing", "{ app: pricing }")))).toEqual([]);
    expect(found(documents(both, pod("shop/pricing", "{ app: pricing }")))).toEqual([]);
    expect(found(documents(both, pod("shop/x", "{ app: x }"), networking("WorkloadEntry", "shop/vm", "labels: { app: pricing }")))).toEqual(
      [],
    );
    const group = networking("WorkloadGroup", "shop/vm", "metadata: { labels: { app: pricing } }");
    expect(found(documents(both, pod("shop/x", "{ app: x }"), group))).toEqual([]);
    expect(found(documents(both, deployment("bank/pricing", "{ app: pricing }")))).toEqual(expected);
    expect(found(documents(both, deployment("shop/pricing", "{ app: prices }")))).toEqual(expected);
  });

  test("are not judged where no workload was checked, nor where pods are declared external", () => {
    const sidecar = networking("Sidecar", "shop/scope", "workloadSelector: { labels: { app: pricing } }");
    expect(found(sidecar)).toEqual([]);
    expect(found(documents(sidecar, pod("shop/x", "{ app: x }")), { externals: ["Pod shop/*"] })).toEqual([]);
    expect(found(documents(sidecar, pod("shop/x", "{ app: x }")), { externals: ["Deployment shop/pricing"] })).toEqual([]);
    expect(found(documents(sidecar, pod("shop/x", "{ app: x }")), { externals: ["Pod bank/*"] }).length).toBe(1);
    expect(found(edge("{ istio: edge }"), { externals: ["Deployment istio-ingress/edge"] })).toEqual([]);
  });

  test("that ask for nothing, or cannot be read, are passed over", () => {
    const sidecar = networking("Sidecar", "shop/scope", "workloadSelector: {}");
    expect(found(documents(sidecar, pod("shop/x", "{ app: x }")))).toEqual([]);
    expect(found(edge("{ istio: 1 }"))).toEqual([]);
  });
});

describe("Secrets of Gateways", () => {
  const secret = (fullName: string): string => object("v1", "Secret", fullName, "").replace("spec:", "type: kubernetes.io/tls");
  const edge = (name: string): string => tlsGateway("shop/edge", "{ istio: ingressgateway }", name);
  const missing = ["IST0101 Gateway shop/edge spec.servers[0].tls.credentialName"];

  test("lie where the gateway's pods run", () => {
    expect(found(documents(secret("istio-system/pay-tls"), edge("pay-tls")))).toEqual([]);
    expect(found(documents(secret("istio-system/pay-tls"), edge("kubernetes://pay-tls")))).toEqual([]);
    const misplaced = documents(secret("shop/pay-tls"), edge("pay-tls"));
    expect(found(misplaced)).toEqual(missing);
    expect(messages(misplaced)[0]).toContain("(there is one in shop)");
    const custom = documents(deployment("edge/edge", "{ istio: edge }"), tlsGateway("shop/edge", "{ istio: edge }", "pay-tls"));
    expect(found(documents(secret("edge/pay-tls"), custom))).toEqual([]);
    expect(found(documents(secret("istio-system/pay-tls"), custom))).toEqual(missing);
  });

  test("are missed only where Secrets are made at all", () => {
    expect(found(edge("pay-tls"))).toEqual([]);
    expect(found(documents(secret("shop/database"), edge("pay-tls")))).toEqual([]);
    expect(found(documents(secret("istio-system/other"), edge("pay-tls")))).toEqual(missing);
  });

  test.each([
    ["cert-manager.io/v1", "Certificate", "secretName: pay-tls"],
    ["external-secrets.io/v1", "ExternalSecret", "target: { name: pay-tls }"],
    ["bitnami.com/v1alpha1", "SealedSecret", "template: { metadata: { name: pay-tls } }"],
    ["secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "secretObjects: [{ secretName: pay-tls }]"],
    ["secrets.hashicorp.com/v1beta1", "VaultPKISecret", "destination: { name: pay-tls }"],
  ])("can be made by a %s %s", (apiVersion, kind, spec) => {
    expect(found(documents(object(apiVersion, kind, "istio-system/pay", spec), edge("pay-tls")))).toEqual([]);
    expect(found(documents(object(apiVersion, kind, "istio-system/pay", spec), edge("shop-tls")))).toEqual(missing);
  });

  test("are taken by the name of what makes them, unless it says another", () => {
    const external = object("external-secrets.io/v1", "ExternalSecret", "istio-system/pay-tls", "refreshInterval: 1h");
    expect(found(documents(external, edge("pay-tls")))).toEqual([]);
  });

  test("may be declared external, and are not looked for where the certificate comes from elsewhere", () => {
    const other = secret("istio-system/other");
    expect(found(documents(other, edge("pay-tls")), { externals: ["Secret istio-system/pay-tls"] })).toEqual([]);
    expect(found(documents(other, edge("sds://pay")))).toEqual([]);
  });
});

describe("namespaces of AuthorizationPolicies", () => {
  const policy = (source: string): string =>
    object("security.istio.io/v1", "AuthorizationPolicy", "shop/allow", `rules: [{ from: [{ source: { ${source} } }] }]`);
  const field = ["IST0101 AuthorizationPolicy shop/allow spec.rules[0].from[0].source.namespaces[0]"];

  test.each([
    ["namespaces: [bank]", []],
    ["namespaces: [BANK]", []],
    ["namespaces: ['*']", []],
    ["namespaces: ['ba*']", []],
    ["namespaces: ['*nk']", []],
    ["namespaces: [shop, default, kube-system, istio-system]", []],
    ["namespaces: [bnak]", field],
    ["namespaces: ['bn*']", field],
    ["namespaces: ['*kn']", field],
    ["notNamespaces: [bank, bnak]", ["IST0101 AuthorizationPolicy shop/allow spec.rules[0].from[0].source.notNamespaces[1]"]],
  ])("%s", (source, expected) => {
    expect(found(documents(namespace("bank"), policy(source)))).toEqual(expected);
  });

  test("are there where anything lies in them", () => {
    expect(found(documents(namespace("bank"), service("web/web"), policy("namespaces: [web]")))).toEqual([]);
  });

  test("are not judged where no Namespace was checked, nor where they are declared external", () => {
    expect(found(policy("namespaces: [monitoring]"))).toEqual([]);
    expect(found(documents(namespace("bank"), policy("namespaces: [monitoring]")), { externals: ["Namespace monitoring"] })).toEqual([]);
  });
});
