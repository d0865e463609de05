import { describe, expect, test } from "vitest";
import { kialiRules } from "../../../lib/checks/rules/kiali-rules";
import { policyRules } from "../../../lib/checks/rules/policy-rules";
import { type Around, findingsIn, inShort } from "../checked";

const found = (yaml: readonly string[], around: Around = {}): readonly string[] =>
  inShort(findingsIn(yaml.join("---\n"), [...kialiRules, ...policyRules], around)).map((line) => line.replace(/^(\S+) \S+ /, "$1 "));

const apiVersions: Readonly<Record<string, string>> = {
  AuthorizationPolicy: "security.istio.io/v1",
  RequestAuthentication: "security.istio.io/v1",
  WasmPlugin: "extensions.istio.io/v1alpha1",
  Telemetry: "telemetry.istio.io/v1",
  VirtualService: "networking.istio.io/v1",
  DestinationRule: "networking.istio.io/v1",
  ServiceEntry: "networking.istio.io/v1",
  HTTPRoute: "gateway.networking.k8s.io/v1",
};
const object = (kind: string, path: string, spec: string, labels = "{}"): string => {
  const [namespace, name] = path.split("/");
  return `apiVersion: ${apiVersions[kind] ?? "v1"}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace}, labels: ${labels} }\nspec: ${spec}\n`;
};
const namespace = (name: string, labels: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: ${labels} }\n`;
const bare = namespace("shop", "{ istio.io/dataplane-mode: ambient }");
const enrolled = namespace("shop", "{ istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint }");
const service = (labels = "{}"): string =>
  object("Service", "shop/pricing", "{ selector: { app: pricing }, ports: [{ port: 80 }] }", labels);
const pod = (labels: string): string => object("Pod", "shop/pricing-1", "{}", labels);
const target = 'targetRefs: [{ kind: Service, group: "", name: pricing }]';
const full = "pricing.shop.svc.cluster.local";

describe("policies that only a waypoint follows", () => {
  const methods = "rules: [{ to: [{ operation: { methods: [GET] } }] }]";
  const logs = "accessLogging: [{ providers: [{ name: envoy }] }]";

  describe.each([
    { kind: "AuthorizationPolicy", codes: ["KIA0109", "KIA0110"], need: methods, field: "spec.rules[0].to[0].operation.methods" },
    { kind: "RequestAuthentication", codes: ["KIA1110", "KIA1115"], need: "jwtRules: [{ issuer: a }]", field: "spec.jwtRules" },
    { kind: "WasmPlugin", codes: ["KIA1111", "KIA1116"], need: "url: oci://a", field: "spec.url" },
    { kind: "Telemetry", codes: ["KIA1112", "KIA1117"], need: logs, field: "spec.accessLogging[0]" },
  ])("$kind", ({ kind, codes: [noWaypoint, noTargets], need, field }) => {
    const attached = object(kind, "shop/pricing", `{ ${target}, ${need} }`);
    const selecting = object(kind, "shop/pricing", `{ selector: { matchLabels: { app: pricing } }, ${need} }`);

    test("need the Service that they are attached to, or its namespace, to be enrolled", () => {
      expect(found([bare, service(), attached])).toEqual([`${noWaypoint} shop/pricing ${field}`]);
      expect(found([enrolled, service(), attached])).toEqual([]);
      expect(found([bare, service("{ istio.io/use-waypoint: waypoint }"), attached])).toEqual([]);
      expect(found([enrolled, service("{ istio.io/use-waypoint: none }"), attached])).toEqual([`${noWaypoint} shop/pricing ${field}`]);
    });

    test("need targets, for a waypoint looks at no selector", () => {
      expect(found([enrolled, selecting])).toEqual([`${noTargets} shop/pricing spec.selector`]);
      expect(found([bare, selecting])).toEqual([`${noWaypoint} shop/pricing ${field}`, `${noTargets} shop/pricing spec.selector`]);
    });

    test("need nothing where the pods that they select have a proxy of their own", () => {
      expect(found([bare, selecting, pod("{ app: pricing, istio.io/dataplane-mode: none }")])).toEqual([]);
      expect(found([bare, selecting, pod("{ app: pricing, istio: ingressgateway }")])).toEqual([]);
    });

    test("need nothing outside the ambient mesh, or before waypoints had labels", () => {
      expect(found([namespace("shop", "{ istio-injection: enabled }"), selecting])).toEqual([]);
      expect(found([selecting])).toEqual([]);
      expect(found([bare, selecting], { istio: "1.21" })).toEqual([]);
    });

    test("are IST0166's where they select the waypoint itself", () => {
      const waypoint = pod("{ app: pricing, gateway.networking.k8s.io/gateway-name: waypoint }");
      expect(found([enrolled, selecting, waypoint]).map((line) => line.split(" ")[0])).toEqual(["IST0166"]);
    });

    test("are not judged where they are attached to a Gateway, or to a Service that is not among the objects", () => {
      const gateway = object(
        kind,
        "shop/edge",
        `{ targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: edge }], ${need} }`,
      );
      expect(found([bare, gateway, attached])).toEqual([]);
    });
  });

  test("by labels have a waypoint where a Service before their pods has one", () => {
    const selecting = object("AuthorizationPolicy", "shop/pricing", `{ selector: { matchLabels: { app: pricing } }, ${methods} }`);
    const all = [bare, selecting, pod("{ app: pricing }")];
    expect(found([...all, service()])).toHaveLength(2);
    expect(found([...all, service("{ istio.io/use-waypoint: waypoint }")])).toEqual(["KIA0110 shop/pricing spec.selector"]);
  });

  test("by labels may have a waypoint where any Service of the namespace has one, and their pods are not seen", () => {
    const selecting = object("AuthorizationPolicy", "shop/pricing", `{ selector: { matchLabels: { app: pricing } }, ${methods} }`);
    expect(found([bare, selecting, service("{ istio.io/use-waypoint: waypoint }")])).toEqual(["KIA0110 shop/pricing spec.selector"]);
  });

  test("for the whole namespace: a Telemetry holds for waypoints, other policies do not", () => {
    expect(found([enrolled, object("Telemetry", "shop/all", `{ ${logs} }`)])).toEqual([]);
    expect(found([enrolled, object("AuthorizationPolicy", "shop/all", `{ ${methods} }`)])).toEqual(["KIA0110 shop/all"]);
  });

  test.each([
    ["to: [{ operation: { ports: ['80'] } }]", false],
    ["from: [{ source: { principals: [a], namespaces: [b], ipBlocks: [c] } }]", false],
    ["when: [{ key: destination.port }, { key: source.namespace }]", false],
    ["to: [{ operation: { notPaths: [/a] } }]", true],
    ["from: [{ source: { requestPrincipals: [a] } }]", true],
    ["from: [{ source: { remoteIpBlocks: [a] } }]", true],
    ["when: [{ key: 'request.headers[x]' }]", true],
    ["to: [{ operation: { methods: [] } }]", false],
  ])("tell what ztunnel can judge from what it cannot: %s", (rules, needs) => {
    expect(found([bare, service(), object("AuthorizationPolicy", "shop/a", `{ ${target}, rules: [{ ${rules} }] }`)])).toHaveLength(
      needs ? 1 : 0,
    );
  });

  test("of Telemetry that only switch off, or count connections, need nothing", () => {
    const spec = `{ ${target}, accessLogging: [{ disabled: true }], tracing: [{ disableSpanReporting: true }], metrics: [{ providers: [{ name: a }] }] }`;
    expect(found([bare, service(), object("Telemetry", "shop/a", spec)])).toEqual([]);
  });
});

describe.each([
  {
    kind: "DestinationRule",
    codes: ["KIA0210", "KIA0211", "KIA0212"],
    field: "spec.host",
    spec: (host: string) => `{ host: ${host}, trafficPolicy: { outlierDetection: {} } }`,
  },
  {
    kind: "VirtualService",
    codes: ["KIA1109", "KIA1113", "KIA1114"],
    field: "spec.hosts[0]",
    spec: (host: string) => `{ hosts: [${host}], http: [{ route: [{ destination: { host: ${host} } }] }] }`,
  },
])("$kind for requests of HTTP", ({ kind, codes: [noWaypoint, unenrolled, elsewhere], field, spec }) => {
  const own = object(kind, "shop/pricing", spec("pricing"));
  const far = object(kind, "web/pricing", spec(full));

  test("needs a waypoint before its Service", () => {
    expect(found([bare, service(), own])).toEqual([`${unenrolled} shop/pricing ${field}`]);
    expect(found([enrolled, service(), own])).toEqual([]);
    expect(found([bare, service("{ istio.io/use-waypoint: waypoint }"), own])).toEqual([]);
  });

  test("needs to stand in the namespace of its Service", () => {
    const web = namespace("web", "{ istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint }");
    expect(found([enrolled, web, service(), far])).toEqual([`${elsewhere} web/pricing ${field}`]);
    expect(found([bare, web, service(), far])).toHaveLength(2);
  });

  test("works for the sidecars of its own namespace, which may be unknown", () => {
    expect(found([bare, namespace("web", "{ istio-injection: enabled }"), service(), far])).toEqual([]);
    expect(found([bare, service(), far])).toEqual([]);
  });

  test("needs a waypoint of its own namespace where the host is not known", () => {
    expect(found([bare, own])).toEqual([`${noWaypoint} shop/pricing ${field}`]);
    expect(found([enrolled, own])).toEqual([]);
    expect(found([bare, own], { externals: ["Service shop/pricing"] })).toEqual([]);
    expect(found([own])).toEqual([]);
  });

  test("works for a host from outside that a waypoint stands before", () => {
    const entry = (labels: string): string => object("ServiceEntry", "shop/api", "{ hosts: [api.example.no] }", labels);
    const outside = object(kind, "shop/api", spec("api.example.no"));
    expect(found([bare, entry("{ istio.io/use-waypoint: egress }"), outside])).toEqual([]);
    expect(found([bare, entry("{}"), outside])).toEqual([`${noWaypoint} shop/api ${field}`]);
  });
});

test("a waypoint follows objects of its own namespace too, and DestinationRules of the root namespace", () => {
  const limits = (where: string): string =>
    object("DestinationRule", `${where}/limits`, `{ host: ${full}, trafficPolicy: { outlierDetection: {} } }`);
  const routes = (where: string): string => object("VirtualService", `${where}/routes`, `{ hosts: [${full}], http: [{ route: [] }] }`);
  const places = ["istio-system", "infra", "web"];
  const shared = "{ istio.io/use-waypoint: waypoint, istio.io/use-waypoint-namespace: infra }";
  const all = [bare, service(shared), ...places.flatMap((where) => [namespace(where, "{}"), limits(where), routes(where)])];
  expect([...found(all)].sort()).toEqual([
    "KIA0212 web/limits spec.host",
    "KIA1114 istio-system/routes spec.hosts[0]",
    "KIA1114 web/routes spec.hosts[0]",
  ]);
});

describe("what needs no waypoint", () => {
  test("is a DestinationRule that a gateway follows itself", () => {
    const limits = object("DestinationRule", "shop/pricing", "{ host: pricing, trafficPolicy: { outlierDetection: {} } }");
    const edge = object(
      "VirtualService",
      "shop/edge",
      "{ hosts: [a.no], gateways: [edge], http: [{ route: [{ destination: { host: pricing } }] }] }",
    );
    const route = object(
      "HTTPRoute",
      "shop/edge",
      "{ parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: pricing, port: 80 }] }] }",
    );
    expect(found([bare, service(), limits])).toHaveLength(1);
    expect(found([bare, service(), limits, edge])).toEqual([]);
    expect(found([bare, service(), limits, route])).toEqual([]);
  });

  test.each([
    "{ hosts: [pricing], gateways: [edge], http: [{ route: [] }] }",
    "{ hosts: [pricing], tcp: [{ route: [] }] }",
    "{ hosts: [pricing] }",
  ])("is a VirtualService for gateways, or for TCP: %s", (spec) => {
    expect(found([bare, service(), object("VirtualService", "shop/pricing", spec)])).toEqual([]);
  });

  test.each([
    ["loadBalancer: { simple: RANDOM }", 0],
    ["connectionPool: { tcp: { maxConnections: 1 } }", 0],
    ["loadBalancer: { consistentHash: { useSourceIp: true } }", 0],
    ["loadBalancer: { consistentHash: { httpHeaderName: x } }", 1],
    ["connectionPool: { http: { maxRetries: 1 } }", 1],
    ["portLevelSettings: [{ port: { number: 80 }, outlierDetection: {} }]", 1],
  ])("is a DestinationRule for connections: %s", (policy, findings) => {
    expect(
      found([bare, service(), object("DestinationRule", "shop/pricing", `{ host: pricing, trafficPolicy: { ${policy} } }`)]),
    ).toHaveLength(findings);
  });
});
