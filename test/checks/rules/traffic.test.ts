import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Rule } from "../../../lib/checks/rule";
import { retriesDoNotFit } from "../../../lib/checks/rules/traffic/mg0301-retries-do-not-fit";
import { retriesBlindToSlowTries } from "../../../lib/checks/rules/traffic/mg0302-retries-blind-to-slow-tries";
import { unsafeMethodsRetried } from "../../../lib/checks/rules/traffic/mg0303-unsafe-methods-retried";
import { affinityBrokenByWeights } from "../../../lib/checks/rules/traffic/mg0305-affinity-broken-by-weights";
import { hostOwnedTwice } from "../../../lib/checks/rules/traffic/mg0315-host-owned-twice";
import { serverFirstUndeclared } from "../../../lib/checks/rules/traffic/mg0316-server-first-undeclared";
import { serverFirstPermissive } from "../../../lib/checks/rules/traffic/mg0317-server-first-permissive";
import { httpRoutesWithoutHttp } from "../../../lib/checks/rules/traffic/mg0318-http-routes-without-http";
import { trafficRules } from "../../../lib/checks/rules/traffic-rules";
import { type Around, findingsIn, inShort } from "../checked";

const together = (...documents: readonly string[]): string => documents.join("\n---\n");
/** A VirtualService for pricing with routes as flow YAML, and whatever else its spec holds. */
const routes = (http: string, more = "hosts: [pricing]"): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pricing, namespace: shop }
spec: { ${more}, http: [${http}] }`;
const route = (more: string): string => `{ route: [{ destination: { host: pricing } }], ${more} }`;
const said = (yaml: string, rule: Rule, around?: Around): readonly string[] =>
  findingsIn(yaml, [rule], around).map(({ severity, message }) => `${severity}: ${message}`);

describe("the reference's file 04", () => {
  const file = readFileSync(join(__dirname, "../../golden/reference/04-payment-canary.yaml"), "utf8");

  test("has both causes, told apart, and both say that one try can run", () => {
    const findings = findingsIn(file, trafficRules, { istio: "1.30.3" });
    expect(inShort(findings)).toEqual([
      "MG0301 VirtualService payment-service spec.http[0].retries.perTryTimeout",
      "MG0302 VirtualService payment-service spec.http[0].retries",
    ]);
    expect(findings.map(({ severity, message }) => `${severity}: ${message}`)).toMatchInlineSnapshot(`
      [
        "error: 4 tries of 2s and the pauses between them do not fit into the timeout of 2s: when the service is slow, 1 of them can run.",
        "error: Istio's default retryOn does not see a try that was too slow: of 4 tries 1 can run then, and the timeout ends it.",
      ]
    `);
  });

  test("repeats writes as well on the release that it was written for", () => {
    expect(findingsIn(file, trafficRules, { istio: "1.18", kubernetes: "1.26" }).map(({ code }) => code)).toEqual([
      "MG0301",
      "MG0302",
      "MG0303",
    ]);
  });
});

describe("retries and the timeout", () => {
  const misfits = (more: string): readonly string[] => said(routes(route(more)), retriesDoNotFit);

  test("fit when all tries and the longest pauses end in time", () => {
    expect(misfits("timeout: 2s, retries: { attempts: 3, perTryTimeout: 431ms }")).toEqual([]);
    expect(misfits("timeout: 2s, retries: { attempts: 3, perTryTimeout: 432ms }")).toHaveLength(1);
  });

  test("are a warning as long as some of the tries fit", () => {
    expect(misfits("timeout: 2s, retries: { attempts: 3, perTryTimeout: 500ms }")).toEqual([
      "warning: 4 tries of 500ms and the pauses between them do not fit into the timeout of 2s: when the service is slow, 3 of them can run.",
    ]);
    expect(misfits("timeout: 2s, retries: { attempts: 3, perTryTimeout: 2s }")[0]).toMatch(/^error: .* 1 of them can run/);
  });

  test("count the pause that the route names", () => {
    expect(misfits("timeout: 2s, retries: { attempts: 3, perTryTimeout: 400ms, backoff: 200ms }")).toHaveLength(1);
  });

  test("are left alone where one of both is not limited, or cannot be read", () => {
    expect(misfits("retries: { attempts: 3, perTryTimeout: 2s }")).toEqual([]);
    expect(misfits("timeout: 0s, retries: { attempts: 3, perTryTimeout: 2s }")).toEqual([]);
    expect(misfits("timeout: 2s, retries: { attempts: 3 }")).toEqual([]);
    expect(misfits("timeout: 2s, retries: { attempts: 0 }")).toEqual([]);
    expect(misfits("timeout: soon, retries: { attempts: 3, perTryTimeout: 2s }")).toEqual([]);
    expect(misfits("timeout: 2s, retries: { attempts: many, perTryTimeout: 2s }")).toEqual([]);
  });

  test("are read as Go writes durations", () => {
    expect(misfits("timeout: 1m30s, retries: { attempts: 2, perTryTimeout: 1.5m }")).toHaveLength(1);
  });

  test("are counted without counting: billions of tries take no time", () => {
    expect(misfits("timeout: 100000h, retries: { attempts: 2147483647, perTryTimeout: 1ns }")).toHaveLength(1);
  });
});

describe("a slow try", () => {
  const blind = (more: string): readonly string[] => said(routes(route(more)), retriesBlindToSlowTries);

  test("is not seen by Istio's own conditions, and is cut off early", () => {
    expect(blind("timeout: 2s, retries: { attempts: 3, perTryTimeout: 400ms }")).toEqual([
      "error: Istio's default retryOn does not see a try that was too slow: of 4 tries 1 can run then, and the caller gets a 504 after 400ms, earlier than without retries.",
    ]);
  });

  test("is a warning where other conditions are written on purpose", () => {
    expect(blind('retries: { attempts: 2, perTryTimeout: 1s, retryOn: "connect-failure, 504" }')).toEqual([
      "warning: retryOn connect-failure,504 does not see a try that was too slow: of 3 tries 1 can run then, and the caller gets a 504 after 1s, earlier than without retries.",
    ]);
  });

  test("is seen by 5xx, gateway-error and reset", () => {
    for (const word of ["5xx", "gateway-error", "reset"]) {
      expect(blind(`retries: { attempts: 2, perTryTimeout: 1s, retryOn: "connect-failure,${word}" }`)).toEqual([]);
    }
  });

  test("is nobody's matter where tries have no limit of their own", () => {
    expect(blind("timeout: 2s, retries: { attempts: 3 }")).toEqual([]);
  });
});

describe("a write", () => {
  const repeated = (http: string, around?: Around): readonly string[] => said(routes(http), unsafeMethodsRetried, around);
  const retries = "retries: { attempts: 3, retryOn: 5xx }";
  const method = (...names: readonly string[]): string => `match: [${names.map((name) => `{ method: { exact: ${name} } }`).join(", ")}]`;

  test("is repeated where a route retries whatever comes", () => {
    expect(repeated(route(retries))).toEqual([
      "warning: 5xx repeats POST and PATCH too, though the service may have done the work already: a payment is charged twice.",
    ]);
  });

  test("is safe where the route takes other methods only", () => {
    expect(repeated(route(`${method("GET", "HEAD")}, ${retries}`))).toEqual([]);
    expect(repeated(route(`match: [{ method: { regex: "GET|HEAD" } }], ${retries}`))).toEqual([]);
    expect(repeated(route(`match: [{ method: { regex: "GET|POST" } }], ${retries}`))).toHaveLength(1);
    expect(repeated(route(`${method("PUT", "DELETE")}, ${retries}`))).toEqual([]);
  });

  test("is safe where a route before takes it", () => {
    expect(repeated(`${route(`${method("POST", "PATCH")}, retries: { attempts: 0 }`)}, ${route(retries)}`)).toEqual([]);
    expect(repeated(`${route(`${method("POST")}, retries: { attempts: 0 }`)}, ${route(retries)}`)[0]).toContain("5xx repeats PATCH too");
    const elsewhere = "match: [{ uri: { prefix: /a }, method: { exact: POST } }, { uri: { prefix: /a }, method: { exact: PATCH } }]";
    expect(repeated(`${route(elsewhere)}, ${route(retries)}`)).toHaveLength(1);
    expect(repeated(`${route(method("POST", "PATCH"))}, ${route(`match: [{ uri: { prefix: /a } }], ${retries}`)}`)).toEqual([]);
    expect(repeated(`${route(elsewhere)}, ${route(`match: [{ uri: { prefix: /a } }], ${retries}`)}`)).toEqual([]);
  });

  test("may be repeated where the service cannot have begun, or said that it did nothing", () => {
    for (const words of ["connect-failure,refused-stream", "reset-before-request", "429", "unavailable,cancelled", "retriable-4xx"]) {
      expect(repeated(route(`retries: { attempts: 3, retryOn: "${words}" }`))).toEqual([]);
    }
    expect(repeated(route('retries: { attempts: 3, retryOn: "connect-failure,503" }'))[0]).toContain("503 repeats");
  });

  test("is repeated by Istio's own conditions up to 1.23 only", () => {
    expect(repeated(route("retries: { attempts: 3 }"), { istio: "1.23" })[0]).toContain("retriable-status-codes (503) repeats");
    expect(repeated(route("retries: { attempts: 3 }"), { istio: "1.24" })).toEqual([]);
    expect(repeated(route("timeout: 3s"), { istio: "1.23" })).toEqual([]);
  });
});

describe("session affinity", () => {
  const rule = (policy: string, more = ""): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: pricing, namespace: shop }
spec: { host: pricing, trafficPolicy: { ${policy} }, subsets: [{ name: v1 }, { name: v2 }]${more} }`;
  const cookie = "loadBalancer: { consistentHash: { httpCookie: { name: basket, ttl: 1h } } }";
  const weights = (first: number, second: number): string =>
    routes(
      `{ route: [{ destination: { host: pricing, subset: v1 }, weight: ${first} }, { destination: { host: pricing.shop.svc.cluster.local, subset: v2 }, weight: ${second} }] }`,
    );
  const broken = (...documents: readonly string[]): readonly string[] => said(together(...documents), affinityBrokenByWeights);

  test("is broken by two weights, whatever a caller is known by", () => {
    expect(broken(rule(cookie), weights(90, 10))).toEqual([
      "warning: weights are drawn anew for each request, so a caller changes between v1 and v2 in spite of the httpCookie of DestinationRule pricing; sessions kept in a pod are lost.",
    ]);
    expect(broken(rule("loadBalancer: { consistentHash: { useSourceIp: true } }"), weights(90, 10))).toHaveLength(1);
    expect(
      broken(
        rule("portLevelSettings: [{ port: { number: 80 }, loadBalancer: { consistentHash: { useSourceIp: true } } }]"),
        weights(90, 10),
      ),
    ).toHaveLength(1);
  });

  test("holds while one version gets everything, or there is no affinity", () => {
    expect(broken(rule(cookie), weights(100, 0))).toEqual([]);
    expect(broken(rule("loadBalancer: { simple: RANDOM }"), weights(90, 10))).toEqual([]);
    expect(broken(rule("loadBalancer: { consistentHash: { useSourceIp: false } }"), weights(90, 10))).toEqual([]);
    expect(broken(rule(cookie, ", exportTo: [elsewhere]"), weights(90, 10))).toEqual([]);
  });
});

