import { describe, expect, test } from "vitest";
import { mtlsRules } from "../../../lib/checks/rules/mtls-rules";
import { type Around, findingsIn } from "../checked";
import { allow, installation, type Json, type Made, namespace, peer, pods, policy, portModes, service, strict, yaml } from "./mtls-objects";

type Documents = readonly Json[];

const found = (documents: Documents, around: Around = {}): readonly string[] =>
  findingsIn(yaml(...documents), mtlsRules, around).map(({ severity, code, path, field }) =>
    [severity, code, path, field].filter(Boolean).join(" "),
  );
const message = (...documents: Documents): string | undefined => findingsIn(yaml(...documents), mtlsRules)[0]?.message;
const shop = [namespace(), strict()];

describe("exceptions", () => {
  test("ports without a selector are told", () => {
    const wide = peer("wide", { selector: { matchLabels: {} }, portLevelMtls: { 9090: { mode: "PERMISSIVE" }, 8080: { mode: "STRICT" } } });
    expect(found([wide])).toEqual(["error MG0419 PeerAuthentication shop/wide spec.portLevelMtls"]);
    expect(message(wide)).toBe("the modes of ports 8080 and 9090 are ignored, because the policy selects no workload.");
    expect(found([portModes({ 9090: "PERMISSIVE" })])).toEqual([]);
  });

  test("a selector in the root namespace is told, wherever that is", () => {
    const selecting = (place: string) => peer("pricing", { selector: { matchLabels: { app: "pricing" } } }, { namespace: place });
    expect(found([selecting("istio-system")])).toEqual(["warning MG0428 PeerAuthentication istio-system/pricing spec.selector"]);
    expect(found([selecting("istio-system"), selecting("mesh")], { meshConfig: "rootNamespace: mesh" })).toEqual([
      "warning MG0428 PeerAuthentication mesh/pricing spec.selector",
    ]);
  });

  test("DISABLE is told, on a port and on a workload", () => {
    expect(found([...shop, pods(), portModes({ 9090: "DISABLE" })])).toEqual([
      'warning MG0420 PeerAuthentication shop/pricing-ports spec.portLevelMtls["9090"]',
    ]);
    const whole = peer("pricing", { selector: { matchLabels: { app: "pricing" } }, mtls: { mode: "DISABLE" } });
    expect(found([...shop, pods(), whole])).toEqual(["warning MG0420 PeerAuthentication shop/pricing spec.mtls.mode"]);
    expect(found([portModes({ 9090: "DISABLE" })])).toHaveLength(1);
  });

  test("DISABLE is right where the server speaks first, where a Sidecar terminates TLS, and where mTLS is off anyway", () => {
    expect(found([...shop, pods(), portModes({ 3306: "DISABLE" })])).toEqual([]);
    const mysql = service("pricing", { ports: [{ name: "mysql", port: 3307, targetPort: 9090 }] });
    expect(found([...shop, pods(), mysql, portModes({ 9090: "DISABLE" })])).toEqual([]);
    const beside = service("pricing", { ports: [{ name: "mysql", port: 3307, targetPort: 8080 }] });
    expect(found([...shop, pods(), beside, portModes({ 9090: "DISABLE" })])).toHaveLength(1);
    const sidecar = {
      apiVersion: "networking.istio.io/v1",
      kind: "Sidecar",
      metadata: { name: "tls", namespace: "shop" },
      spec: { workloadSelector: { labels: { app: "pricing" } }, ingress: [{ port: { number: 9090 }, tls: { mode: "SIMPLE" } }] },
    };
    expect(found([...shop, pods(), sidecar, portModes({ 9090: "DISABLE" })])).toEqual([]);
    expect(found([...shop, pods(), sidecar, portModes({ 8080: "DISABLE" })])).toHaveLength(1);
    expect(found([namespace(), peer("default", { mtls: { mode: "DISABLE" } }), pods(), portModes({ 9090: "DISABLE" })])).toEqual([]);
    expect(found([namespace("shop", {}), pods(), portModes({ 9090: "DISABLE" })])).toEqual([]);
  });

  test("a mode for the Service's port is told, with the port that is meant", () => {
    expect(found([...shop, pods(), service(), portModes({ 80: "PERMISSIVE" })])).toEqual([
      'error MG0421 PeerAuthentication shop/pricing-ports spec.portLevelMtls["80"]',
    ]);
    expect(message(...shop, pods(), service(), portModes({ 80: "PERMISSIVE" }))).toBe(
      "port 80 is that of Service pricing, which leads to port 8080 of Deployment pricing: PERMISSIVE holds for a port that nobody listens on, and port 8080 stays STRICT.",
    );
    expect(found([namespace(), pods(), service(), portModes({ 80: "PERMISSIVE" })])).toEqual([
      'warning MG0421 PeerAuthentication shop/pricing-ports spec.portLevelMtls["80"]',
    ]);
  });

  test("a port that the pods may have is no Service's", () => {
    expect(found([...shop, pods(), service(), portModes({ 8080: "PERMISSIVE", 1234: "PERMISSIVE" })])).toEqual([]);
    const both = service("pricing", {
      ports: [
        { port: 80, targetPort: 8080 },
        { port: 81, targetPort: 80 },
      ],
    });
    expect(found([...shop, pods(), both, portModes({ 80: "PERMISSIVE" })])).toEqual([]);
    expect(
      found([...shop, pods("pricing", { container: { ports: [{ containerPort: 80 }] } }), service(), portModes({ 80: "PERMISSIVE" })]),
    ).toEqual([]);
    expect(found([...shop, pods("pricing", { container: { ports: [] } }), service(), portModes({ 80: "PERMISSIVE" })])).toEqual([]);
    const bare = service("pricing", { ports: [{ port: 80, targetPort: null }] });
    expect(found([...shop, pods(), bare, portModes({ 80: "PERMISSIVE" })])).toEqual([]);
    const udp = pods("pricing", {
      container: {
        ports: [
          { containerPort: 80, protocol: "UDP" },
          { name: "http", containerPort: 8080 },
        ],
      },
    });
    expect(found([...shop, udp, service(), portModes({ 80: "PERMISSIVE" })])).toHaveLength(1);
  });

  test("a port that some of the selected pods may have is no Service's", () => {
    const part = { part: "web" };
    const rest = [pods("pricing", { labels: part }), service("web", { selector: part })];
    const mode = peer("web", { selector: { matchLabels: part }, portLevelMtls: { 80: { mode: "PERMISSIVE" } } });
    const other = (port: number) => pods("other", { labels: part, container: { ports: [{ name: "http", containerPort: port }] } });
    expect(found([...shop, ...rest, mode, other(80)])).toEqual([]);
    expect(found([...shop, ...rest, mode, other(8081)])).toHaveLength(1);
  });
});

