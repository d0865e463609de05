import { describe, expect, test } from "vitest";
import { type CheckedKind, kinds } from "../../lib/istio/kinds";
import { dataSamples, linesOf, type Place, places, replaced } from "./data-samples";

/** The rules between fields of Istio's own CRDs (`x-kubernetes-validations`, release 1.31), each broken in a spec that is sound otherwise. */

const sampleOf = (kind: CheckedKind): object => dataSamples.find((sample) => sample.kind === kind)?.spec ?? {};
/** The sample of a kind with something else in one place; a field that is not there is added. */
const changed = (kind: CheckedKind, place: Place, by: unknown): object => replaced(sampleOf(kind), place, by) as object;
const pathsOf = (kind: CheckedKind, spec: object): readonly string[] => kinds[kind].spec("spec", spec).map(({ path }) => path);

const name = { kind: "Gateway", group: "gateway.networking.k8s.io", name: "edge" } as const;
const many = (amount: number, value: unknown): object =>
  Object.fromEntries(Array.from({ length: amount }, (_, index) => [`k${index}`, value]));

/** Where Istio's schema asks for no least duration, or has only text. */
const free = /\.(?:ttl|budgetInterval)$|\.tcp\.idleTimeout$|^environmentVariables/;
const durations = dataSamples.flatMap(({ kind, spec, newer = {} }) =>
  [spec, newer].flatMap((sample) =>
    places(sample)
      .filter((place) => /^\d+m?[smh]$/.test(String(valueAt(sample, place))) && !free.test(place.join(".")))
      .map((place) => ({ kind, path: place.join("."), with: (duration: string) => replaced(sample, place, duration) as object })),
  ),
);

describe("a duration", () => {
  const refused = (duration: string): readonly string[] =>
    durations.filter((field) => linesOf(field.kind, field.with(duration)).length > 0).map(({ path }) => path);
  const all = durations.map(({ path }) => path);

  test.each(["999us", "0s", "0.5ms", "1ns", "-1s", "1", "s", "1h 30m", ""])("is of at least 1ms, and not %j", (duration) => {
    expect(all.length).toBeGreaterThan(20);
    expect(refused(duration)).toEqual(all);
  });

  test.each(["1s", "1h30m", "1h0m0.000s", "1000ms", "1000000us", "1.5h"])("may be %j, as Go writes it", (duration) => {
    expect(refused(duration)).toEqual([]);
  });

  test.each(["1ms", "1000us", "1m0.5s"])("may be %j, but where whole seconds count", (duration) => {
    expect(refused(duration)).toEqual(["http.0.corsPolicy.maxAge"]);
  });
});

function valueAt(value: unknown, place: Place): unknown {
  return place.reduce((at: unknown, step) => (at as Readonly<Record<string | number, unknown>>)[step], value);
}

describe.each<{ kind: CheckedKind; field: "selector" | "workloadSelector"; labels: "matchLabels" | "labels"; most: number }>([
  { kind: "AuthorizationPolicy", field: "selector", labels: "matchLabels", most: 4096 },
  { kind: "DestinationRule", field: "workloadSelector", labels: "matchLabels", most: 4096 },
  { kind: "PeerAuthentication", field: "selector", labels: "matchLabels", most: 4096 },
  { kind: "ProxyConfig", field: "selector", labels: "matchLabels", most: 4096 },
  { kind: "RequestAuthentication", field: "selector", labels: "matchLabels", most: 4096 },
  { kind: "Telemetry", field: "selector", labels: "matchLabels", most: 4096 },
  { kind: "WasmPlugin", field: "selector", labels: "matchLabels", most: 4096 },
  { kind: "EnvoyFilter", field: "workloadSelector", labels: "labels", most: 256 },
  { kind: "Sidecar", field: "workloadSelector", labels: "labels", most: 256 },
])("$kind.$field", ({ kind, field, labels, most }) => {
  const at = `spec.${field}.${labels}`;
  const of = (map: object): readonly string[] => pathsOf(kind, changed(kind, [field], { [labels]: map }));

  test("has no wildcard, no empty key and no end of labels", () => {
    expect(of({ app: "pricing" })).toEqual([]);
    expect(of({ app: "pri*" })).toEqual([`${at}.app`]);
    expect(of({ "ap*": "pricing" })).toEqual([`${at}["ap*"]`]);
    expect(of({ "": "pricing" })).toEqual([`${at}[""]`]);
    expect(of(many(most + 1, "x"))).toEqual([at]);
  });
});