describe("a host with two owners", () => {
  const rule = (name: string, subset: string, more: string): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: shop }
spec: { host: pricing, subsets: [{ name: ${subset} }], ${more} }`;
  const policy = (limit: number): string => `trafficPolicy: { connectionPool: { tcp: { maxConnections: ${limit} } } }`;
  const owned = (...documents: readonly string[]): readonly string[] => inShort(findingsIn(together(...documents), [hostOwnedTwice]));

  test("keeps one traffic policy of two", () => {
    expect(owned(rule("a", "v1", policy(1)), rule("b", "v2", policy(2)))).toEqual(["MG0315 DestinationRule shop/b spec.trafficPolicy"]);
  });

  test("loses nothing where the policies are the same, or only one has any", () => {
    expect(owned(rule("a", "v1", policy(1)), rule("b", "v2", policy(1)))).toEqual([]);
    expect(owned(rule("a", "v1", policy(1)), rule("b", "v2", "exportTo: ['*']"))).toEqual([]);
  });

  test("is Kiali's to tell where a subset is there twice", () => {
    expect(owned(rule("a", "v1", policy(1)), rule("b", "v1", policy(2)))).toEqual([]);
  });

  test("may have one for each kind of caller", () => {
    const selector = (app: string): string => `workloadSelector: { matchLabels: { app: ${app} } }`;
    expect(owned(rule("a", "v1", `${policy(1)}, ${selector("web")}`), rule("b", "v2", `${policy(2)}, ${selector("batch")}`))).toEqual([]);
    expect(owned(rule("a", "v1", `${policy(1)}, exportTo: [.]`), rule("b", "v2", `${policy(2)}, exportTo: [stock]`))).toEqual([]);
  });

  test("belongs to Flagger where there is a Canary for it", () => {
    const canary = (more: string): string => `
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: pricing, namespace: shop }
spec: { targetRef: { kind: Deployment, name: pricing }${more} }`;
    const both = together(routes(route("timeout: 2s")), rule("pricing", "v1", policy(1)));
    expect(owned(canary(""), both)).toEqual([
      "MG0315 VirtualService shop/pricing spec.hosts",
      "MG0315 DestinationRule shop/pricing spec.host",
    ]);
    expect(owned(canary(", provider: gatewayapi:v1"), both)).toEqual([]);
    expect(owned(canary(", service: { name: stock }"), both)).toEqual([]);
    const made = both.replaceAll(
      "name: pricing, namespace: shop",
      "name: pricing, namespace: shop, ownerReferences: [{ kind: Canary, name: pricing }]",
    );
    expect(owned(canary(""), made)).toEqual([]);
  });
});

const meshNamespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }";
const service = (ports: string, more = ""): string => `
apiVersion: v1
kind: Service
metadata: { name: mail, namespace: shop }
spec: { selector: { app: mail }, ports: [${ports}]${more} }`;
const pods = (more = ""): string => `
apiVersion: v1
kind: Pod
metadata: { name: mail, namespace: shop, labels: { app: mail }${more} }
spec: { containers: [{ name: mail, image: mail }] }`;

describe("a server that speaks first on a port without a protocol", () => {
  const hanging = (...documents: readonly string[]): readonly string[] =>
    inShort(findingsIn(together(...documents), [serverFirstUndeclared]));

  test("is known by any word of the port's name, by appProtocol, and by its number", () => {
    expect(hanging(meshNamespace, service("{ name: smtp-out, port: 2525 }"))).toEqual(["MG0316 Service shop/mail spec.ports[0].name"]);
    expect(hanging(meshNamespace, service("{ name: db-mysql, port: 4000 }"))).toHaveLength(1);
    expect(hanging(meshNamespace, service("{ name: x, appProtocol: ssh, port: 2222 }"))).toEqual([
      "MG0316 Service shop/mail spec.ports[0].appProtocol",
    ]);
    expect(hanging(meshNamespace, service("{ port: 143 }"))).toHaveLength(1);
  });

  test("is no matter where the port says what it is, or Istio knows the number", () => {
    for (const port of [
      "{ name: tcp-smtp, port: 587 }",
      "{ name: smtp, port: 25 }",
      "{ name: mysql, port: 4000 }",
      "{ name: x, appProtocol: tcp, port: 22 }",
    ]) {
      expect(hanging(meshNamespace, service(port))).toEqual([]);
    }
  });

  test("is not mistaken for what lies beside it", () => {
    for (const port of [
      "{ name: nats-metrics, port: 7777 }",
      "{ name: web, port: 8080 }",
      "{ name: smtp, port: 587, protocol: UDP }",
      "{ name: postgres, port: 5432 }",
    ]) {
      expect(hanging(meshNamespace, service(port))).toEqual([]);
    }
  });

  test("is left alone outside the mesh, and told where that cannot be known", () => {
    const port = service("{ name: smtp, port: 587 }");
    expect(hanging(meshNamespace.replace("enabled", "disabled"), port)).toEqual([]);
    expect(hanging(port)).toHaveLength(1);
    expect(hanging(meshNamespace, port, pods().replace("app: mail }", 'app: mail, sidecar.istio.io/inject: "false" }'))).toEqual([]);
    expect(hanging(meshNamespace, port, pods())).toHaveLength(1);
    expect(hanging(port.replaceAll("shop", "kube-system"))).toEqual([]);
  });
});

describe("a server that speaks first in permissive mode", () => {
  const peers = (mode: string, more = ""): string => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: ${mode} }${more} }`;
  const mysql = service("{ name: mysql, port: 3306 }");
  const hanging = (...documents: readonly string[]): readonly string[] =>
    said(together(meshNamespace, ...documents), serverFirstPermissive);

  test("makes callers without a sidecar hang: a warning where somebody wrote PERMISSIVE, else a note", () => {
    expect(hanging(mysql, pods(), peers("PERMISSIVE"))).toEqual([
      "warning: PeerAuthentication shop/default sets PERMISSIVE, and in MySQL (port 3306) the server speaks first: callers without a sidecar hang.",
    ]);
    expect(hanging(mysql, pods())).toEqual([
      "note: nothing sets a mode, so it is PERMISSIVE, and in MySQL (port 3306) the server speaks first: callers without a sidecar hang.",
    ]);
  });

  test("is no matter in STRICT and DISABLE, by port too, and the port is the pods'", () => {
    expect(hanging(mysql, pods(), peers("STRICT"))).toEqual([]);
    expect(hanging(mysql, pods(), peers("DISABLE"))).toEqual([]);
    const byPort = peers("PERMISSIVE", ", selector: { matchLabels: { app: mail } }, portLevelMtls: { 3307: { mode: STRICT } }");
    expect(hanging(service("{ name: mysql, port: 3306, targetPort: 3307 }"), pods(), byPort)).toEqual([]);
    expect(hanging(mysql, pods(), byPort)).toHaveLength(1);
  });

  test("is no matter where no proxy stands before the port, or the server does not speak first", () => {
    expect(hanging(mysql, pods(), peers("PERMISSIVE")).length).toBe(1);
    expect(hanging(mysql, pods(", annotations: { traffic.sidecar.istio.io/excludeInboundPorts: '3306' }"), peers("PERMISSIVE"))).toEqual(
      [],
    );
    expect(hanging(mysql, peers("PERMISSIVE"))).toEqual([]);
    expect(hanging(service("{ name: tcp-postgres, port: 5432 }"), pods(), peers("PERMISSIVE"))).toEqual([]);
  });
});