describe("policies of one rank", () => {
  const dated = (name: string, port: number, created: string) =>
    peer(
      name,
      { selector: { matchLabels: { app: "pricing" } }, portLevelMtls: { [port]: { mode: "PERMISSIVE" } } },
      { creationTimestamp: created },
    );

  test("the one that is ignored is told, where that can be known", () => {
    expect(found([...shop, pods(), dated("new", 9090, "2026-02-01T00:00:00Z"), dated("old", 8080, "2026-01-01T00:00:00Z")])).toEqual([
      "warning MG0427 PeerAuthentication shop/new spec",
    ]);
    expect(found([...shop, pods(), portModes({ 9090: "PERMISSIVE" }, "a"), portModes({ 8080: "PERMISSIVE" }, "b")])).toEqual([
      "warning MG0427 PeerAuthentication shop/b spec",
    ]);
  });

  test("policies that say other things of the same port are told", () => {
    expect(found([...shop, pods(), portModes({ 9090: "PERMISSIVE" }, "a"), portModes({ 9090: "STRICT" }, "b")])).toEqual([
      "warning MG0427 PeerAuthentication shop/b spec",
    ]);
  });

  test("policies that say the same, and one that stands there twice, harm nobody", () => {
    expect(found([...shop, pods(), portModes({ 9090: "PERMISSIVE" }, "a"), portModes({ 9090: "PERMISSIVE" }, "b")])).toEqual([]);
    expect(found([strict(), peer("default", { mtls: { mode: "PERMISSIVE" } })])).toEqual([]);
  });

  test("each is told, whichever pods it competes for first", () => {
    const selecting = (name: string, labels: Json, port: number) =>
      peer(name, { selector: { matchLabels: labels }, portLevelMtls: { [port]: { mode: "PERMISSIVE" } } });
    const both = [pods("a", { labels: { x: "1", y: "1" } }), pods("b", { labels: { y: "1", z: "1" } })];
    const rivals = [selecting("x", { x: "1" }, 1), selecting("y", { y: "1" }, 2), selecting("z", { z: "1" }, 3)];
    expect(found([...shop, ...both, ...rivals])).toEqual([
      "warning MG0427 PeerAuthentication shop/y spec",
      "warning MG0427 PeerAuthentication shop/z spec",
    ]);
  });

  test("a day of creation that only one of them carries decides nothing", () => {
    const undated = portModes({ 9090: "PERMISSIVE" }, "undated");
    const told = findingsIn(yaml(...shop, pods(), undated, dated("dated", 8080, "2026-01-01T00:00:00Z")), mtlsRules);
    expect(told.map(({ message: text }) => text)).toEqual([
      "holds for Deployment pricing, as shop/undated and shop/dated do: Istio follows only the one that was made first.",
    ]);
  });

  test("two for a whole namespace are told", () => {
    expect(found([strict(), peer("other", { mtls: { mode: "PERMISSIVE" } })])).toEqual([
      "warning MG0427 PeerAuthentication shop/other spec",
    ]);
  });
});

