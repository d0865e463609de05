import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpRoute } from "../../lib/istio/http-route";
import type { HttpRetry, VirtualServiceSpec } from "../../lib/istio/virtual-service";
import { VirtualService } from "../../lib/istio/virtual-service";
import { virtualServiceKind } from "../../lib/istio/virtual-service-spec";
import { chartFor, lines } from "./samples";

const route = [{ destination: { host: "pricing" } }];
const ofRoute = (http: HttpRoute): readonly string[] => lines(virtualServiceKind.spec("spec", { hosts: ["pricing"], http: [http] }));
const ofRetries = (retries: HttpRetry): readonly string[] => ofRoute({ route, retries });
const ofSpec = (spec: VirtualServiceSpec): readonly string[] => lines(virtualServiceKind.spec("spec", spec));

test("names every problem at once, before anything is made", () => {
  const chart = chartFor("1.30.3", "1.36");
  const http = [
    { route: [{ destination: { host: "*" }, weight: -1 }], timeout: "0s", retries: { attempts: 1.5, retryOn: "5xx,resett" } },
  ] as const;
  expect(() => new VirtualService(chart, "Pricing", { spec: { hosts: ["under_score"], http } })).toThrowErrorMatchingInlineSnapshot(`
    [InvalidInput: shop/Pricing: 6 invalid props
      spec.hosts[0]: got "under_score", expected a host name such as pricing or *.example.no, or an address.
      spec.http[0].retries.attempts: got 1.5, expected a whole number from 0 to 2147483647.
      spec.http[0].retries.retryOn: got "5xx,resett", expected words with commas between and without spaces: 5xx, gateway-error, reset, reset-before-request, connect-failure, retriable-4xx, refused-stream, retriable-status-codes, retriable-headers, envoy-ratelimited, http3-post-connect-failure, cancelled, deadline-exceeded, internal, resource-exhausted, unavailable or HTTP status codes. Did you mean "reset"?
      spec.http[0].route[0].destination.host: got "*", expected a host name such as pricing or pricing.shop.svc.cluster.local.
      spec.http[0].route[0].weight: got -1, expected a whole number from 0 to 2147483647.
      spec.http[0].timeout: got "0s", expected a duration of at least 1ms, such as "500ms", "2s" or "1m".]
  `);
  expect(chart.node.children).toEqual([]);
});

test("refuses props without a spec", () => {
  const props = {} as unknown as { readonly spec: VirtualServiceSpec };
  expect(() => new VirtualService(chartFor("1.30.3", "1.36"), "Pricing", props)).toThrowErrorMatchingInlineSnapshot(`
    [InvalidInput: shop/Pricing: 1 invalid prop
      spec: got nothing, expected an object.]
  `);
});

describe("retries", () => {
  test("that are switched off say nothing more", () => {
    expect(ofRetries({ attempts: 0 })).toEqual([]);
    expect(ofRetries({ attempts: 0, perTryTimeout: "1s", retryOn: "5xx" })).toMatchInlineSnapshot(`
      [
        "spec.http[0].retries.perTryTimeout: got "1s", expected nothing, because attempts is 0 and nothing is repeated.",
        "spec.http[0].retries.retryOn: got "5xx", expected nothing, because attempts is 0 and nothing is repeated.",
      ]
    `);
    expect(ofRetries({ perTryTimeout: "1s" })).toHaveLength(1);
  });

  test("know Envoy's words and registered status codes, without spaces", () => {
    expect(ofRetries({ attempts: 1, retryOn: "5xx,gateway-error,retriable-headers,503,418" })).toEqual([]);
    expect(ofRetries({ attempts: 1, retryOn: "connect-failures" })).toMatchInlineSnapshot(`
      [
        "spec.http[0].retries.retryOn: got "connect-failures", expected words with commas between and without spaces: 5xx, gateway-error, reset, reset-before-request, connect-failure, retriable-4xx, refused-stream, retriable-status-codes, retriable-headers, envoy-ratelimited, http3-post-connect-failure, cancelled, deadline-exceeded, internal, resource-exhausted, unavailable or HTTP status codes. Did you mean "connect-failure"?",
      ]
    `);
    for (const retryOn of ["5xx, 503", "599", "306", "5xx,", "4xx"]) expect(ofRetries({ attempts: 1, retryOn })).toHaveLength(1);
  });
});

