import { describe, expect, test } from "vitest";
import { Gateway, type GatewayServer, type ServerTlsSettings } from "../../lib/istio/gateway";
import { gatewayKind } from "../../lib/istio/gateway-spec";
import { chartFor, lines } from "./samples";

const https = { number: 443, protocol: "HTTPS", name: "https" } as const;
const http = { number: 80, protocol: "HTTP", name: "http" } as const;
const ofServers = (...servers: readonly GatewayServer[]): readonly string[] => lines(gatewayKind.spec("spec", { servers }));
const ofTls = (tls: ServerTlsSettings): readonly string[] => ofServers({ port: https, hosts: ["*"], tls });

test("names every problem at once", () => {
  const servers = [{ port: { ...https, number: 70_000, protocol: "HTTPZ" }, hosts: [] }] as unknown as readonly GatewayServer[];
  expect(
    () => new Gateway(chartFor("1.30.3", "1.36"), "Edge", { metadata: { name: "edge.v1" }, spec: { servers } }),
  ).toThrowErrorMatchingInlineSnapshot(`
    [InvalidInput: shop/Edge: 4 invalid props
      metadata.name: got "edge.v1", expected a name of at most 63 characters (RFC 1123): lower-case letters, digits and dashes, starting and ending with a letter or digit.
      spec.servers[0].hosts: got [], expected at least one item.
      spec.servers[0].port.number: got 70000, expected a whole number from 0 to 65535.
      spec.servers[0].port.protocol: got "HTTPZ", expected one of "HTTP", "HTTPS", "HTTP2", "HTTP_PROXY", "GRPC", "GRPC-WEB", "TCP", "TLS", "UDP", "MONGO", "REDIS", "MYSQL". Did you mean "HTTP"?]
  `);
});

test("opens at least one port, each under a name of its own", () => {
  expect(ofServers()).toMatchInlineSnapshot(`
    [
      "spec.servers: got [], expected at least one item.",
    ]
  `);
  expect(ofServers({ port: http, hosts: ["*"] }, { port: { ...http, number: 8080 }, hosts: ["*"] })).toMatchInlineSnapshot(`
    [
      "spec.servers[1].port.name: got "http", expected a value that occurs once in the list.",
    ]
  `);
});

describe("a host", () => {
  test.each(["pay.example.no", "*.example.no", "*", "shop/pay.example.no", "./*", "*/pay.example.no", "10.0.0.1"])("may be %s", (host) => {
    expect(ofServers({ port: http, hosts: [host] })).toEqual([]);
  });

  test.each(["pay", "*pay.example.no", "shop/", "/pay.example.no", "Shop/pay.example.no", ""])("may not be %s", (host) => {
    expect(ofServers({ port: http, hosts: [host] })).toHaveLength(1);
  });
});

describe("TLS", () => {
  test("is there for HTTPS, and for HTTP only sends callers there", () => {
    expect(ofServers({ port: https, hosts: ["*"] })).toMatchInlineSnapshot(`
      [
        "spec.servers[0].tls: got nothing, expected settings, because the port speaks HTTPS.",
      ]
    `);
    expect(ofServers({ port: http, hosts: ["*"], tls: { httpsRedirect: true } })).toEqual([]);
    expect(ofServers({ port: http, hosts: ["*"], tls: { mode: "SIMPLE", credentialName: "pay-tls" } })).toMatchInlineSnapshot(`
      [
        "spec.servers[0].tls: got {"mode":"SIMPLE","credentialName":"pay-tls"}, expected only httpsRedirect, because the port speaks HTTP, without TLS.",
      ]
    `);
    expect(ofServers({ port: { ...http, protocol: "TCP" }, hosts: ["*"], tls: { httpsRedirect: true } })).toHaveLength(1);
  });

  test("that is opened has its certificate from one place", () => {
    expect(ofTls({ mode: "SIMPLE" })).toMatchInlineSnapshot(`
      [
        "spec.servers[0].tls.serverCertificate: got nothing, expected a file, because the mode is SIMPLE and there is no credentialName.",
        "spec.servers[0].tls.privateKey: got nothing, expected a file, because the mode is SIMPLE and there is no credentialName.",
      ]
    `);
    expect(ofTls({ mode: "MUTUAL", serverCertificate: "/c", privateKey: "/k" })).toMatchInlineSnapshot(`
      [
        "spec.servers[0].tls.caCertificates: got nothing, expected a file, because the mode is MUTUAL and there is no credentialName.",
      ]
    `);
    expect(ofTls({ mode: "SIMPLE", credentialName: "a", serverCertificate: "/c", privateKey: "/k" })).toMatchInlineSnapshot(`
      [
        "spec.servers[0].tls: got certificates by serverCertificate and credentialName, expected one of them.",
      ]
    `);
    expect(ofTls({ mode: "ISTIO_MUTUAL", credentialName: "a" })).toMatchInlineSnapshot(`
      [
        "spec.servers[0].tls.credentialName: got "a", expected nothing, because ISTIO_MUTUAL takes the certificates of the mesh.",
      ]
    `);
    for (const mode of ["SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"] as const) expect(ofTls({ mode, credentialName: "a" })).toEqual([]);
    for (const mode of ["PASSTHROUGH", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL"] as const) expect(ofTls({ mode })).toEqual([]);
  });

  test("takes two certificates at most", () => {
    expect(ofTls({ mode: "SIMPLE", credentialNames: ["a", "b"] })).toEqual([]);
    expect(ofTls({ mode: "SIMPLE", credentialNames: ["a", "b", "c"] })).toMatchInlineSnapshot(`
      [
        "spec.servers[0].tls.credentialNames: got 3 items, expected at most 2.",
      ]
    `);
  });
});

test("a Unix socket has no port number", () => {
  expect(ofServers({ port: { ...http, number: 0 }, hosts: ["*"], bind: "unix:///run/edge.sock" })).toEqual([]);
  expect(ofServers({ port: http, hosts: ["*"], bind: "unix:///run/edge.sock" })).toMatchInlineSnapshot(`
    [
      "spec.servers[0].port.number: got 80, expected 0, because bind is a Unix socket.",
    ]
  `);
  expect(ofServers({ port: { ...http, number: 0 }, hosts: ["*"] })).toMatchInlineSnapshot(`
    [
      "spec.servers[0].port.number: got 0, expected a port from 1 to 65535.",
    ]
  `);
});