describe("an exception and the ALLOW policies", () => {
  const monitor = portModes({ 9090: "PERMISSIVE" });
  const field = 'error MG0422 PeerAuthentication shop/pricing-ports spec.portLevelMtls["9090"]';
  const checkout = { principals: ["cluster.local/ns/shop/sa/checkout"] };

  test.each([
    ["nobody at all", policy("deny", {}), [field]],
    ["principals", allow(checkout), [field]],
    ["namespaces", allow({ namespaces: ["shop"] }), [field]],
    ["accounts", allow({ serviceAccounts: ["checkout"] }), [field]],
    ["a trust domain", allow({ trustDomains: ["cluster.local"] }), [field]],
    ["addresses on another port", allow({ ipBlocks: ["10.0.0.0/8"] }, { ports: ["8080"] }), [field]],
    ["all other ports", allow({ ipBlocks: ["10.0.0.0/8"] }, { notPorts: ["9090"] }), [field]],
    ["addresses on the port", allow({ ipBlocks: ["10.0.0.0/8"] }, { ports: ["9090"] }), []],
    ["callers without an identity", allow({ notPrincipals: ["*"] }), []],
    ["tokens", allow({ requestPrincipals: ["*"] }), []],
    ["everybody", policy("all", { rules: [{}] }), []],
    ["a condition on the principal", policy("when", { rules: [{ when: [{ key: "source.principal", values: ["*"] }] }] }), [field]],
    ["a condition on the port", policy("when", { rules: [{ when: [{ key: "destination.port", values: ["9090"] }] }] }), []],
    ["a condition on another port", policy("when", { rules: [{ when: [{ key: "destination.port", values: ["8080"] }] }] }), [field]],
    ["a condition on the address", policy("when", { rules: [{ when: [{ key: "source.ip", values: ["10.0.0.1"] }] }] }), []],
    ["principals in a dry run", policy("dry", { rules: [] }, { annotations: { "istio.io/dry-run": "true" } }), []],
    ["principals, as a DENY", policy("deny", { action: "DENY", rules: [{ from: [{ source: checkout }] }] }), []],
    ["a Gateway", policy("gateway", { targetRefs: [{ kind: "Gateway", name: "edge" }] }), []],
    ["another workload", policy("other", { selector: { matchLabels: { app: "other" } } }), []],
    ["all of the mesh", policy("deny", {}, { namespace: "istio-system" }), [field]],
    [
      "this workload, from the root namespace",
      policy("deny", { selector: { matchLabels: { app: "pricing" } } }, { namespace: "istio-system" }),
      [field],
    ],
    ["another namespace", policy("deny", {}, { namespace: "other" }), []],
  ] as const)("for %s", (_, allowed, expected) => {
    expect(found([...shop, pods(), monitor, allowed])).toEqual(expected);
  });

  test("one policy that lets them in is enough, and one that lives outside may", () => {
    const both = [...shop, pods(), monitor, policy("deny", {}), allow({ ipBlocks: ["10.0.0.0/8"] }, { ports: ["9090"] })];
    expect(found(both)).toEqual([]);
    expect(found([...shop, pods(), monitor, policy("deny", {})], { externals: ["AuthorizationPolicy shop/monitor"] })).toEqual([]);
  });

  test("plaintext that is no exception needs no ALLOW", () => {
    expect(found([namespace(), pods(), monitor, allow(checkout)])).toEqual([]);
    const whole = peer("pricing", { selector: { matchLabels: { app: "pricing" } }, mtls: { mode: "PERMISSIVE" } });
    expect(found([...shop, pods(), whole, allow(checkout)])).toEqual(["error MG0422 PeerAuthentication shop/pricing spec.mtls.mode"]);
    expect(
      found([...shop, pods("pricing", { labels: { "sidecar.istio.io/inject": "false" } }), pods("b"), monitor, allow(checkout)]).filter(
        (line) => line.includes("MG0422"),
      ),
    ).toEqual([]);
  });
});

