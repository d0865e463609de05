import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AuthorizationPolicy, type AuthorizationPolicySpec, type AuthorizationRule } from "../../lib/istio/authorization-policy";
import { authorizationPolicyKind } from "../../lib/istio/authorization-policy-spec";
import type { PeerAuthenticationSpec } from "../../lib/istio/peer-authentication";
import { peerAuthenticationKind } from "../../lib/istio/peer-authentication-spec";
import type { JwtRule } from "../../lib/istio/request-authentication";
import { requestAuthenticationKind } from "../../lib/istio/request-authentication-spec";
import { chartFor, lines } from "./samples";

const matchLabels = { "example.no/service": "pricing" };

describe("PeerAuthentication", () => {
  const ofSpec = (spec: PeerAuthenticationSpec): readonly string[] => lines(peerAuthenticationKind.spec("spec", spec));

  test("differs from port to port only for some pods", () => {
    expect(ofSpec({ portLevelMtls: { 9090: { mode: "PERMISSIVE" } } })).toMatchInlineSnapshot(`
      [
        "spec.portLevelMtls: needs a selector with matchLabels: ports differ from pod to pod.",
      ]
    `);
    expect(ofSpec({ selector: { matchLabels: {} }, portLevelMtls: { 9090: {} } })).toHaveLength(1);
    expect(ofSpec({ selector: { matchLabels }, portLevelMtls: {} })).toMatchInlineSnapshot(`
      [
        "spec.portLevelMtls: got no port, expected at least one.",
      ]
    `);
    expect(ofSpec({ selector: { matchLabels }, portLevelMtls: { 9090: { mode: "PERMISSIVE" } } })).toEqual([]);
  });

  test("takes every port and nothing else", () => {
    const port = (key: string): number => ofSpec({ selector: { matchLabels }, portLevelMtls: { [key]: { mode: "STRICT" } } }).length;
    fc.assert(fc.property(fc.integer({ min: 1, max: 65535 }), (number) => port(`${number}`) === 0));
    for (const key of ["0", "65536", "-1", "http", "080", "8080.5", ""]) expect(port(key)).toBe(1);
  });

  test("selects without wildcards", () => {
    expect(ofSpec({ selector: { matchLabels: { app: "*" } } })).toMatchInlineSnapshot(`
      [
        "spec.selector.matchLabels.app: got "*", expected a label value: at most 63 letters, digits, dashes, underscores and dots, starting and ending with a letter or digit.",
      ]
    `);
    expect(ofSpec({ selector: { matchLabels: { "*": "x" } } })).toHaveLength(1);
  });
});

