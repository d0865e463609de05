import { describe, expect, test } from "vitest";
import type { Rule } from "../../../lib/checks/rule";
import { retryAmplification } from "../../../lib/checks/rules/traffic/mg0310-retry-amplification";
import { deadlineTooLong } from "../../../lib/checks/rules/traffic/mg0311-deadline-too-long";
import { noInnerTimeout } from "../../../lib/checks/rules/traffic/mg0312-no-inner-timeout";
import { unknownCall } from "../../../lib/checks/rules/traffic/mg0319-unknown-call";
import { type Around, findingsIn, inShort } from "../checked";

const together = (...documents: readonly string[]): string => documents.join("\n---\n");
const said = (rule: Rule, documents: readonly string[], around?: Around): readonly string[] =>
  findingsIn(together(...documents), [rule], around).map(({ severity, message }) => `${severity}: ${message}`);

/** Calls such as `a>b`, with a Service of HTTP for each name. */
const system = (...calls: readonly string[]): string => {
  const pairs = calls.map((call) => call.split(">"));
  const entries = pairs.map(([from, to]) => `{ from: { name: ${from} }, to: { name: ${to} } }`);
  const graph = `apiVersion: meshground.io/v1\nkind: CallGraph\nmetadata: { name: calls, namespace: shop }\nspec: { calls: [${entries.join(", ")}] }`;
  return together(graph, ...[...new Set(pairs.flat())].map((name) => service(name)));
};
const service = (name = "", port = "http", more = ""): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { selector: { app: ${name} }, ports: [{ name: ${port}, port: 80 }]${more} }`;
/** A VirtualService for sidecars, with what its one route says. */
const to = (host: string, says: string, more = ""): string =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: ${host}, namespace: shop }\nspec: { hosts: [${host}], http: [{ route: [{ destination: { host: ${host} } }], ${says} }]${more} }`;
const edge = (host: string, says: string): string =>
  to(host, says, ", gateways: [istio-system/edge]").replace(`name: ${host},`, `name: edge-${host},`);
const retries = (attempts: number, on = "5xx"): string => `retries: { attempts: ${attempts}, retryOn: "${on}" }`;

describe("retries along a chain", () => {
  const amplified = (documents: readonly string[], around?: Around): readonly string[] => said(retryAmplification, documents, around);

  test("multiply", () => {
    expect(amplified([system("a>b", "b>c", "c>d"), to("b", retries(3)), to("c", retries(0)), to("d", retries(3))])).toEqual([
      "warning: one request becomes up to 16 to shop/d: shop/a to shop/b 4 tries by VirtualService shop/b spec.http[0], shop/c to shop/d 4 tries by VirtualService shop/d spec.http[0].",
    ]);
  });

  test("count Istio's own two where nothing is set: a note, because they see few failures", () => {
    expect(amplified([system("a>b", "b>c", "c>d")])).toEqual([
      "note: one request becomes up to 27 to shop/d: shop/a to shop/b 3 tries, Istio's own, shop/b to shop/c 3 tries, Istio's own, shop/c to shop/d 3 tries, Istio's own.",
    ]);
    expect(amplified([system("a>b", "b>c")])).toEqual([]);
  });

  test("of Istio's own see what is passed on up to 1.23, and between gRPC services", () => {
    expect(amplified([system("a>b", "b>c", "c>d")], { istio: "1.23" })[0]).toMatch(/^warning/);
    const grpc = system("a>b", "b>c", "c>d").replaceAll("name: http,", "name: grpc,");
    expect(amplified([grpc])[0]).toMatch(/^warning/);
  });

  test("are none with attempts of 0, where bytes are passed through, and where the caller has no proxy", () => {
    const chain = system("a>b", "b>c", "c>d");
    expect(amplified([chain, to("c", retries(0))])).toEqual([]);
    expect(amplified([chain.replace(service("c"), service("c", "tcp-c"))])).toEqual([]);
    const outside =
      'apiVersion: v1\nkind: Pod\nmetadata: { name: b, namespace: shop, labels: { app: b, sidecar.istio.io/inject: "false" } }\nspec: {}';
    expect(amplified([chain, outside])).toEqual([]);
  });

  test("begin at the gateway", () => {
    expect(amplified([system("a>b"), edge("a", retries(3)), to("b", retries(3))])[0]).toContain(
      "gateway istio-system/edge to shop/a 4 tries",
    );
  });

  test("follow the mesh's own policy where a route names none", () => {
    const meshConfig = "defaultHttpRetryPolicy: { attempts: 0 }";
    expect(amplified([system("a>b", "b>c", "c>d")], { meshConfig })).toEqual([]);
    expect(amplified([system("a>b", "b>c")], { meshConfig: "defaultHttpRetryPolicy: { attempts: 4, retryOn: 5xx }" })[0]).toContain(
      "25 to shop/c",
    );
  });

  test("are told once for each end, by the worst way that leads there", () => {
    const documents = [system("a>b", "a>c", "b>d", "c>d"), to("b", retries(3)), to("d", retries(4))];
    expect(inShort(findingsIn(together(...documents), [retryAmplification]))).toEqual([
      "MG0310 VirtualService shop/d spec.http[0].retries",
    ]);
    expect(amplified(documents)[0]).toContain("up to 20");
  });

  test("do not go round in circles for ever", () => {
    expect(amplified([system("a>b", "b>c", "c>a", "c>d"), to("b", retries(9)), to("d", retries(9))])[0]).toContain("up to 300 to shop/d");
  });
});

