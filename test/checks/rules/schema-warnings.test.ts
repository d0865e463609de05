import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { schemaValidationError } from "../../../lib/checks/rules/schema/ist0106-schema-validation-error";
import { schemaWarning } from "../../../lib/checks/rules/schema/ist0133-schema-warning";
import { findingsIn } from "../checked";

const versions: Readonly<Record<string, string>> = {
  AuthorizationPolicy: "security.istio.io/v1",
  EnvoyFilter: "networking.istio.io/v1alpha3",
  PeerAuthentication: "security.istio.io/v1",
  ProxyConfig: "networking.istio.io/v1beta1",
  RequestAuthentication: "security.istio.io/v1",
  Telemetry: "telemetry.istio.io/v1",
  WasmPlugin: "extensions.istio.io/v1alpha1",
};

function yamlOf(kind: string, spec: object, namespace: string = "shop"): string {
  return stringify({ apiVersion: versions[kind] ?? "networking.istio.io/v1", kind, metadata: { name: "pricing", namespace }, spec });
}

const warned = (kind: string, spec: object, namespace?: string): readonly (string | undefined)[] =>
  findingsIn(yamlOf(kind, spec, namespace), [schemaWarning]).map(({ field }) => field);
const messagesOf = (kind: string, spec: object): readonly string[] =>
  findingsIn(yamlOf(kind, spec), [schemaWarning]).map(({ message }) => message);
const refused = (kind: string, spec: object): readonly (string | undefined)[] =>
  findingsIn(yamlOf(kind, spec), [schemaValidationError]).map(({ field }) => field);

describe("a selector without labels is told of", () => {
  test.each([
    ["AuthorizationPolicy", "selector", {}],
    ["PeerAuthentication", "selector", { mtls: { mode: "STRICT" } }],
    ["RequestAuthentication", "selector", {}],
    ["Telemetry", "selector", {}],
    ["ProxyConfig", "selector", {}],
    ["WasmPlugin", "selector", { url: "oci://registry.example.no/quota:1" }],
    ["DestinationRule", "workloadSelector", { host: "pricing" }],
    ["Sidecar", "workloadSelector", { egress: [{ hosts: ["./*"] }] }],
    ["ServiceEntry", "workloadSelector", { hosts: ["db.example.no"], resolution: "STATIC" }],
  ] as const)("in a %s", (kind, field, spec) => {
    const labels = kind === "Sidecar" || kind === "ServiceEntry" ? "labels" : "matchLabels";
    expect(warned(kind, { ...spec, [field]: {} })).toEqual([`spec.${field}`]);
    expect(warned(kind, { ...spec, [field]: { [labels]: { app: null } } })).toEqual([`spec.${field}`]);
    expect(warned(kind, { ...spec, [field]: { [labels]: { app: "pricing" } } })).toEqual([]);
    expect(warned(kind, { ...spec, [field]: null })).toEqual([]);
  });
});

describe("TLS of a gateway", () => {
  const at = "spec.servers[0].tls";
  const port = { number: 443, name: "https", protocol: "HTTPS" };
  const of = (tls: object, on: object = port): readonly (string | undefined)[] =>
    warned("Gateway", { servers: [{ port: on, hosts: ["pay.example.no"], tls }] });
  const simple = { mode: "SIMPLE", credentialName: "pay" };

  test("below 1.2 needs cipher suites of its own", () => {
    expect(of({ ...simple, minProtocolVersion: "TLSV1_1" })).toEqual([`${at}.minProtocolVersion`]);
    expect(of({ ...simple, minProtocolVersion: "TLSV1_1", cipherSuites: ["AES128-SHA"] })).toEqual([]);
    expect(of({ ...simple, minProtocolVersion: "TLSV1_2" })).toEqual([]);
  });

  test("has cipher suites that Envoy knows, each once, or words of OpenSSL that nobody looks at", () => {
    expect(of({ ...simple, cipherSuites: ["TLS_AES_128_GCM_SHA256", "X", "X"] })).toEqual([`${at}.cipherSuites`]);
    expect(of({ ...simple, cipherSuites: ["AES128-SHA", "AES128-SHA"] })).toEqual([`${at}.cipherSuites`]);
    expect(of({ ...simple, cipherSuites: ["AES128-SHA", "-X", "+X", "ALL", "DES-CBC3-SHA"] })).toEqual([]);
  });

  test.each(["PASSTHROUGH", "AUTO_PASSTHROUGH"])("shows no certificate in mode %s", (mode) => {
    expect(of({ mode, credentialName: "pay" })).toEqual([`${at}.credentialName`]);
    expect(of({ mode })).toEqual([]);
    expect(of(simple)).toEqual([]);
  });

  test("passes through where no mode is written", () => {
    expect(of({ serverCertificate: "/c", privateKey: "/k" })).toEqual([`${at}.serverCertificate`]);
  });

  test("redirects from plain HTTP only", () => {
    expect(of({ ...simple, httpsRedirect: true })).toEqual([`${at}.httpsRedirect`]);
    expect(of({ httpsRedirect: true }, { number: 80, name: "http", protocol: "http2" })).toEqual([]);
  });

  test("is looked at in a Sidecar too", () => {
    const tls = { mode: "SIMPLE", serverCertificate: "/c", privateKey: "/k", cipherSuites: ["X"] };
    expect(warned("Sidecar", { ingress: [{ port, tls }] })).toEqual(["spec.ingress[0].tls.cipherSuites"]);
  });
});