describe("addresses of everybody", () => {
  test("are told of policies that let in callers without an identity", () => {
    expect(found([allow({ ipBlocks: ["0.0.0.0/0", "10.0.0.0/8"] })])).toEqual([
      "warning MG0402 AuthorizationPolicy shop/callers spec.rules[0].from[0].source",
    ]);
    expect(found([allow({ notPrincipals: ["*"], remoteIpBlocks: ["::/0"] })])).toHaveLength(1);
  });

  test("are of no matter where an identity is asked for, or nobody is let in", () => {
    expect(found([allow({ principals: ["*"], ipBlocks: ["0.0.0.0/0"] })])).toEqual([]);
    expect(found([policy("deny", { action: "DENY", rules: [{ from: [{ source: { ipBlocks: ["0.0.0.0/0"] } }] }] })])).toEqual([]);
  });
});

describe("the gateway", () => {
  const edge = pods("edge", { namespace: "istio-ingress", labels: { istio: "ingressgateway" } });
  const gateway = {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name: "edge", namespace: "istio-ingress" },
    spec: { selector: { istio: "ingressgateway" } },
  };
  const route = (destination: Record<string, unknown>, http: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "edge", namespace: "shop" },
    spec: {
      hosts: ["a.example.no"],
      gateways: ["istio-ingress/edge"],
      http: [{ route: [{ destination: { host: "pricing", ...destination } }], ...http }],
      ...spec,
    },
  });
  const around = [namespace(), pods(), service(), edge, gateway, route({ port: { number: 80 } })];
  const told = ["error MG0423 AuthorizationPolicy shop/callers spec.rules"];
  const checkout = "cluster.local/ns/shop/sa/checkout";

  test.each([
    [{ principals: [checkout] }, told],
    [{ principals: [checkout, "cluster.local/ns/istio-ingress/sa/edge"] }, []],
    [{ principals: ["other.example/ns/istio-ingress/sa/edge"] }, []],
    [{ principals: ["*/ns/istio-ingress/sa/edge"] }, []],
    [{ principals: ["*/sa/edge"] }, []],
    [{ principals: ["*.local/ns/istio-ingress/sa/edge"] }, []],
    [{ principals: ["*/sa/other"] }, told],
    [{ principals: ["cluster.local/ns/istio-ingress/*"] }, []],
    [{ principals: ["cluster.*"] }, []],
    [{ principals: ["*"] }, []],
    [{ principals: ["*"], notPrincipals: ["cluster.local/ns/istio-ingress/sa/edge"] }, told],
    [{ namespaces: ["shop"] }, told],
    [{ namespaces: ["shop", "istio-*"] }, []],
    [{ namespaces: ["*gress"] }, []],
    [{ namespaces: ["is*o-ing*s"] }, []],
    [{ namespaces: ["is*shop*s", "istio-ingress*s"] }, told],
    [{ notNamespaces: ["istio-ingress"] }, told],
    [{ serviceAccounts: ["istio-ingress/edge"] }, []],
    [{ serviceAccounts: ["edge"] }, told],
    [{ trustDomains: ["cluster.local"] }, []],
    [{ notTrustDomains: ["cluster.local"] }, []],
    [{ ipBlocks: ["10.0.0.0/8"] }, []],
    [{ requestPrincipals: ["*"] }, []],
  ] as const)("is judged by %j", (source, expected) => {
    expect(found([...around, allow(source)])).toEqual(expected);
  });

  test("is told by its account and its way", () => {
    expect(message(...around, allow({ principals: [checkout] }))).toBe(
      "VirtualService shop/edge leads requests from gateway istio-ingress/edge to Deployment pricing of shop, and no ALLOW policy there lets in the gateway's account istio-ingress/edge: each of them gets a 403.",
    );
  });

  test("needs the port that it comes in on", () => {
    const principals = ["cluster.local/ns/istio-ingress/sa/edge"];
    expect(found([...around, allow({ principals }, { ports: ["8080"] })])).toEqual([]);
    expect(found([...around, allow({ principals }, { ports: ["80"] })])).toEqual(told);
  });

  test("is not judged where its pods are unknown, where no policy holds, or where one lives outside", () => {
    const callers = allow({ principals: [checkout] });
    expect(found([namespace(), pods(), service(), gateway, route({}), callers])).toEqual([]);
    expect(found(around)).toEqual([]);
    expect(found([...around, callers], { externals: ["AuthorizationPolicy shop/*"] })).toEqual([]);
    expect(found([namespace("shop", {}), pods(), service(), edge, gateway, route({}), callers])).toEqual([]);
  });

  test("is judged only by the routes that it serves", () => {
    const callers = allow({ principals: [checkout] });
    const rest = [namespace(), pods(), service(), edge, gateway];
    expect(found([...rest, route({}, { match: [{ gateways: ["mesh"] }] }, { gateways: ["mesh", "istio-ingress/edge"] }), callers])).toEqual(
      [],
    );
    expect(found([...rest, route({}, { route: [{ destination: { host: "pricing" }, weight: 0 }] }), callers])).toEqual([]);
    const tcp = route({}, {}, { http: undefined, tcp: [{ route: [{ destination: { host: "pricing" } }] }] });
    expect(found([...rest, tcp, callers])).toEqual(told);
  });

  test("is judged by the subset that a route leads to", () => {
    const versions = [pods("pricing", { labels: { version: "v1" } })];
    const rest = [namespace(), ...versions, service(), edge, gateway, allow({ principals: [checkout] })];
    const rule = {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: "pricing", namespace: "shop" },
      spec: {
        host: "pricing",
        subsets: [
          { name: "v1", labels: { version: "v1" } },
          { name: "v2", labels: { version: "v2" } },
        ],
      },
    };
    expect(found([...rest, rule, route({ subset: "v1" })])).toEqual(told);
    expect(found([...rest, rule, route({ subset: "v2" })])).toEqual([]);
    expect(found([...rest, route({ subset: "v1" })])).toEqual([]);
  });

  test("of the Gateway API is known by the account that Istio makes for it", () => {
    const standard = (annotations: Json = {}, spec: Json = {}) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "edge", namespace: "istio-ingress", annotations },
      spec: { gatewayClassName: "istio", ...spec },
    });
    const http = (ref: Json = {}) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "pricing", namespace: "shop" },
      spec: {
        parentRefs: [{ name: "edge", namespace: "istio-ingress" }],
        rules: [{ backendRefs: [{ name: "pricing", port: 80, ...ref }] }],
      },
    });
    const rest = [
      namespace(),
      pods(),
      service(),
      allow({ principals: ["cluster.local/ns/istio-ingress/sa/edge-istio"] }, { ports: ["8080"] }),
    ];
    expect(found([...rest, standard(), http()])).toEqual([]);
    expect(found([...rest, standard({ "gateway.istio.io/service-account": "own" }), http()])).toEqual(told);
    expect(found([...rest, standard(), http({ port: 9090 })])).toEqual(told);
    expect(found([...rest, standard(), http({ port: 9090, weight: 0 })])).toEqual([]);
    expect(found([...rest, standard({}, { addresses: [{ value: "edge" }] }), http({ port: 9090 })])).toEqual([]);
    expect(found([...rest, standard({}, { gatewayClassName: "other" }), http({ port: 9090 })])).toEqual([]);
    expect(found([...rest, standard(), http({ kind: "ServiceImport", port: 9090 })])).toEqual([]);
  });

  test("is let in by any of several policies, and by none of a policy without rules", () => {
    const other = policy("other", { rules: [{ from: [{ source: { principals: ["cluster.local/ns/istio-ingress/sa/edge"] } }] }] });
    expect(found([...around, allow({ principals: [checkout] }), other])).toEqual([]);
    expect(found([...around, policy("default-deny", {})])).toEqual(["error MG0423 AuthorizationPolicy shop/default-deny spec.rules"]);
    expect(found([...around, policy("default-deny", {}), allow({ principals: [checkout] })])).toEqual(told);
  });

  test("may run as several accounts, one of which is enough; a Gateway without a selector says nothing", () => {
    const second = pods("second", { namespace: "istio-ingress", labels: { istio: "ingressgateway" } });
    expect(found([...around, second, allow({ principals: ["cluster.local/ns/istio-ingress/sa/second"] })])).toEqual([]);
    const wide = { ...gateway, spec: { selector: {} } };
    const rest = [namespace(), pods(), service(), edge, wide, route({})];
    expect(found([...rest, allow({ principals: [checkout] })])).toEqual([]);
  });

  test("is told of once, however many routes lead there", () => {
    const twice = { ...route({}), metadata: { name: "edge", namespace: "shop" } };
    expect(found([...around, twice, allow({ principals: [checkout] })])).toEqual(told);
  });
});