describe("a deadline", () => {
  const late = (...documents: readonly string[]): readonly string[] => said(deadlineTooLong, documents);

  test("is too long where nobody waits for the caller that long", () => {
    expect(late(system("a>b", "b>c"), to("b", "timeout: 1s"), to("c", "timeout: 5s"))).toEqual([
      "warning: shop/b may wait 5s for shop/c, and nobody waits for shop/b longer than 1s (the timeout of shop/a to shop/b, VirtualService shop/b spec.http[0]).",
    ]);
    expect(late(system("a>b", "b>c"), to("b", "timeout: 1s"), to("c", "timeout: 1s"))).toEqual([]);
  });

  test("reaches through hops without one", () => {
    expect(late(system("a>b", "b>c", "c>d"), to("b", "timeout: 1s"), to("d", "timeout: 5s"))).toHaveLength(1);
  });

  test("is not asked of services that call each other: they hardly do so within one request", () => {
    expect(late(system("a>b", "b>c", "c>b"), to("b", "timeout: 3s"), to("c", "timeout: 1s"))).toEqual([]);
    expect(said(noInnerTimeout, [system("a>b", "b>c", "c>b"), to("c", "timeout: 1s")])).toEqual([]);
  });

  test("is the limit of a try where there is one", () => {
    const perTry = "timeout: 2s, retries: { attempts: 3, perTryTimeout: 400ms, retryOn: 5xx }";
    expect(late(system("a>b", "b>c"), to("b", perTry), to("c", "timeout: 1s"))[0]).toContain(
      "longer than 400ms (the limit of a try of shop/a to shop/b,",
    );
  });

  test("holds where all tries of the inner hop end in time, without a timeout of its own", () => {
    const tries = "retries: { attempts: 1, perTryTimeout: 400ms, retryOn: 5xx }";
    expect(late(system("a>b", "b>c"), to("b", "timeout: 1s"), to("c", tries))).toEqual([]);
    expect(late(system("a>b", "b>c"), to("b", "timeout: 800ms"), to("c", tries))[0]).toContain("may wait 825ms");
  });

  test("is a note where one caller waits so short, and another does not", () => {
    const documents = [system("a>c", "b>c", "c>d"), to("d", "timeout: 5s")];
    const routes = to("c", "timeout: 1s, match: [{ sourceNamespace: shop }]");
    expect(late(...documents, routes)[0]).toMatch(/^warning/);
    const elsewhere = routes.replace("http: [", "http: [").replace("sourceNamespace: shop", "sourceNamespace: stock");
    expect(late(...documents, elsewhere)).toEqual([]);
    expect(late(...documents, to("c", "timeout: 1s"), edge("c", "timeout: 9s"))[0]).toMatch(
      /^note: .*some requests to shop\/c are given up after 1s/,
    );
  });

  test("is nobody's where requests come in by a way without one", () => {
    expect(
      late(system("a>b", "b>c"), to("b", "timeout: 1s"), to("c", "timeout: 5s"), service("b", "http", ", type: LoadBalancer"))[0],
    ).toMatch(/^note/);
  });

  test("is judged only where every route that may be meant is too long", () => {
    const two =
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: c, namespace: shop }\nspec: { hosts: [c], http: [{ match: [{ uri: { prefix: /report } }], route: [{ destination: { host: c } }], timeout: 60s }, { route: [{ destination: { host: c } }], timeout: 500ms }] }";
    expect(late(system("a>b", "b>c"), to("b", "timeout: 1s"), two)).toEqual([]);
    expect(late(system("a>b", "b>c"), to("b", "timeout: 300ms"), two)[0]).toContain("may wait 500ms");
  });

  test("is read through delegates, which inherit from their root", () => {
    const root =
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: root, namespace: shop }\nspec: { hosts: [c], http: [{ delegate: { name: c-routes }, timeout: 7s }] }";
    const delegate =
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: c-routes, namespace: shop }\nspec: { http: [{ route: [{ destination: { host: c } }] }] }";
    expect(late(system("a>b", "b>c"), to("b", "timeout: 1s"), root, delegate)[0]).toContain("may wait 7s");
  });

  test("is the one of the port that is called", () => {
    const called = system("a>b", "b>c").replace("to: { name: c }", "to: { name: c, port: 80 }");
    expect(late(called, to("b", "timeout: 1s"), to("c", "timeout: 5s, match: [{ port: 81 }]"))).toEqual([]);
    expect(late(called, to("b", "timeout: 1s"), to("c", "timeout: 5s, match: [{ port: 80 }]"))).toHaveLength(1);
  });

  test("is not seen by callers that the route is not exported to", () => {
    expect(late(system("a>b", "b>c"), to("b", "timeout: 1s"), to("c", "timeout: 5s", ", exportTo: [stock]"))).toEqual([]);
  });
});