describe("AuthorizationPolicy", () => {
  const ofSpec = (spec: AuthorizationPolicySpec): readonly string[] => lines(authorizationPolicyKind.spec("spec", spec));
  const ofRule = (rule: AuthorizationRule): readonly string[] => ofSpec({ rules: [rule] });

  test("names every problem at once", () => {
    const rules = [{ from: [{ source: { principals: [""], ipBlocks: ["10.0.0.0/33"] } }], to: [{ operation: { ports: ["http"] } }] }];
    expect(() => new AuthorizationPolicy(chartFor("1.30.3", "1.36"), "Callers", { spec: { rules } })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/Callers: 3 invalid props
        spec.rules[0].from[0].source.ipBlocks[0]: got "10.0.0.0/33", expected an address range such as 10.0.5.0/24, or an address.
        spec.rules[0].from[0].source.principals[0]: got "", expected text that is not empty.
        spec.rules[0].to[0].operation.ports[0]: got "http", expected a port from 1 to 65535, as text: "8080".]
    `);
  });

  test("may match every request, or let nobody in", () => {
    expect([ofSpec({}), ofSpec({ rules: [{}] }), ofSpec({ action: "DENY", rules: [{}] })].flat()).toEqual([]);
  });

  test("that denies has rules", () => {
    expect(ofSpec({ action: "DENY" })).toMatchInlineSnapshot(`
      [
        "spec.rules: got none, expected at least one, because DENY without rules does nothing. Use {} for every request.",
      ]
    `);
  });

  test("that leaves the decision to others names them, and knows no caller", () => {
    expect(ofSpec({ action: "CUSTOM", rules: [{}] })).toMatchInlineSnapshot(`
      [
        "spec.provider: got nothing, expected a provider of the mesh's configuration, because the action is CUSTOM.",
      ]
    `);
    expect(ofSpec({ provider: { name: "opa" }, rules: [{}] })).toMatchInlineSnapshot(`
      [
        "spec.provider: got {"name":"opa"}, expected nothing, because the action is not CUSTOM.",
      ]
    `);
    const rules = [{ from: [{ source: { principals: ["*"] } }], when: [{ key: "request.auth.claims[iss]", values: ["x"] }] }];
    expect(ofSpec({ action: "CUSTOM", provider: { name: "opa" }, rules })).toMatchInlineSnapshot(`
      [
        "spec.rules[0].from[0].source.principals: got ["*"], expected nothing, because CUSTOM decides before the caller is known.",
        "spec.rules[0].when[0].key: got "request.auth.claims[iss]", expected another key, because CUSTOM decides before the caller is known.",
      ]
    `);
  });

  test("says something of the caller and of what is called", () => {
    expect(ofRule({ from: [{ source: {} }] })).toMatchInlineSnapshot(`
      [
        "spec.rules[0].from[0].source: is empty, expected at least one condition.",
      ]
    `);
    expect(ofRule({ from: [] })).toHaveLength(1);
    expect(ofRule({ to: [{ operation: { paths: [] } }] })).toHaveLength(1);
  });

  test("names service accounts instead of principals", () => {
    expect(ofRule({ from: [{ source: { serviceAccounts: ["shop/payment"], namespaces: ["shop"] } }] })).toMatchInlineSnapshot(`
      [
        "spec.rules[0].from[0].source.namespaces: got ["shop"], expected nothing, because service accounts say it already.",
      ]
    `);
    for (const account of ["*", "shop/*", "a/b/c", "/a", "a/", ""])
      expect(ofRule({ from: [{ source: { serviceAccounts: [account] } }] })).toHaveLength(1);
  });

  test("takes path templates", () => {
    const path = (text: string): number => ofRule({ to: [{ operation: { paths: [text] } }] }).length;
    for (const good of ["/api/*", "*", "/users/{*}/cart", "/files/{**}", "/{*}/{**}"]) expect([good, path(good)]).toEqual([good, 0]);
    for (const bad of ["", "/{id}", "/{**}/{*}", "/{**}/a/{**}", "/a{*}", "/{*}/a*b"]) expect([bad, path(bad)]).toEqual([bad, 1]);
  });

  test("knows the attributes of a request", () => {
    const when = (key: string, ...values: readonly string[]): readonly string[] => ofRule({ when: [{ key, values }] });
    expect(
      [
        when("source.ip", "10.0.5.0/24"),
        when("destination.port", "80"),
        when("request.headers[x]", "*"),
        when("connection.sni", "a"),
      ].flat(),
    ).toEqual([]);
    expect(when("source.ipp", "10.0.5.7")).toMatchInlineSnapshot(`
      [
        "spec.rules[0].when[0].key: got "source.ipp", expected one of source.ip, remote.ip, source.namespace, source.principal, source.serviceAccount, source.trustDomain, request.auth.principal, request.auth.audiences, request.auth.presenter, destination.ip, destination.port, connection.sni, request.headers[<name>], request.auth.claims[<name>]. Did you mean "source.ip"?",
      ]
    `);
    expect(when("source.ip", "all")).toMatchInlineSnapshot(`
      [
        "spec.rules[0].when[0].values[0]: got "all", expected an address range such as 10.0.5.0/24, or an address.",
      ]
    `);
    expect(ofRule({ when: [{ key: "source.ip" }] })).toMatchInlineSnapshot(`
      [
        "spec.rules[0].when[0]: got nothing, expected values or notValues for source.ip.",
      ]
    `);
    for (const key of ["destination.labels[version]", "request.headers", "request.headers[]"]) expect(when(key, "x")).toHaveLength(1);
  });

  test("is for one thing", () => {
    const targetRefs = [{ kind: "Gateway", group: "gateway.networking.k8s.io", name: "edge" }] as const;
    expect(ofSpec({ targetRefs })).toEqual([]);
    expect(ofSpec({ targetRefs, selector: { matchLabels } })).toMatchInlineSnapshot(`
      [
        "spec: got selector and targetRefs, expected at most one of selector, targetRef, targetRefs.",
      ]
    `);
    expect(ofSpec({ targetRefs: [{ kind: "Gateway", name: "edge" }] })).toMatchInlineSnapshot(`
      [
        "spec.targetRefs[0]: got Gateway, expected a Service, networking.istio.io/ServiceEntry, gateway.networking.k8s.io/Gateway or gateway.networking.k8s.io/GatewayClass.",
      ]
    `);
  });

  test("runs dry only where it can", () => {
    const dry =
      (action: "ALLOW" | "AUDIT", flag: string): (() => AuthorizationPolicy) =>
      () =>
        new AuthorizationPolicy(chartFor("1.30.3", "1.36"), "Callers", {
          metadata: { annotations: { "istio.io/dry-run": flag } },
          spec: { action, rules: [{}] },
        });
    expect(dry("ALLOW", "true")).not.toThrow();
    expect(dry("ALLOW", "yes")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/Callers: 1 invalid prop
        metadata.annotations["istio.io/dry-run"]: got "yes", expected "true" or "false".]
    `);
    expect(dry("AUDIT", "true")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop/Callers: 1 invalid prop
        metadata.annotations["istio.io/dry-run"]: got "true", expected nothing, because AUDIT cannot run dry.]
    `);
  });

  test("takes any address and range", () => {
    const range = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, bits]) => `${address}/${bits}`),
    );
    fc.assert(
      fc.property(range, (text) => {
        expect(ofRule({ from: [{ source: { ipBlocks: [text] } }] })).toEqual([]);
      }),
    );
  });
});

describe("RequestAuthentication", () => {
  const ofRule = (rule: JwtRule): readonly string[] => lines(requestAuthenticationKind.spec("spec", { jwtRules: [rule] }));

  test("knows an issuer or an address of keys", () => {
    expect(ofRule({})).toMatchInlineSnapshot(`
      [
        "spec.jwtRules[0]: got none, expected at least one of issuer, jwksUri, jwks_uri.",
      ]
    `);
    expect([ofRule({ issuer: "shop" }), ofRule({ jwksUri: "https://id.example.no/keys" })].flat()).toEqual([]);
  });

  test("takes keys from one place", () => {
    expect(ofRule({ issuer: "shop", jwksUri: "https://id.example.no/keys", jwks: '{"keys":[]}' })).toMatchInlineSnapshot(`
      [
        "spec.jwtRules[0]: got jwksUri and jwks, expected at most one of jwksUri, jwks_uri, jwks.",
      ]
    `);
    expect(ofRule({ issuer: "shop", jwksUri: "id.example.no/keys" })).toMatchInlineSnapshot(`
      [
        "spec.jwtRules[0].jwksUri: got "id.example.no/keys", expected an address with http:// or https://, at most 2048 characters.",
      ]
    `);
    for (const jwks of ["", "keys", "[]", "{}"]) expect(ofRule({ issuer: "shop", jwks })).toHaveLength(1);
  });

  test("refuses the second name of a field, and names the first", () => {
    expect(ofRule({ issuer: "shop", jwks_uri: "https://id.example.no" } as JwtRule)).toMatchInlineSnapshot(`
      [
        "spec.jwtRules[0].jwks_uri: unknown prop. Did you mean "jwksUri"?",
      ]
    `);
  });
});