describe("shared accounts", () => {
  const shared: Made = { spec: { serviceAccountName: "shared" } };
  const callers = (account: string) => allow({ principals: [`cluster.local/ns/shop/sa/${account}`] });
  const field = "AuthorizationPolicy shop/callers spec.rules[0].from[0].source.principals[0]";

  test("are told where services have nothing in common", () => {
    expect(found([namespace(), pods("a", shared), pods("b", shared), callers("shared")])).toEqual([`warning MG0424 ${field}`]);
    expect(message(namespace(), pods("a", shared), pods("b", shared), callers("shared"))).toBe(
      "shop/shared is the account of a and b: all of them are let in.",
    );
    expect(found([namespace(), pods("a"), pods("b"), callers("a")])).toEqual([]);
  });

  test("are no matter between versions of a service, its Jobs, and pods without certificates", () => {
    const version = (name: string) => pods(name, { ...shared, labels: { part: "web" } });
    expect(
      found([
        namespace(),
        version("a"),
        version("b"),
        service("web", { selector: { part: "web" } }),
        service("a"),
        service("b"),
        callers("shared"),
      ]),
    ).toEqual([]);
    expect(found([namespace(), pods("a", shared), pods("b", { ...shared, kind: "Job" }), callers("shared")])).toEqual([]);
    expect(
      found([namespace(), pods("a", shared), pods("b", { ...shared, labels: { "sidecar.istio.io/inject": "false" } }), callers("shared")]),
    ).toEqual([]);
  });

  test("the account default is a note even for one", () => {
    expect(found([namespace(), pods("a", { spec: { serviceAccountName: undefined } }), callers("default")])).toEqual([
      `note MG0424 ${field}`,
    ]);
    expect(found([namespace(), callers("default")])).toEqual([]);
  });

  test("are found in accounts and conditions, and patterns are left alone", () => {
    const both = [namespace(), pods("a", shared), pods("b", shared)];
    expect(found([...both, allow({ serviceAccounts: ["shared"] })])).toHaveLength(1);
    expect(
      found([...both, policy("when", { rules: [{ when: [{ key: "source.principal", values: ["td/ns/shop/sa/shared"] }] }] })]),
    ).toHaveLength(1);
    expect(found([...both, allow({ principals: ["*/ns/shop/*", "td/ns/shop/sa/shared/more", "td/of/shop/sa/shared"] })])).toEqual([]);
  });
});

