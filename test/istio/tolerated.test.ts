import { describe, expect, test } from "vitest";
import { catalogue, type IstioMinor } from "../../lib/istio/catalogue";
import { type CheckedKind, kinds, specProblems } from "../../lib/istio/kinds";
import type { IstioRelease } from "../../lib/istio/release";
import { isTolerated } from "../../lib/istio/tolerated";

const row = catalogue.at(-1) as IstioMinor;
const newest: IstioRelease = { text: row.minor, minor: row.minor, row };
const oldest = catalogue[0] as IstioMinor;

/** Paths of what is refused, and of what is tolerated. */
function apart(kind: CheckedKind, spec: object): { readonly refused: readonly string[]; readonly tolerated: readonly string[] } {
  const problems = kinds[kind].spec("spec", spec);
  return {
    refused: problems.filter((problem) => !isTolerated(problem)).map(({ path }) => path),
    tolerated: problems.filter(isTolerated).map(({ path }) => path),
  };
}

const route = [{ destination: { host: "pricing" } }];

describe("what Istio tolerates", () => {
  test.each<[CheckedKind, object, string]>([
    ["VirtualService", { hosts: [], http: [{ route }] }, "spec.hosts"],
    ["VirtualService", { hosts: ["a"], http: [{ route, match: [{ sourceNamespace: "Shop" }] }] }, "spec.http[0].match[0].sourceNamespace"],
    ["VirtualService", { hosts: ["a"], tcp: [{ route, match: [{ sourceSubnet: "x" }] }] }, "spec.tcp[0].match[0].sourceSubnet"],
    ["VirtualService", { hosts: ["a"], http: [{ route, match: [{ port: 0 }] }] }, "spec.http[0].match[0].port"],
    ["VirtualService", { hosts: ["a"], http: [{ route, mirrorPercentage: {} }] }, "spec.http[0].mirrorPercentage.value"],
    [
      "VirtualService",
      { hosts: ["a"], http: [{ route, fault: { delay: { percent: 101, fixedDelay: "1s" } } }] },
      "spec.http[0].fault.delay.percent",
    ],
    [
      "DestinationRule",
      { host: "a", trafficPolicy: { connectionPool: { tcp: { idleTimeout: "0.5ms" } } } },
      "spec.trafficPolicy.connectionPool.tcp.idleTimeout",
    ],
    [
      "DestinationRule",
      { host: "a", trafficPolicy: { portLevelSettings: [{ port: {}, tls: { mode: "DISABLE" } }] } },
      "spec.trafficPolicy.portLevelSettings[0].port.number",
    ],
    ["DestinationRule", { host: "a", subsets: [{ name: "v1", labels: { app: "x".repeat(64) } }] }, "spec.subsets[0].labels.app"],
    ["Sidecar", { egress: [{ hosts: ["Shop/*"] }] }, "spec.egress[0].hosts[0]"],
    ["Telemetry", { tracing: [{}, {}] }, "spec.tracing"],
    [
      "EnvoyFilter",
      { configPatches: [{ applyTo: "CLUSTER", match: { proxy: { proxyVersion: "1".repeat(1025) } }, patch: { operation: "REMOVE" } }] },
      "spec.configPatches[0].match.proxy.proxyVersion",
    ],
    ["WorkloadGroup", { template: { address: "a/b" } }, "spec.template.address"],
    ["WasmPlugin", { url: "oci://{registry}/quota" }, "spec.url"],
    ["WasmPlugin", { url: "10.0.0.256" }, "spec.url"],
    ["RequestAuthentication", { jwtRules: [{ issuer: "a", jwksUri: "https://:99999" }] }, "spec.jwtRules[0].jwksUri"],
    ["RequestAuthentication", { jwtRules: [{ issuer: "a", jwks_uri: "https://id.example.no" }] }, "spec.jwtRules[0].jwks_uri"],
    ["VirtualService", { hosts: ["a"], http: [{ route, mirror_percent: 5 }] }, "spec.http[0].mirror_percent"],
    ["VirtualService", { hosts: ["a"], http: [{ directResponse: { status: 600 } }] }, "spec.http[0].directResponse.status"],
    ["VirtualService", { hosts: ["a"], http: [{ route, rewrite: { uri: "", authority: "b" } }] }, "spec.http[0].rewrite.uri"],
    ["VirtualService", { hosts: ["a"], gateways: ["edge", "a_b"], http: [{ route }] }, "spec.gateways[1]"],
    ["VirtualService", { hosts: ["a.no", "A.no"], http: [{ route }] }, "spec.hosts[1]"],
    [
      "VirtualService",
      { hosts: ["a"], http: [{ route, retries: { attempts: 1, retryOn: "reset,0503" } }] },
      "spec.http[0].retries.retryOn",
    ],
    [
      "DestinationRule",
      { host: "a", trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: "a", ttl: "1us" } } } } },
      "spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.ttl",
    ],
    [
      "DestinationRule",
      { host: "a", trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true, maglev: { tableSize: 1 } } } } },
      "spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize",
    ],
    ["Sidecar", { egress: [{ hosts: ["./*"], bind: "a_b" }] }, "spec.egress[0].bind"],
    ["AuthorizationPolicy", { rules: [{ to: [{ operation: { ports: ["080"] } }] }] }, "spec.rules[0].to[0].operation.ports[0]"],
    ["AuthorizationPolicy", { rules: [{ when: [{ key: "request.headersX[a]", values: ["a"] }] }] }, "spec.rules[0].when[0].key"],
    [
      "Gateway",
      {
        servers: [
          {
            port: { number: 443, name: "https", protocol: "HTTPS" },
            hosts: ["*"],
            tls: { mode: "PASSTHROUGH", tlsCertificates: [{ serverCertificate: "/c" }] },
          },
        ],
      },
      "spec.servers[0].tls.tlsCertificates[0].privateKey",
    ],
  ])("is a problem of a %s all the same: %j", (kind, spec, path) => {
    expect(apart(kind, spec)).toEqual({ refused: [], tolerated: [path] });
  });

  test("hides nothing that is refused beside it", () => {
    const policy = { tls: { sni: "x" }, tunnel: { targetHost: "a", targetPort: 1 }, proxyProtocol: {} };
    expect(apart("DestinationRule", { host: "a", trafficPolicy: policy })).toEqual({
      refused: ["spec.trafficPolicy"],
      tolerated: ["spec.trafficPolicy.tls.mode"],
    });
  });

  test("hides nothing that is too new for the release", () => {
    const spec = { hosts: ["a"], http: [{ route, match: [{ uri: {} }], retries: { attempts: 1, backoff: "10ms" } }] };
    const old: IstioRelease = { text: oldest.minor, minor: oldest.minor, row: oldest };
    expect(specProblems("VirtualService", { spec }, newest)).toHaveLength(1);
    expect(specProblems("VirtualService", { spec }, old).map(({ path }) => path)).toEqual([
      "spec.http[0].match[0].uri",
      "spec.http[0].retries.backoff",
    ]);
  });

  test.each<[CheckedKind, object, string]>([
    ["PeerAuthentication", { selector: { matchLabels: { app: "a*" } } }, "spec.selector.matchLabels.app"],
    ["PeerAuthentication", { selector: { matchLabels: { app: 1 } } }, "spec.selector.matchLabels.app"],
    ["VirtualService", { hosts: ["a"], http: [{ route, match: [{ uri: { exact: "/", prefix: "/" } }] }] }, "spec.http[0].match[0].uri"],
    ["DestinationRule", { host: "a", trafficPolicy: { tls: { mode: "disable" } } }, "spec.trafficPolicy.tls.mode"],
    ["Telemetry", { tracing: [{}, { randomSamplingPercentage: 101 }] }, "spec.tracing[1].randomSamplingPercentage"],
    ["WasmPlugin", { url: "" }, "spec.url"],
    ["RequestAuthentication", { jwtRules: [{ issuer: "a", jwks_uri: "id.example.no" }] }, "spec.jwtRules[0].jwks_uri"],
    ["VirtualService", { hosts: ["a"], http: [{ route, mirror_percent: 101 }] }, "spec.http[0].mirror_percent"],
    ["VirtualService", { hosts: ["a"], gateways: ["shop/a_b", "edge"], http: [{ route }] }, "spec.gateways[0]"],
    ["VirtualService", { hosts: ["a.no", "a.no"], http: [{ route }] }, "spec.hosts[1]"],
    ["Sidecar", { egress: [{ hosts: ["./*"], port: { number: 80 }, bind: "a_b" }] }, "spec.egress[0].bind"],
  ])("ends where the schema begins: %s %j", (kind, spec, path) => {
    expect(apart(kind, spec)).toEqual({ refused: [path], tolerated: [] });
  });
});

