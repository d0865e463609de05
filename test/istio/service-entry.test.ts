import { describe, expect, test } from "vitest";
import type { ServiceEntrySpec } from "../../lib/istio/service-entry";
import { serviceEntryKind } from "../../lib/istio/service-entry-spec";
import { lines } from "./samples";

const tcp = { number: 5432, name: "postgres", protocol: "TCP" } as const;
const ofSpec = (spec: Partial<ServiceEntrySpec>): readonly string[] =>
  lines(serviceEntryKind.spec("spec", { hosts: ["db.example.no"], ...spec }));

test("hosts are narrower than *", () => {
  expect(ofSpec({ hosts: ["*"] })).toMatchInlineSnapshot(`
    [
      "spec.hosts[0]: got "*", expected a host name such as pricing or pricing.shop.svc.cluster.local.",
    ]
  `);
  expect(ofSpec({ hosts: [] })).toHaveLength(1);
});

test("ports differ in number and in name", () => {
  expect(ofSpec({ ports: [tcp, { ...tcp, name: "other" }] })).toMatchInlineSnapshot(`
    [
      "spec.ports[1].number: got 5432, expected a value that occurs once in the list.",
    ]
  `);
  expect(ofSpec({ ports: [tcp, { ...tcp, number: 5433 }] })).toMatchInlineSnapshot(`
    [
      "spec.ports[1].name: got "postgres", expected a value that occurs once in the list.",
    ]
  `);
});

describe("resolution", () => {
  test("NONE has no endpoints", () => {
    expect(ofSpec({ endpoints: [{ address: "10.0.5.7" }] })).toMatchInlineSnapshot(`
      [
        "spec.endpoints: got [{"address":"10.0.5.7"}], expected nothing, because the resolution is NONE.",
      ]
    `);
  });

  test("STATIC has addresses", () => {
    expect(ofSpec({ resolution: "STATIC", endpoints: [{ address: "db.example.no" }] })).toMatchInlineSnapshot(`
      [
        "spec.endpoints[0].address: got "db.example.no", expected an address or a Unix socket, because the resolution is STATIC.",
      ]
    `);
    expect(
      ofSpec({ resolution: "STATIC", ports: [{ number: 80, name: "http" }], endpoints: [{ address: "unix:///run/db.sock" }] }),
    ).toEqual([]);
    expect(ofSpec({ resolution: "STATIC", endpoints: [{ address: "unix:///run/x" }] })).toEqual([
      "spec.ports: got nothing, expected exactly one port, because endpoints[0] is a Unix socket.",
    ]);
  });

  test("DNS has names that can be asked for, and no ranges", () => {
    expect(ofSpec({ resolution: "DNS", hosts: ["*.example.no"] })).toMatchInlineSnapshot(`
      [
        "spec.hosts[0]: got "*.example.no", expected a host name without a wildcard, because the resolution is DNS and there are no endpoints.",
      ]
    `);
    expect(ofSpec({ resolution: "DNS", hosts: ["*.example.no"], endpoints: [{ address: "db.example.no" }] })).toEqual([]);
    expect(ofSpec({ resolution: "DNS", addresses: ["10.0.5.0/24"] })).toMatchInlineSnapshot(`
      [
        "spec.addresses[0]: got "10.0.5.0/24", expected an address without a range, because the resolution is DNS.",
      ]
    `);
  });

  test("DNS_ROUND_ROBIN has one endpoint at most", () => {
    expect(
      ofSpec({ resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "a.example.no" }, { address: "b.example.no" }] }),
    ).toMatchInlineSnapshot(`
      [
        "spec.endpoints: got 2 items, expected at most one, because the resolution is DNS_ROUND_ROBIN.",
      ]
    `);
  });

  test("DYNAMIC_DNS is for wildcards, over protocols that name the host", () => {
    const dynamic = { resolution: "DYNAMIC_DNS", location: "MESH_EXTERNAL" } as const;
    expect(ofSpec({ ...dynamic, hosts: ["*.example.no"], ports: [{ number: 443, name: "tls", protocol: "TLS" }] })).toEqual([]);
    expect(ofSpec({ ...dynamic, ports: [tcp], addresses: ["10.0.5.7"] })).toMatchInlineSnapshot(`
      [
        "spec.addresses: got ["10.0.5.7"], expected nothing, because the resolution is DYNAMIC_DNS.",
        "spec.hosts[0]: got "db.example.no", expected a wildcard such as *.example.no, because the resolution is DYNAMIC_DNS.",
        "spec.ports[0].protocol: got "TCP", expected HTTP, HTTP2, GRPC or TLS, because the resolution is DYNAMIC_DNS.",
      ]
    `);
  });
});

test("several hosts are told apart by HTTP or TLS", () => {
  expect(ofSpec({ hosts: ["a.example.no", "b.example.no"], resolution: "DNS", ports: [tcp] })).toMatchInlineSnapshot(`
    [
      "spec.ports[0].protocol: got "TCP", expected HTTP or TLS, because several hosts share the port.",
    ]
  `);
  expect(ofSpec({ hosts: ["a.example.no", "b.example.no"], resolution: "DNS", ports: [{ ...tcp, protocol: "TLS" }] })).toEqual([]);
});

test("an endpoint's ports are ports of the service", () => {
  expect(ofSpec({ resolution: "STATIC", ports: [tcp], endpoints: [{ address: "10.0.5.7", ports: { mysql: 1 } }] })).toMatchInlineSnapshot(`
    [
      "spec.endpoints[0].ports: got "mysql", expected a port of the service: postgres.",
    ]
  `);
});

test("an endpoint is somewhere, and a Unix socket has no ports", () => {
  expect(ofSpec({ resolution: "STATIC", endpoints: [{}] })).toMatchInlineSnapshot(`
    [
      "spec.endpoints[0]: got none, expected at least one of address, network.",
    ]
  `);
  expect(
    ofSpec({ resolution: "STATIC", ports: [tcp], endpoints: [{ address: "unix:///run/db.sock", ports: { postgres: 1 } }] }),
  ).toMatchInlineSnapshot(`
    [
      "spec.endpoints[0].ports: got {"postgres":1}, expected nothing, because a Unix socket has none.",
    ]
  `);
});

test("is served by endpoints or by pods", () => {
  const spec = { resolution: "STATIC", endpoints: [{ address: "10.0.5.7" }], workloadSelector: { labels: { app: "db" } } } as const;
  expect(ofSpec(spec)).toMatchInlineSnapshot(`
    [
      "spec: got workloadSelector and endpoints, expected at most one of workloadSelector, endpoints.",
    ]
  `);
});

test("may be seen by nobody", () => {
  expect(ofSpec({ exportTo: ["~"] })).toEqual([]);
  expect(ofSpec({ exportTo: ["~", "shop"] })).toHaveLength(1);
});