describe("the sidecar's user and group", () => {
  const as = (spec: Record<string, unknown>, made: Made = {}) =>
    found([namespace(), pods("pricing", { kind: "StatefulSet", spec, ...made })]);

  test("are told of workloads that Istio's own rule does not look at", () => {
    expect(as({ securityContext: { runAsUser: 1337 } })).toEqual([
      "warning MG0425 StatefulSet shop/pricing spec.template.spec.securityContext.runAsUser",
    ]);
    expect(as({ securityContext: { runAsUser: 1337 } }, { kind: "Deployment" })).toEqual([]);
    expect(as({ securityContext: { runAsGroup: 1337 } }, { kind: "Deployment" })).toEqual([
      "warning MG0425 Deployment shop/pricing spec.template.spec.securityContext.runAsGroup",
    ]);
    expect(as({ securityContext: { runAsGroup: 1337 } }, { kind: "Pod" })).toEqual([
      "warning MG0425 Pod shop/pricing spec.securityContext.runAsGroup",
    ]);
  });

  test("a container's own setting counts, and init containers may want to bypass the sidecar", () => {
    expect(as({ securityContext: { runAsUser: 1337 } }, { container: { securityContext: { runAsUser: 1000 } } })).toEqual([]);
    expect(as({}, { container: { securityContext: { runAsUser: 1337 } } })).toEqual([
      "warning MG0425 StatefulSet shop/pricing spec.template.spec.containers[0].securityContext.runAsUser",
    ]);
    expect(as({ initContainers: [{ name: "init", securityContext: { runAsUser: 1337 } }] })).toEqual([]);
    expect(found([namespace("shop", {}), pods("pricing", { kind: "DaemonSet", spec: { securityContext: { runAsUser: 1337 } } })])).toEqual(
      [],
    );
  });
});