describe("a route", () => {
  test("goes somewhere", () => {
    expect(ofRoute({})).toMatchInlineSnapshot(`
      [
        "spec.http[0].route: got none, expected at least one destination, a redirect or a directResponse.",
      ]
    `);
    expect(ofRoute({ route: [] })).toHaveLength(1);
  });

  test("does one thing with its requests", () => {
    expect(ofRoute({ route, redirect: { uri: "/new" }, fault: { abort: { httpStatus: 503 } } })).toMatchInlineSnapshot(`
      [
        "spec.http[0].route: got [{"destination":{"host":"pricing"}}], expected nothing, because the route answers with a redirect.",
        "spec.http[0].fault: got {"abort":{"httpStatus":503}}, expected nothing, because the route answers with a redirect.",
      ]
    `);
    expect(ofRoute({ delegate: { name: "team" }, route })).toHaveLength(1);
    expect(ofRoute({ directResponse: { status: 200 }, rewrite: { uri: "/" } })).toHaveLength(1);
    expect(ofRoute({ route, mirror: { host: "a" }, mirrors: [{ destination: { host: "b" } }] })).toHaveLength(1);
  });

  test("gives one of several destinations some weight", () => {
    const weights = (...list: readonly number[]): readonly string[] =>
      ofRoute({ route: list.map((weight) => ({ destination: { host: "pricing" }, weight })) });
    expect(weights(0, 0)).toMatchInlineSnapshot(`
      [
        "spec.http[0].route: got weights that are all 0, expected at least one above 0.",
      ]
    `);
    expect([weights(0), weights(0, 1), weights(95, 5), weights(1, 1, 1)].flat()).toEqual([]);
    expect(weights(-1, 1)).toHaveLength(1);
    expect(weights(0.5, 1)).toHaveLength(1);
  });

  test("sets the authority in one place", () => {
    expect(ofRoute({ route, rewrite: { authority: "a" }, headers: { request: { set: { Host: "b" } } } })).toMatchInlineSnapshot(`
      [
        "spec.http[0]: sets the authority in rewrite.authority and Host, expected one place.",
      ]
    `);
  });

  test("replaces a prefix only where prefixes are matched", () => {
    const redirect = { prefixRewrite: "/new" };
    expect(ofRoute({ match: [{ uri: { exact: "/old" } }], redirect })).toMatchInlineSnapshot(`
      [
        "spec.http[0].redirect.prefixRewrite: replaces a prefix, but a match of the route compares the uri otherwise.",
      ]
    `);
    expect(ofRoute({ match: [{ uri: { prefix: "/old" } }], redirect })).toEqual([]);
  });

  test("takes header values with Envoy's variables, and refuses a lone percent sign", () => {
    const set = (value: string): readonly string[] => ofRoute({ route, headers: { request: { set: { "x-share": value } } } });
    for (const value of ["100%%", "%HOSTNAME%", '%UPSTREAM_METADATA(["a", "b"])%', "%REQ(x)% of %START_TIME%", ""])
      expect(set(value)).toEqual([]);
    for (const value of ["100%", "abc%123", "%START_TIME%%", "a\nb", "a\u0000"]) expect(set(value)).toHaveLength(1);
  });

  test("takes regular expressions of RE2", () => {
    const regex = (value: string): readonly string[] => ofRoute({ route, match: [{ uri: { regex: value } }] });
    for (const value of ["/v1/.*", "(?i)get", "[*+]", "\\(?x", "a|b", "\\*"]) expect(regex(value)).toEqual([]);
    for (const value of ["(?=a)", "(?<!a)b", "(a)\\1", "*", "a|*", "", "x".repeat(1025)]) expect(regex(value)).toHaveLength(1);
  });
});