describe("a DestinationRule", () => {
  const of = (trafficPolicy: object): readonly (string | undefined)[] => warned("DestinationRule", { host: "pricing", trafficPolicy });
  const failover = { failover: [{ from: "north", to: "south" }] };

  test("counts errors by the fields of today", () => {
    expect(of({ outlierDetection: { consecutiveErrors: 5 } })).toEqual(["spec.trafficPolicy.outlierDetection.consecutiveErrors"]);
    expect(of({ outlierDetection: { consecutiveErrors: 0, consecutive5xxErrors: 5 } })).toEqual([]);
  });

  test("sizes its ring by the field of today", () => {
    const ring = (hash: object): readonly (string | undefined)[] =>
      of({ loadBalancer: { consistentHash: { useSourceIp: true, ...hash } } });
    expect(ring({ minimumRingSize: 1024 })).toEqual(["spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize"]);
    expect(ring({ ringHash: { minimumRingSize: 1024 } })).toEqual([]);
  });

  test.each(["localityLbSetting", "zoneAwareLbSetting"])("fails over by %s only with outlier detection", (name) => {
    expect(of({ loadBalancer: { [name]: failover } })).toEqual([`spec.trafficPolicy.loadBalancer.${name}.failover`]);
    expect(of({ loadBalancer: { [name]: { failoverPriority: ["rack"] } } })).toEqual([
      `spec.trafficPolicy.loadBalancer.${name}.failoverPriority`,
    ]);
    expect(of({ loadBalancer: { [name]: { failover: [] } } })).toEqual([]);
    expect(of({ loadBalancer: { [name]: failover }, outlierDetection: {} })).toEqual([]);
  });

  test("is warned of for its own policy, as Istio does, not for those of subsets and ports", () => {
    const policy = { outlierDetection: { consecutiveErrors: 5 } };
    expect(of({ portLevelSettings: [{ port: { number: 8080 }, ...policy }] })).toEqual([]);
    expect(warned("DestinationRule", { host: "pricing", subsets: [{ name: "v1", trafficPolicy: policy }] })).toEqual([]);
  });
});

describe("a Sidecar", () => {
  const at = "spec.egress[0].hosts";
  test.each([
    [["./*", "shop/pricing.example.no"], [`${at}[1]`]],
    [["shop/pricing.example.no", "./*"], [`${at}[1]`]],
    [
      ["a/b.no", "a/b.no", "a/b.no"],
      [`${at}[1]`, `${at}[2]`],
    ],
    [["*/*", "a/b.no"], [at]],
    [["*/*", "*/b.no"], [`${at}[1]`]],
    [["./*", "istio-system/*", "a/b.no", "b/b.no"], []],
    [["~/*", "~/*"], []],
  ])("with the hosts %j names some twice: %j", (hosts, fields) => {
    expect(warned("Sidecar", { egress: [{ hosts }] })).toEqual(fields);
  });

  test("compares the hosts of one listener only", () => {
    expect(warned("Sidecar", { egress: [{ hosts: ["./*"], port: { number: 80, protocol: "HTTP" } }, { hosts: ["./*"] }] })).toEqual([]);
  });

  test.each([
    ["TCP", 1],
    ["", 1],
    ["HTTP", 0],
    ["grpc", 0],
  ])("limits HTTP only on ports that speak it: %j gives %i", (protocol, count) => {
    const ingress = [{ port: { number: 80, protocol }, connectionPool: { http: { maxRetries: 1 } } }];
    expect(warned("Sidecar", { ingress })).toHaveLength(count);
  });
});