describe("Pod Security", () => {
  const level = (value: string) => namespace("shop", { "istio-injection": "enabled", "pod-security.kubernetes.io/enforce": value });
  const told = ['error MG0426 Namespace shop metadata.labels["pod-security.kubernetes.io/enforce"]'];

  test("refuses istio-init where the installation has no CNI plugin", () => {
    expect(found([installation({}), level("baseline")])).toEqual(told);
    expect(found([installation({ profile: "default" }), level("restricted")])).toEqual(told);
    expect(found([installation({}), level("privileged")])).toEqual([]);
    expect(found([installation({}), namespace("shop", { "pod-security.kubernetes.io/enforce": "baseline" })])).toEqual([]);
    expect(
      found([
        installation({}),
        namespace("shop", { "pod-security.kubernetes.io/enforce": "baseline" }),
        pods("pricing", { labels: { "sidecar.istio.io/inject": "true" } }),
      ]),
    ).toEqual(told);
  });

  test.each([
    { components: { cni: { enabled: true } } },
    { values: { pilot: { cni: { enabled: true } } } },
    { values: { istio_cni: { enabled: true } } },
    { values: { global: { platform: "openshift" } } },
    { profile: "ambient" },
    { profile: "empty", components: { ingressGateways: [{ name: "edge", enabled: true }] } },
  ])("is silent under %j", (spec) => {
    expect(found([installation(spec), level("baseline")])).toEqual([]);
  });

  test("is silent where nothing is known of the installation, or the plugin's own DaemonSet is there", () => {
    expect(found([level("baseline")])).toEqual([]);
    expect(found([installation({}), level("baseline"), pods("istio-cni-node", { kind: "DaemonSet", namespace: "kube-system" })])).toEqual(
      [],
    );
  });
});