describe("what istiod refuses, and the schema takes", () => {
  test.each<[CheckedKind, object, string]>([
    ["WorkloadGroup", { template: {}, probe: { grpc: { port: 8080 } } }, "spec.probe.grpc"],
    ["RequestAuthentication", { jwtRules: [{ issuer: "a", jwks: '{"keys":[{"kty":"RSA"}]}' }] }, "spec.jwtRules[0].jwks"],
    ["RequestAuthentication", { jwtRules: [{ issuer: "a", jwks: '{"keys":[{"kty":"toString","k":"AAAA"}]}' }] }, "spec.jwtRules[0].jwks"],
    ["WasmPlugin", { url: "oci://%/quota" }, "spec.url"],
    [
      "Gateway",
      { servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["2001:db8::1"] }] },
      "spec.servers[0].hosts[0]",
    ],
    ["WorkloadEntry", { address: "", network: "" }, "spec.address"],
    [
      "WorkloadGroup",
      { template: {}, probe: { httpGet: { port: 80, httpHeaders: [{ name: "a_b" }] } } },
      "spec.probe.httpGet.httpHeaders[0].name",
    ],
    ["Telemetry", { accessLogging: [{ filter: { expression: "response.code >=" } }] }, "spec.accessLogging[0].filter.expression"],
    [
      "VirtualService",
      { hosts: ["a"], http: [{ route, headers: { request: { set: { a: '%REQ("a":b)%' } } } }] },
      "spec.http[0].headers.request.set.a",
    ],
    ["ServiceEntry", { hosts: ["a.no"], resolution: "DNS", endpoints: [{ network: "vm" }] }, "spec.endpoints[0].address"],
    ["VirtualService", { hosts: ["A.no"], tls: [{ match: [{ sniHosts: ["a.no"] }], route }] }, "spec.tls[0].match[0].sniHosts"],
    ["VirtualService", { hosts: ["a"], http: [{ route, match: [{ uri: { regex: "(a" } }] }] }, "spec.http[0].match[0].uri.regex"],
  ])("is refused: %s %j", (kind, spec, path) => {
    expect(apart(kind, spec)).toEqual({ refused: [path], tolerated: [] });
  });

  test("is a type of Envoy's API before version 3, wherever it stands in a patch", () => {
    const of = (type: string): readonly string[] =>
      apart("EnvoyFilter", {
        configPatches: [
          {
            applyTo: "NETWORK_FILTER",
            patch: { operation: "MERGE", value: { name: "x", typed_config: { http_filters: [{ typed_config: { "@type": type } }] } } },
          },
        ],
      }).refused;
    const at = 'spec.configPatches[0].patch.value.typed_config.http_filters[0].typed_config["@type"]';
    expect(of("type.googleapis.com/envoy.config.filter.http.lua.v2.Lua")).toEqual([at]);
    expect(of("type.googleapis.com/envoy.config.filter.http.jwt_authn.v2alpha.JwtAuthentication")).toEqual([at]);
    expect(of("type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua")).toEqual([]);
  });
});

test("a gateway's VirtualService may name what sidecars ask for behind it, and no other", () => {
  const name = "outbound_.8080_._.pricing.shop.svc.cluster.local";
  const tls = [{ match: [{ sniHosts: [name] }], route }];
  expect(apart("VirtualService", { hosts: [name], gateways: ["edge"], tls }).refused).toEqual([]);
  expect(apart("VirtualService", { hosts: [name], gateways: ["mesh"], tls }).refused).toEqual([
    "spec.hosts[0]",
    "spec.tls[0].match[0].sniHosts",
  ]);
  expect(apart("VirtualService", { hosts: [name], gateways: ["edge"], http: [{ route }] }).refused).toEqual(["spec.hosts[0]"]);
});

test("a subset may have capitals in its name", () => {
  expect(apart("DestinationRule", { host: "a", subsets: [{ name: "V1" }] })).toEqual({ refused: [], tolerated: [] });
  expect(apart("VirtualService", { hosts: ["a"], http: [{ route: [{ destination: { host: "a", subset: "V1" } }] }] })).toEqual({
    refused: [],
    tolerated: [],
  });
});