describe("a VirtualService", () => {
  const route = [{ destination: { host: "pricing" } }];
  const of = (spec: object): readonly (string | undefined)[] =>
    warned("VirtualService", { hosts: ["pay.example.no"], http: [{ route }], ...spec });

  test("names gateways by namespace and name; the first that is a host is told of", () => {
    expect(of({ gateways: ["shop/edge", "edge.shop", "other.shop"] })).toEqual(["spec.gateways[1]"]);
    expect(of({ gateways: ["mesh", "edge.shop"] })).toEqual([]);
    const tls = [{ match: [{ sniHosts: ["pay.example.no"], gateways: ["edge.shop"] }], route }];
    expect(of({ tls })).toEqual(["spec.tls[0].match[0].gateways[0]"]);
  });

  test("is not asked for an address in SNI", () => {
    expect(of({ tls: [{ match: [{ sniHosts: ["pay.example.no", "10.0.5.7"] }], route }] })).toEqual(["spec.tls[0].match[0].sniHosts[1]"]);
  });

  test("mirrors a share by the field of today", () => {
    expect(of({ http: [{ route, mirror: { host: "next" }, mirrorPercent: 0 }] })).toEqual(["spec.http[0].mirrorPercent"]);
    expect(of({ http: [{ route, mirror: { host: "next" }, mirrorPercent: null }] })).toEqual([]);
  });

  test.each([
    [102_400, 0],
    [102_401, 1],
    [1_048_577, 0],
  ])("that answers by itself with %i bytes gives %i", (size, count) => {
    for (const body of [{ string: "x".repeat(size) }, { bytes: Buffer.alloc(size).toString("base64") }]) {
      expect(of({ http: [{ directResponse: { status: 200, body } }] })).toHaveLength(count);
    }
  });
});

describe("a ServiceEntry", () => {
  const ports = [{ number: 443, name: "tls", protocol: "TLS" }];
  const of = (spec: object): readonly (string | undefined)[] => warned("ServiceEntry", { hosts: ["a.example.no"], ports, ...spec });

  test("has wildcards for whole labels, unless the proxy looks names up as they come", () => {
    expect(of({ hosts: ["*.example.no", "*a.example.no"] })).toEqual(["spec.hosts[1]"]);
    expect(of({ hosts: ["*a.example.no"], resolution: "DYNAMIC_DNS", location: "MESH_EXTERNAL" })).toEqual([]);
  });

  test("selects pods only where it looks for endpoints", () => {
    const workloadSelector = { labels: { app: "db" } };
    expect(of({ workloadSelector })).toEqual(["spec.workloadSelector"]);
    expect(of({ workloadSelector, resolution: "STATIC" })).toEqual([]);
  });

  test("shares addresses among hosts only where something else tells them apart", () => {
    const shared = { hosts: ["a.example.no", "b.example.no"], addresses: ["10.0.5.7"] };
    expect(of({ ...shared, resolution: "DNS" })).toEqual(["spec.hosts"]);
    expect(of({ ...shared, resolution: "STATIC" })).toEqual([]);
    expect(of({ ...shared, resolution: "DNS", addresses: [] })).toEqual([]);
    expect(of({ ...shared, resolution: "DNS", ports: [{ number: 80, name: "http", protocol: "HTTP" }] })).toEqual([]);
  });

  test("and a WorkloadEntry say where an endpoint is, and not only in which network", () => {
    expect(of({ resolution: "STATIC", endpoints: [{ network: "vm" }, { address: "10.0.5.7", network: "vm" }] })).toEqual([
      "spec.endpoints[0].network",
    ]);
    expect(warned("WorkloadEntry", { network: "vm", address: "" })).toEqual(["spec.network"]);
  });

  test("for TCP without addresses is IST0134's", () => {
    expect(of({ ports: [{ number: 5432, name: "db", protocol: "TCP" }] })).toEqual([]);
  });
});

describe("an AuthorizationPolicy that denies", () => {
  const byMethod = [{ operation: { methods: ["DELETE"] } }];
  const byClaim = [{ source: { requestPrincipals: ["*"] } }];
  const of = (rule: object, action: string = "DENY"): readonly (string | undefined)[] =>
    warned("AuthorizationPolicy", { action, rules: [rule] });

  test("by what only HTTP has denies all TCP", () => {
    expect(of({ to: byMethod })).toEqual(["spec.rules[0]"]);
    expect(of({ from: byClaim })).toEqual(["spec.rules[0]"]);
    expect(of({ from: [{ source: { namespaces: ["shop"] } }], to: byMethod })).toEqual(["spec.rules[0]"]);
  });

  test("by a port, an address or an identity does not", () => {
    expect(of({ to: [{ operation: { methods: ["DELETE"], ports: ["8080"] } }] })).toEqual([]);
    expect(of({ from: [{ source: { namespaces: ["shop"] } }] })).toEqual([]);
    expect(of({ when: [{ key: "request.headers[x]", values: ["y"] }] })).toEqual([]);
    expect(of({})).toEqual([]);
  });

  test("alone is warned of", () => {
    expect(of({ to: byMethod }, "ALLOW")).toEqual([]);
  });
});