test("a ServiceEntry selects by labels without wildcards", () => {
  const spec = { hosts: ["db.example.no"], resolution: "STATIC", workloadSelector: { labels: { app: "d*" } } };
  expect(linesOf("ServiceEntry", spec)).toMatchInlineSnapshot(`
    [
      "spec.workloadSelector.labels.app: got "d*", expected a label value: at most 63 letters, digits, dashes, underscores and dots, starting and ending with a letter or digit.",
    ]
  `);
});

describe.each<{ kind: CheckedKind }>([
  { kind: "AuthorizationPolicy" },
  { kind: "RequestAuthentication" },
  { kind: "Telemetry" },
  { kind: "WasmPlugin" },
])("$kind", ({ kind }) => {
  test("is for one of selector, targetRef and targetRefs, also where one is empty", () => {
    const { selector, ...others } = sampleOf(kind) as { readonly selector: object };
    expect(pathsOf(kind, { ...others, targetRefs: [name] })).toEqual([]);
    for (const both of [
      { selector, targetRef: name },
      { selector: {}, targetRefs: [] },
      { targetRef: name, targetRefs: [name] },
    ])
      expect(pathsOf(kind, { ...others, ...both })).toEqual(["spec"]);
  });

  test("is for things of its own namespace, named as Kubernetes names them", () => {
    const { selector: _, ...others } = sampleOf(kind) as { readonly selector: object };
    const of = (ref: object): readonly string[] => linesOf(kind, { ...others, targetRefs: [{ ...name, ...ref }] });
    expect(of({ namespace: "" })).toEqual([]);
    expect(of({ namespace: "shop" })).toEqual([
      'spec.targetRefs[0].namespace: got "shop", expected nothing, because a policy is for things of its own namespace.',
    ]);
    for (const [field, wrong] of [
      ["group", "-x"],
      ["group", "a..b"],
      ["kind", "Gate_way"],
      ["name", ""],
      ["name", "a".repeat(254)],
    ] as const)
      expect([field, wrong, of({ [field]: wrong }).length > 0]).toEqual([field, wrong, true]);
    expect(pathsOf(kind, { ...others, targetRefs: Array(17).fill(name) })).toEqual(["spec.targetRefs"]);
  });
});

interface Broken {
  readonly kind: CheckedKind;
  readonly rule: string;
  readonly spec: object;
  readonly at: readonly string[];
}

const tls = (fields: object): object => changed("Gateway", ["servers", 0, "tls"], { mode: "SIMPLE", ...fields });
const ingress = (fields: object): object => changed("Sidecar", ["ingress", 0, "tls"], { mode: "SIMPLE", ...fields });
const pair = [{ serverCertificate: "/c", privateKey: "/k" }];
const entry = (fields: object): object => ({ hosts: ["db.example.no"], ...fields });
const endpoint = (fields: object): object => entry({ resolution: "STATIC", ports: [{ number: 80, name: "http" }], endpoints: [fields] });
const at = "spec.endpoints[0]";
const patch = (match: object): object =>
  changed("EnvoyFilter", ["configPatches"], [{ applyTo: "CLUSTER", match, patch: { operation: "REMOVE" } }]);
