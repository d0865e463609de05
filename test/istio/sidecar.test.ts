import { describe, expect, test } from "vitest";
import type { IstioIngressListener, SidecarSpec } from "../../lib/istio/sidecar";
import { sidecarKind } from "../../lib/istio/sidecar-spec";
import { lines } from "./samples";

const ofSpec = (spec: SidecarSpec): readonly string[] => lines(sidecarKind.spec("spec", spec));
const ofIngress = (listener: Partial<IstioIngressListener>): readonly string[] =>
  ofSpec({ ingress: [{ port: { number: 8443, protocol: "HTTPS" }, ...listener }] });

test("says something", () => {
  expect(ofSpec({})).toMatchInlineSnapshot(`
    [
      "spec: is empty, expected at least one of egress, ingress, outboundTrafficPolicy, inboundConnectionPool.",
    ]
  `);
  expect(ofSpec({ egress: [] })).toHaveLength(1);
});

describe("an egress host", () => {
  test.each(["./*", "*/*", "~/*", "~shop/*", "istio-system/*", "shop/pricing.shop.svc.cluster.local", "shop/*.example.no"])(
    "may be %s",
    (host) => {
      expect(ofSpec({ egress: [{ hosts: [host] }] })).toEqual([]);
    },
  );

  test.each(["pricing", "*", "shop/pricing", "shop/*pricing.example.no", "/a.b", "shop/", "Shop/*"])("may not be %s", (host) => {
    expect(ofSpec({ egress: [{ hosts: [host] }] })).toHaveLength(1);
  });
});

test("the egress listener for every port is the last", () => {
  expect(ofSpec({ egress: [{ hosts: ["./*"] }, { hosts: ["./*"], port: { number: 8080 } }] })).toMatchInlineSnapshot(`
    [
      "spec.egress[0].port: got nothing, expected a port: only the last listener may leave it out.",
    ]
  `);
});

test("listeners have ports of their own", () => {
  const port = { number: 8080, protocol: "HTTP" } as const;
  expect(ofSpec({ ingress: [{ port }, { port }] })).toMatchInlineSnapshot(`
    [
      "spec.ingress[1].port.number: got 8080, expected a value that occurs once in the list.",
    ]
  `);
  expect(
    ofSpec({
      egress: [
        { hosts: ["./*"], port },
        { hosts: ["./*"], port },
      ],
    }),
  ).toHaveLength(1);
});

test("a listener without a port number is a Unix socket, and the other way round", () => {
  expect(ofSpec({ egress: [{ hosts: ["./*"], port: { number: 0 } }] })).toMatchInlineSnapshot(`
    [
      "spec.egress[0].bind: got nothing, expected a Unix socket, because the port's number is 0.",
    ]
  `);
  expect(ofSpec({ egress: [{ hosts: ["./*"], port: { number: 80 }, bind: "unix:///run/a.sock" }] })).toMatchInlineSnapshot(`
    [
      "spec.egress[0].port.number: got 80, expected 0, because bind is a Unix socket.",
    ]
  `);
});

test("TLS of a sidecar is from files, on a port with TLS", () => {
  const files = { mode: "SIMPLE", serverCertificate: "/c", privateKey: "/k" } as const;
  expect(ofIngress({ tls: files })).toEqual([]);
  expect(ofIngress({ tls: { mode: "SIMPLE", credentialName: "a", httpsRedirect: true } })).toMatchInlineSnapshot(`
    [
      "spec.ingress[0].tls.httpsRedirect: got true, expected nothing, because sidecars do not support it.",
      "spec.ingress[0].tls.credentialName: got "a", expected nothing, because sidecars do not support it.",
    ]
  `);
  expect(ofIngress({ tls: { mode: "ISTIO_MUTUAL" } })).toMatchInlineSnapshot(`
    [
      "spec.ingress[0].tls.mode: got "ISTIO_MUTUAL", expected SIMPLE, MUTUAL, OPTIONAL_MUTUAL or PASSTHROUGH.",
    ]
  `);
  expect(ofIngress({ port: { number: 8080 }, tls: files })).toHaveLength(1);
});

describe("a default endpoint", () => {
  test.each(["127.0.0.1:8080", "0.0.0.0:1", "[::1]:65535", ":8080", "unix:///run/a.sock"])("may be %s", (defaultEndpoint) => {
    expect(ofIngress({ defaultEndpoint })).toEqual([]);
  });

  test.each(["10.0.0.1:8080", "127.0.0.1", "127.0.0.1:0", ":70000", "unix://"])("may not be %s", (defaultEndpoint) => {
    expect(ofIngress({ defaultEndpoint })).toHaveLength(1);
  });
});

test("an egress proxy is for calls that are let out, and has a port", () => {
  const egressProxy = { host: "egress.shop.svc.cluster.local" };
  expect(ofSpec({ outboundTrafficPolicy: { mode: "REGISTRY_ONLY", egressProxy } })).toMatchInlineSnapshot(`
    [
      "spec.outboundTrafficPolicy.egressProxy: got {"host":"egress.shop.svc.cluster.local"}, expected nothing, because the mode is not ALLOW_ANY.",
      "spec.outboundTrafficPolicy.egressProxy.port: got nothing, expected a port.",
    ]
  `);
  expect(ofSpec({ outboundTrafficPolicy: { mode: "ALLOW_ANY", egressProxy: { ...egressProxy, port: { number: 15443 } } } })).toEqual([]);
});