test("keys of a RequestAuthentication are public", () => {
  const of = (...keys: readonly object[]): readonly (string | undefined)[] =>
    warned("RequestAuthentication", { jwtRules: [{ issuer: "https://id.example.no", jwks: JSON.stringify({ keys }) }] });
  const rsa = { kty: "RSA", n: "AQAB", e: "AQAB" };
  expect(of(rsa)).toEqual([]);
  expect(of(rsa, { ...rsa, d: "AQAB" }, { kty: "oct", k: "AAAA" })).toEqual(["spec.jwtRules[0].jwks", "spec.jwtRules[0].jwks"]);
});

test("a Telemetry has one item of tracing with one provider, and names its tags", () => {
  expect(warned("Telemetry", { tracing: [{}, {}] })).toEqual(["spec.tracing"]);
  expect(warned("Telemetry", { tracing: [{ providers: [{ name: "a" }, { name: "b" }] }] })).toEqual(["spec.tracing[0].providers"]);
  expect(warned("Telemetry", { metrics: [{ overrides: [{ tagOverrides: { "": { value: "x" } } }] }] })).toEqual([
    'spec.metrics[0].overrides[0].tagOverrides[""]',
  ]);
});

describe("an EnvoyFilter", () => {
  const path = "spec.configPatches[0]";
  const removed = { operation: "REMOVE" };
  /** What is told beside what is told of each. */
  const of = (change: object): readonly (string | undefined)[] => warned("EnvoyFilter", { configPatches: [change] }).slice(1);
  const matched = (applyTo: string, filter: object): object => ({
    applyTo,
    match: { listener: { filterChain: { filter } } },
    patch: removed,
  });

  test("is told of for being one", () => {
    expect(warned("EnvoyFilter", { configPatches: [] })).toEqual(["spec.configPatches"]);
  });

  test("looks for versions by a pattern of at most 1024 characters", () => {
    const version = (length: number): object => ({
      applyTo: "CLUSTER",
      match: { proxy: { proxyVersion: "1".repeat(length) } },
      patch: removed,
    });
    expect(of(version(1024))).toEqual([]);
    expect(of(version(1025))).toEqual([`${path}.match.proxy.proxyVersion`]);
  });

  test("finds whole listeners and chains by no filter", () => {
    const filter = `${path}.match.listener.filterChain.filter`;
    expect(of(matched("LISTENER", { name: "x" }))).toEqual([filter]);
    expect(of(matched("FILTER_CHAIN", { name: "x" }))).toEqual([filter]);
    expect(of(matched("NETWORK_FILTER", { name: "x" }))).toEqual([]);
  });

  test("names filters as Envoy does today", () => {
    const filter = `${path}.match.listener.filterChain.filter`;
    const old = { name: "envoy.http_connection_manager", subFilter: { name: "envoy.router" } };
    expect(of(matched("HTTP_FILTER", old))).toEqual([`${filter}.name`, `${filter}.subFilter.name`]);
  });

  test.each([
    ["HTTP_FILTER", { name: "x" }, 1],
    ["HTTP_FILTER", { name: "x", typed_config: { "@type": "type.googleapis.com/udpa.type.v1.TypedStruct" } }, 0],
    ["HTTP_FILTER", { name: "x", configDiscovery: {} }, 0],
    ["CLUSTER", { transport_socket: { name: "x" }, cluster_type: { name: "y" } }, 1],
    ["CLUSTER", { name: "x" }, 0],
    ["LISTENER", { defaultFilterChain: { transportSocket: { name: "x" } } }, 1],
    ["HTTP_ROUTE", { name: "x" }, 0],
  ])("says the type of what it adds: %s with %j gives %i", (applyTo, value, count) => {
    expect(of({ applyTo, patch: { operation: "MERGE", value } })).toHaveLength(count);
  });

  test("for a waypoint, or without an operation, is looked at no further", () => {
    const value = { name: "x" };
    expect(of({ applyTo: "HTTP_FILTER", match: { context: "WAYPOINT" }, patch: { operation: "MERGE", value } })).toEqual([]);
    expect(of({ applyTo: "HTTP_FILTER", patch: { value } })).toEqual([]);
  });
});