const tag = (fields: object): object => ({ metrics: [{ overrides: [{ tagOverrides: { port: fields } }] }] });
const port = (spec: object): object => ({ template: {}, probe: spec });
const long = "a".repeat(63);

const broken: readonly Broken[] = [
  {
    kind: "AuthorizationPolicy",
    rule: "service accounts stand without namespaces and principals",
    spec: { rules: [{ from: [{ source: { notServiceAccounts: ["test"], namespaces: [] } }] }] },
    at: ["spec.rules[0].from[0].source.namespaces"],
  },
  {
    kind: "EnvoyFilter",
    rule: "it is for pods or for gateways",
    spec: { workloadSelector: {}, targetRefs: [] },
    at: ["spec"],
  },
  {
    kind: "EnvoyFilter",
    rule: "the context WAYPOINT matches a waypoint",
    spec: patch({ context: "WAYPOINT", cluster: {} }),
    at: ["spec.configPatches[0].match.waypoint"],
  },
  {
    kind: "EnvoyFilter",
    rule: "a waypoint is matched in the context WAYPOINT",
    spec: patch({ waypoint: {} }),
    at: ["spec.configPatches[0].match.waypoint"],
  },
  {
    kind: "EnvoyFilter",
    rule: "a waypoint's port is a port",
    spec: patch({ context: "WAYPOINT", waypoint: { portNumber: 65_536 } }),
    at: ["spec.configPatches[0].match.waypoint.portNumber"],
  },
  {
    kind: "EnvoyFilter",
    rule: "gateways stand in its own namespace",
    spec: { targetRefs: [{ ...name, namespace: "shop" }] },
    at: ["spec.targetRefs[0].namespace"],
  },
  {
    kind: "Gateway",
    rule: "certificates come by credentialNames or by tlsCertificates",
    spec: tls({ credentialNames: ["a"], tlsCertificates: pair }),
    at: ["spec.servers[0].tls"],
  },
  {
    kind: "Gateway",
    rule: "certificates come by credentialName or by credentialNames",
    spec: tls({ credentialName: "a", credentialNames: ["b"] }),
    at: ["spec.servers[0].tls"],
  },
  {
    kind: "Gateway",
    rule: "certificates come by credentialName or by tlsCertificates",
    spec: tls({ credentialName: "a", tlsCertificates: pair }),
    at: ["spec.servers[0].tls"],
  },
  {
    kind: "Sidecar",
    rule: "certificates come by one of three, and by files at that",
    spec: ingress({ credentialNames: ["a"], tlsCertificates: pair }),
    at: ["spec.ingress[0].tls"],
  },
  {
    kind: "PeerAuthentication",
    rule: "ports differ for some pods only",
    spec: { selector: { matchLabels: {} }, portLevelMtls: { 80: { mode: "STRICT" } } },
    at: ["spec.portLevelMtls"],
  },
  {
    kind: "PeerAuthentication",
    rule: "a port is a port",
    spec: changed("PeerAuthentication", ["portLevelMtls"], { 0: { mode: "STRICT" }, 65536: { mode: "STRICT" }, http: { mode: "STRICT" } }),
    at: ['spec.portLevelMtls["0"]', 'spec.portLevelMtls["65536"]', "spec.portLevelMtls.http"],
  },
  {
    kind: "RequestAuthentication",
    rule: "keys come from one place",
    spec: { jwtRules: [{ issuer: "shop", jwksUri: "https://id.example.no", jwks: '{"keys":[]}' }] },
    at: ["spec.jwtRules[0]"],
  },
  {
    kind: "RequestAuthentication",
    rule: "keys are fetched over HTTP",
    spec: { jwtRules: [{ jwksUri: "ftp://id.example.no" }] },
    at: ["spec.jwtRules[0].jwksUri"],
  },
  {
    kind: "ServiceEntry",
    rule: "it is served by pods or endpoints",
    spec: entry({ resolution: "STATIC", workloadSelector: {}, endpoints: [] }),
    at: ["spec"],
  },
  {
    kind: "ServiceEntry",
    rule: "ranges go with NONE and STATIC",
    spec: entry({ resolution: "DNS", addresses: ["10.0.0.0/16"] }),
    at: ["spec.addresses[0]"],
  },
  { kind: "ServiceEntry", rule: "NONE has no endpoints", spec: entry({ endpoints: [] }), at: ["spec.endpoints"] },
  {
    kind: "ServiceEntry",
    rule: "DNS_ROUND_ROBIN has one endpoint",
    spec: entry({ resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a.example.no" }, { address: "b.example.no" }] }),
    at: ["spec.endpoints"],
  },
  { kind: "ServiceEntry", rule: "a host is narrower than *", spec: { hosts: ["*"] }, at: ["spec.hosts[0]"] },
  {
    kind: "ServiceEntry",
    rule: "port numbers differ",
    spec: entry({
      ports: [
        { number: 80, name: "a" },
        { number: 80, name: "b" },
      ],
    }),
    at: ["spec.ports[1].number"],
  },
  {
    kind: "ServiceEntry",
    rule: "ports are ports",
    spec: entry({ ports: [{ number: 0, name: "a", targetPort: 65_536 }] }),
    at: ["spec.ports[0].number", "spec.ports[0].targetPort"],
  },
  { kind: "ServiceEntry", rule: "an endpoint is somewhere", spec: endpoint({}), at: [at] },
  { kind: "ServiceEntry", rule: "a Unix socket has no ports", spec: endpoint({ address: "unix://@db", ports: {} }), at: [`${at}.ports`] },
  { kind: "ServiceEntry", rule: "a Unix socket is absolute or abstract", spec: endpoint({ address: "unix://db" }), at: [`${at}.address`] },
  { kind: "ServiceEntry", rule: "a Unix socket is no directory", spec: endpoint({ address: "unix://@db/" }), at: [`${at}.address`] },
  {
    kind: "ServiceEntry",
    rule: "an endpoint's ports have short names and are ports",
    spec: endpoint({ address: "10.0.5.7", ports: { [long]: 80, "-": 80, http: 0 } }),
    at: [`${at}.ports.${long}`, `${at}.ports["-"]`, `${at}.ports.http`],
  },
  {
    kind: "Telemetry",
    rule: "a label that is set has a value",
    spec: tag({ operation: "UPSERT" }),
    at: ["spec.metrics[0].overrides[0].tagOverrides.port.value"],
  },
  {
    kind: "Telemetry",
    rule: "a label that is removed has no value",
    spec: tag({ operation: "REMOVE", value: "" }),
    at: ["spec.metrics[0].overrides[0].tagOverrides.port.value"],
  },
  {
    kind: "WasmPlugin",
    rule: "a module has an address that proxies know",
    spec: changed("WasmPlugin", ["url"], "ftp://example.no/x"),
    at: ["spec.url"],
  },
  {
    kind: "WasmPlugin",
    rule: "a value of the proxy's environment does not stand here",
    spec: changed("WasmPlugin", ["vmConfig", "env", 1, "value"], ""),
    at: ["spec.vmConfig.env[1].value"],
  },
  {
    kind: "WasmPlugin",
    rule: "variables differ",
    spec: changed("WasmPlugin", ["vmConfig", "env", 1, "name"], "MODE"),
    at: ["spec.vmConfig.env[1].name"],
  },
  {
    kind: "WasmPlugin",
    rule: "ports differ",
    spec: changed("WasmPlugin", ["match", 0, "ports", 1, "number"], 8080),
    at: ["spec.match[0].ports[1].number"],
  },
  { kind: "WorkloadEntry", rule: "it is somewhere", spec: { labels: { app: "db" } }, at: ["spec"] },
  { kind: "WorkloadEntry", rule: "a Unix socket has no ports", spec: { address: "unix:///db", ports: { http: 80 } }, at: ["spec.ports"] },
  { kind: "WorkloadEntry", rule: "a Unix socket is absolute or abstract", spec: { address: "unix://db" }, at: ["spec.address"] },
  { kind: "WorkloadEntry", rule: "a Unix socket is no directory", spec: { address: "unix:///db/" }, at: ["spec.address"] },
  {
    kind: "WorkloadEntry",
    rule: "ports have short names and are ports",
    spec: { address: "10.0.5.7", ports: { [long]: 80, "@": 80, http: 65_536 } },
    at: [`spec.ports.${long}`, 'spec.ports["@"]', "spec.ports.http"],
  },
  {
    kind: "WorkloadGroup",
    rule: "a Unix socket has no ports",
    spec: { template: { address: "unix:///db", ports: {} } },
    at: ["spec.template.ports"],
  },
  {
    kind: "WorkloadGroup",
    rule: "a Unix socket is a file, absolute or abstract",
    spec: { template: { address: "unix://db/" } },
    at: ["spec.template.address"],
  },
  {
    kind: "WorkloadGroup",
    rule: "ports have short names and are ports",
    spec: { template: { ports: { [long]: 80, http: 0 } } },
    at: [`spec.template.ports.${long}`, "spec.template.ports.http"],
  },
  { kind: "WorkloadGroup", rule: "a probe asks HTTP on a port", spec: port({ httpGet: { port: 0 } }), at: ["spec.probe.httpGet.port"] },
  {
    kind: "WorkloadGroup",
    rule: "a probe connects to a port",
    spec: port({ tcpSocket: { port: 65_536 } }),
    at: ["spec.probe.tcpSocket.port"],
  },
  { kind: "WorkloadGroup", rule: "a probe asks gRPC on a port", spec: port({ grpc: { port: 0 } }), at: ["spec.probe.grpc.port"] },
  {
    kind: "WorkloadGroup",
    rule: "a probe asks by HTTP or HTTPS",
    spec: port({ httpGet: { port: 80, scheme: "http" } }),
    at: ["spec.probe.httpGet.scheme"],
  },
];

describe("a rule of Istio's schema", () => {
  test.each(broken)("$kind: $rule", ({ kind, spec, at }) => {
    expect(pathsOf(kind, spec)).toEqual(at);
  });
});

test("what a route answers as bytes is base64, of at most 1 MB", () => {
  const body = (bytes: string): readonly string[] =>
    linesOf("VirtualService", { hosts: ["pricing"], http: [{ directResponse: { status: 200, body: { bytes } } }] });
  expect([body("b2s="), body("A".repeat(4 * 349_525))].flat()).toEqual([]);
  expect(body("ok")).toMatchInlineSnapshot(`
    [
      "spec.http[0].directResponse.body.bytes: got "ok", expected bytes as base64.",
    ]
  `);
  expect(body("A".repeat(4 * 349_526))).toMatchInlineSnapshot(`
    [
      "spec.http[0].directResponse.body.bytes: got more than 1 MB, expected at most 1 MB.",
    ]
  `);
});

test("an endpoint has bounds", () => {
  const of = (fields: object): readonly string[] => pathsOf("WorkloadEntry", { address: "10.0.5.7", ...fields });
  expect(of({ network: "a".repeat(2048), locality: "a".repeat(2048), serviceAccount: "a".repeat(253), ports: many(128, 80) })).toEqual([]);
  expect(of({ address: `unix:///${"a".repeat(249)}` })).toEqual(["spec.address"]);
  expect(of({ network: "a".repeat(2049), locality: "a".repeat(2049) })).toEqual(["spec.network", "spec.locality"]);
  expect(of({ serviceAccount: "a".repeat(254), ports: many(129, 80), labels: many(257, "x") })).toEqual([
    "spec.serviceAccount",
    "spec.ports",
    "spec.labels",
  ]);
});