describe("hosts", () => {
  test("are there, or the VirtualService is a delegate", () => {
    expect(ofSpec({ http: [{ route }] })).toEqual([]);
    expect(ofSpec({ gateways: ["edge"], http: [{ delegate: { name: "x" } }], tcp: [{ route }] })).toMatchInlineSnapshot(`
      [
        "spec.gateways: got ["edge"], expected nothing, because without hosts this is a delegate.",
        "spec.tcp: got [{"route":[{"destination":{"host":"pricing"}}]}], expected nothing, because without hosts this is a delegate.",
        "spec.http[0].delegate: got {"name":"x"}, expected nothing, because a delegate does not delegate on.",
      ]
    `);
    expect(ofSpec({ hosts: [], http: [{ route }] })).toMatchInlineSnapshot(`
      [
        "spec.hosts: got [], expected at least one item.",
      ]
    `);
  });

  test("are * only where no sidecar is meant", () => {
    expect(ofSpec({ hosts: ["*"], http: [{ route }] })).toMatchInlineSnapshot(`
      [
        "spec.hosts[0]: got "*", expected a narrower host, because the routes are for sidecars too.",
      ]
    `);
    expect(ofSpec({ hosts: ["*"], gateways: ["edge", "mesh"], http: [{ route }] })).toHaveLength(1);
    expect(ofSpec({ hosts: ["*"], gateways: ["istio-system/edge"], http: [{ route }] })).toEqual([]);
  });

  test("do not cover each other", () => {
    expect(ofSpec({ hosts: ["a.example.no", "*.example.no"], gateways: ["edge"], http: [{ route }] })).toMatchInlineSnapshot(`
      [
        "spec.hosts[1]: got "*.example.no", which overlaps "a.example.no".",
      ]
    `);
  });

  test("cover the names that TLS routes look for", () => {
    const tls = [{ match: [{ sniHosts: ["b.example.no"] }], route }];
    expect(ofSpec({ hosts: ["*.example.no"], tls })).toEqual([]);
    expect(ofSpec({ hosts: ["a.example.no"], tls })).toMatchInlineSnapshot(`
      [
        "spec.tls[0].match[0].sniHosts: got "b.example.no", expected one of the hosts: a.example.no.",
      ]
    `);
  });
});

test("claims of a JWT are for gateways", () => {
  const http = [{ match: [{ headers: { "@request.auth.claims.group": { exact: "admin" } } }], route }];
  expect(ofSpec({ hosts: ["a.example.no"], http })).toMatchInlineSnapshot(`
    [
      "spec.http[0].match[0]: looks at @request.auth.claims.group, but the routes are for sidecars too, and only gateways can.",
    ]
  `);
  expect(ofSpec({ hosts: ["a.example.no"], gateways: ["edge"], http })).toEqual([]);
});

test("there is a route", () => {
  expect(ofSpec({ hosts: ["pricing"], http: [] })).toMatchInlineSnapshot(`
    [
      "spec: got no route, expected at least one in http, tls or tcp.",
    ]
  `);
});

test("exportTo names each namespace once, and * alone", () => {
  const exportTo = (...list: readonly string[]): readonly string[] => ofSpec({ hosts: ["pricing"], http: [{ route }], exportTo: list });
  expect([exportTo("."), exportTo("*"), exportTo("shop", "."), exportTo()].flat()).toEqual([]);
  expect(exportTo("shop", "shop")).toMatchInlineSnapshot(`
    [
      "spec.exportTo[1]: got "shop", expected a value that occurs once in the list.",
    ]
  `);
  expect(exportTo("*", "shop")).toMatchInlineSnapshot(`
    [
      "spec.exportTo: "*" stands alone, without other namespaces.",
    ]
  `);
  expect(exportTo("~")).toHaveLength(1);
});

test("any whole number of milliseconds from one is a timeout", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 876_000 }), fc.constantFrom("ms", "s", "m", "h"), (amount, unit) => {
      expect(ofRoute({ route, timeout: `${amount}${unit as "ms"}` })).toEqual([]);
    }),
  );
  for (const timeout of ["0s", "0.5ms", "1.5ms", "-1s", "1d", "1", ""])
    expect(ofRoute({ route, timeout: timeout as "1s" })).toHaveLength(1);
});

test("any weights that are not all zero are taken", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 10 }), (weights) => {
      const problems = ofRoute({ route: weights.map((weight) => ({ destination: { host: "pricing" }, weight })) });
      expect(problems.length > 0).toBe(weights.length > 1 && weights.every((weight) => weight === 0));
    }),
  );
});

test("any DNS name is a host", () => {
  const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), fc.boolean(), (labels, wild) => {
      const host = [...(wild ? ["*"] : []), ...labels].join(".");
      expect(ofSpec({ hosts: [host], http: [{ route: [{ destination: { host } }] }] })).toEqual([]);
    }),
  );
});