describe("what Istio takes, and which does not do what it says", () => {
  const route = [{ destination: { host: "pricing" } }];
  test.each<[string, object, string]>([
    ["PeerAuthentication", { selector: { matchLabels: { app: "pricing:v1" } } }, "spec.selector.matchLabels.app"],
    [
      "Gateway",
      { selector: { istio: "*" }, servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }] },
      "spec.selector.istio",
    ],
    ["VirtualService", { hosts: ["pricing"], http: [{ match: [{ uri: {} }], route }] }, "spec.http[0].match[0].uri"],
    [
      "VirtualService",
      { hosts: ["pricing"], http: [{ fault: { abort: { percentage: { value: 1 } } }, route }] },
      "spec.http[0].fault.abort",
    ],
    ["VirtualService", { hosts: ["pricing"], http: [{ delegate: { name: "Team A" } }] }, "spec.http[0].delegate.name"],
    ["DestinationRule", { host: "pricing", trafficPolicy: { tls: { sni: "x" } } }, "spec.trafficPolicy.tls.mode"],
    ["AuthorizationPolicy", { rules: [{ from: [] }] }, "spec.rules[0].from"],
    ["Telemetry", { tracing: [{ customTags: { team: {} } }] }, "spec.tracing[0].customTags.team"],
    ["WorkloadGroup", { template: { labels: { app: "a:b" } } }, "spec.template.labels.app"],
  ])("is told of once, and not as refused: %s %j", (kind, spec, field) => {
    expect(warned(kind, spec)).toEqual([field]);
    expect(refused(kind, spec)).toEqual([]);
    expect(messagesOf(kind, spec)[0]).toMatch(/^got .*\. Istio takes it all the same/);
  });

  test("leaves what is refused beside it to be told of", () => {
    const spec = { selector: { matchLabels: { app: "a:b" } }, targetRefs: [{ kind: "Service", name: "pricing" }] };
    expect(refused("PeerAuthentication", { selector: { matchLabels: { app: "a:b" } }, mtls: { mode: "strict" } })).toEqual([
      "spec.mtls.mode",
    ]);
    expect(refused("Telemetry", spec)).toEqual(["spec"]);
  });
});

describe("an object", () => {
  test("has no field where null is written", () => {
    const spec = {
      hosts: ["pricing"],
      http: [{ match: null, route: [{ destination: { host: "pricing", subset: null } }], retries: null }],
    };
    expect(refused("VirtualService", spec)).toEqual([]);
    expect(refused("VirtualService", { ...spec, http: [null] })).toEqual(["spec.http[0]"]);
  });

  test("that is exported to its own namespace by name is exported to it by the dot", () => {
    const workloadSelector = { matchLabels: { app: "payment" } };
    expect(refused("DestinationRule", { host: "pricing", workloadSelector, exportTo: ["shop"] })).toEqual([]);
    expect(refused("DestinationRule", { host: "pricing", workloadSelector, exportTo: ["test"] })).toEqual(["spec.exportTo"]);
    expect(refused("DestinationRule", { host: "pricing", exportTo: [".", "shop"] })).toEqual(["spec.exportTo[1]"]);
  });

  test("in a namespace of Kubernetes is not looked at", () => {
    expect(warned("PeerAuthentication", { selector: {} }, "kube-system")).toEqual([]);
  });

  test("may hold anything anywhere", () => {
    for (const junk of [0, "", "x", true, [], [null], [[]], {}, { a: null }]) {
      for (const kind of ["AuthorizationPolicy", "DestinationRule", "EnvoyFilter", "Gateway", "Sidecar", "Telemetry", "VirtualService"]) {
        const fields = ["trafficPolicy", "configPatches", "servers", "egress", "ingress", "tracing", "metrics", "http", "tls", "rules"];
        const spec = Object.fromEntries(fields.flatMap((name) => [[name, junk]]));
        const deep = Object.fromEntries(fields.map((name) => [name, [spec]]));
        expect(findingsIn(yamlOf(kind, deep), [schemaWarning]).map(({ code }) => code)).not.toContain("MG0001");
        expect(findingsIn(yamlOf(kind, spec), [schemaWarning]).map(({ code }) => code)).not.toContain("MG0001");
      }
    }
  });
});