describe("a hop without a timeout", () => {
  const endless = (...documents: readonly string[]): readonly string[] => said(noInnerTimeout, documents);

  test("is told behind one that has a limit", () => {
    expect(endless(system("a>b", "b>c"), to("b", "timeout: 1s"))).toEqual([
      "note: no VirtualService sets a timeout: shop/b waits for shop/c without end, while nobody waits for shop/b longer than 1s.",
    ]);
    expect(inShort(findingsIn(together(system("a>b", "b>c"), to("b", "timeout: 1s"), to("c", "timeout: 0s")), [noInnerTimeout]))).toEqual([
      "MG0312 VirtualService shop/c spec.http[0]",
    ]);
  });

  test("is no matter where nobody waits for a limited time, or not everybody does", () => {
    expect(endless(system("a>b", "b>c"))).toEqual([]);
    expect(endless(system("a>b", "b>c"), to("c", "timeout: 1s"))).toEqual([]);
    expect(endless(system("a>b", "b>c"), to("b", "timeout: 1s"), edge("b", "headers: {}"))).toEqual([]);
  });

  test("is not asked of bytes, nor of what is not known", () => {
    const chain = system("a>b", "b>c");
    expect(endless(chain.replace(service("c"), service("c", "mysql")), to("b", "timeout: 1s"))).toEqual([]);
    expect(endless(chain.replace(service("c"), "kind: x"), to("b", "timeout: 1s"))).toEqual([]);
    expect(endless(chain, to("b", "timeout: 1s"), to("c", "timeout: soon"))).toEqual([]);
  });
});

describe("what routes of the Gateway API say", () => {
  const httpRoute = (parent: string, more: string): string =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: b, namespace: shop }\nspec: { parentRefs: [${parent}], rules: [{ backendRefs: [{ name: b, port: 80 }]${more} }] }`;
  const late = (...documents: readonly string[]): readonly string[] => said(deadlineTooLong, documents);

  test("counts at gateways", () => {
    expect(late(system("b>c"), httpRoute("{ name: edge }", ", timeouts: { request: 1s }"), to("c", "timeout: 5s"))[0]).toContain(
      "1s (the timeout of gateway shop/edge to shop/b, HTTPRoute",
    );
    expect(late(system("a>b", "b>c"), to("b", "timeout: 1s"), httpRoute("{ name: edge }", ""), to("c", "timeout: 5s"))[0]).toMatch(/^note/);
  });

  test("is not read for sidecars, so nothing is said of such hops", () => {
    const documents = [
      system("a>b", "b>c"),
      httpRoute("{ kind: Service, group: '', name: b }", ""),
      to("b", "timeout: 1s"),
      to("c", "timeout: 5s"),
    ];
    expect(late(...documents)).toEqual([]);
  });
});

test("nothing is said of callers in the ambient mesh: their proxy reads no HTTP", () => {
  const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio.io/dataplane-mode: ambient } }";
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }\nspec: {}`;
  expect(said(retryAmplification, [system("a>b", "b>c", "c>d"), namespace, pod("a"), pod("b"), pod("c")])).toEqual([]);
});

describe("a declared call", () => {
  const unknown = (yaml: string, around?: Around): readonly string[] => inShort(findingsIn(yaml, [unknownCall], around));

  test("names Services that are there, or declared to be elsewhere", () => {
    const call = system("a>b").replace(service("b"), "kind: x");
    expect(unknown(call)).toEqual(["MG0319 CallGraph shop/calls spec.calls[0].to"]);
    expect(unknown(call, { externals: ["Service shop/b"] })).toEqual([]);
    expect(unknown(system("a>b"))).toEqual([]);
  });

  test("that lacks an end is told, not passed over in silence", () => {
    expect(unknown(system("a>b").replace("to: { name: b }", "to: b"))).toEqual(["MG0319 CallGraph shop/calls spec.calls[0]"]);
  });
});