describe("HTTP routes", () => {
  const pricing = (...ports: readonly string[]): string => `
apiVersion: v1
kind: Service
metadata: { name: pricing, namespace: shop }
spec: { selector: { app: pricing }, ports: [${ports.join(", ")}] }`;
  const tcp = "{ name: tcp-api, port: 8080 }";
  const http = "{ name: http-web, port: 80 }";
  const dead = (...documents: readonly string[]): readonly string[] => inShort(findingsIn(together(...documents), [httpRoutesWithoutHttp]));

  test("never apply to a port that is declared as bytes", () => {
    expect(dead(pricing(tcp), routes(route("timeout: 2s")))).toEqual(["MG0318 VirtualService shop/pricing spec.http[0]"]);
    for (const port of ["{ name: https, port: 443 }", "{ name: x, appProtocol: tcp, port: 80 }", "{ name: redis, port: 6379 }"]) {
      expect(dead(pricing(port), routes(route("timeout: 2s")))).toHaveLength(1);
    }
  });

  test("apply to HTTP in all its names, and to what Istio finds out by itself", () => {
    for (const port of [
      "{ name: grpc-api, port: 80 }",
      "{ port: 80 }",
      "{ name: web, port: 80 }",
      "{ name: x, appProtocol: kubernetes.io/h2c, port: 80 }",
    ]) {
      expect(dead(pricing(port), routes(route("timeout: 2s")))).toEqual([]);
    }
  });

  test("are judged by the ports that they name", () => {
    expect(dead(pricing(tcp, http), routes(route("timeout: 2s")))).toEqual([]);
    expect(dead(pricing(tcp, http), routes(route("match: [{ port: 80 }]")))).toEqual([]);
    expect(dead(pricing(tcp, http), routes(`${route("match: [{ port: 80 }]")}, ${route("match: [{ port: 8080 }]")}`))).toEqual([
      "MG0318 VirtualService shop/pricing spec.http[1]",
    ]);
    expect(dead(pricing(tcp, http), routes(route("match: [{ port: 9999 }]")))).toEqual([]);
  });

  test("of gateways are read there: only sidecars go by the port", () => {
    expect(dead(pricing(tcp), routes(route("timeout: 2s"), "hosts: [pricing], gateways: [istio-system/edge]"))).toEqual([]);
    expect(
      dead(
        pricing(tcp),
        routes(route("match: [{ gateways: [istio-system/edge] }]"), "hosts: [pricing], gateways: [istio-system/edge, mesh]"),
      ),
    ).toEqual([]);
  });

  test("for hosts that are not all known are left alone", () => {
    expect(dead(pricing(tcp), routes(route("timeout: 2s"), "hosts: [pricing, stock]"))).toEqual([]);
    expect(dead(pricing(tcp), routes(route("timeout: 2s"), 'hosts: ["*.shop.svc.cluster.local"]'))).toEqual([]);
    expect(dead(routes(route("timeout: 2s")))).toEqual([]);
  });

  test("for an external host go by the ServiceEntry's protocol", () => {
    const entry = (protocol: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: api, namespace: shop }
spec: { hosts: [api.example.no], ports: [{ number: 443, name: x, protocol: ${protocol} }], resolution: DNS }`;
    const external = routes(route("timeout: 2s"), "hosts: [api.example.no]");
    expect(dead(entry("TLS"), external)).toHaveLength(1);
    expect(dead(entry("HTTP"), external)).toEqual([]);
  });
});
