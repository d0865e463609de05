import { describe, expect, test } from "vitest";
import { meshObject } from "../../../lib/checks/mesh-object";
import { conflictingMeshHosts } from "../../../lib/checks/rules/routing/ist0109-conflicting-mesh-hosts";
import { unreachableRule } from "../../../lib/checks/rules/routing/ist0130-unreachable-rule";
import { ineffectiveMatch } from "../../../lib/checks/rules/routing/ist0131-ineffective-match";
import { subsetWithoutEffect } from "../../../lib/checks/rules/routing/ist0140-subset-without-effect";
import { routeReach } from "../../../lib/checks/rules/routing/route-reach";
import { findingsIn, inShort } from "../checked";
import { documents, networking, virtualService } from "./routing-samples";

describe("one host of two VirtualServices", () => {
  const vs = (fullName: string, hosts: string, exportTo = "", gateways = ""): string =>
    networking("VirtualService", fullName, [`hosts: ${hosts}`, exportTo, gateways].filter(Boolean).join("\n"));
  const conflicting = (...yaml: readonly string[]): readonly string[] =>
    inShort(findingsIn(documents(...yaml), [conflictingMeshHosts])).map((line) => line.split(" ")[2] ?? "");
  const both = ["a/a", "b/b"];

  test("is told of at both, with the other's name", () => {
    const yaml = documents(vs("a/a", "[x.no]"), vs("b/b", "[x.no]"));
    const messages = findingsIn(yaml, [conflictingMeshHosts]).map(({ message, field }) => `${field}: ${message}`);
    expect(messages[0]).toBe(
      "spec.hosts: x.no is also a host of VirtualService b/b. Sidecars follow one VirtualService for a host, and none of the others' routes.",
    );
    expect(messages.length).toBe(2);
  });

  test("is a host in full: short names of two namespaces are two hosts", () => {
    expect(conflicting(vs("a/a", "[x]"), vs("b/b", "[x]"))).toEqual([]);
    expect(conflicting(vs("a/a", "[x]"), vs("b/b", "[x.a.svc.cluster.local]"))).toEqual(both);
  });

  test("matters to the mesh alone", () => {
    expect(conflicting(vs("a/a", "[x.no]", "", "gateways: [edge]"), vs("b/b", "[x.no]"))).toEqual([]);
    expect(conflicting(vs("a/a", "[x.no]", "", "gateways: [edge, mesh]"), vs("b/b", "[x.no]"))).toEqual(both);
  });

  test.each([
    ["exportTo: [a]", "exportTo: [b]", []],
    ["exportTo: ['.']", "exportTo: ['.']", []],
    ["exportTo: ['.']", "exportTo: [a]", both],
    ["exportTo: ['.']", "", both],
    ["exportTo: [c, '*']", "exportTo: [d, '*']", both],
    ["exportTo: [c, d]", "exportTo: [d]", both],
  ])("with %j and %j", (own, other, expected) => {
    expect(conflicting(vs("a/a", "[x.no]", own), vs("b/b", "[x.no]", other))).toEqual(expected);
  });

  test.each([
    ["'*.x.no'", "a.x.no", "", "", []],
    ["'*.x.no'", "a.x.no", "exportTo: ['.']", "", both],
    ["a.x.no", "'*.x.no'", "exportTo: ['.']", "", both],
    ["a.x.no", "'*'", "exportTo: ['.']", "", both],
    ["'*.x.no'", "'*.no'", "exportTo: ['.']", "", both],
    ["'*.no'", "'*.x.no'", "exportTo: ['.']", "", both],
    ["'*'", "a.x.no", "exportTo: ['.']", "", both],
    ["'*-x.no'", "a-x.no", "exportTo: ['.']", "", both],
    ["'*.x.no'", "x.no", "exportTo: ['.']", "", []],
    ["'*.x.no'", "a.x.no", "exportTo: ['.']", "exportTo: ['.']", []],
  ])("%s and %s overlap where one is for a namespace (%j) and the other for all (%j)", (...row) => {
    const [own, other, from, to, expected] = row;
    expect(conflicting(vs("a/a", `[${own}]`, from), vs("b/b", `[${other}]`, to))).toEqual(expected);
  });

  test("is no conflict of a VirtualService with itself", () => {
    expect(conflicting(vs("a/a", "[x, x.a.svc.cluster.local]"))).toEqual([]);
    expect(conflicting(vs("a/a", "[x]"), vs("a/a", "[x]"))).toEqual([]);
  });

  test("is told of once at each of many", () => {
    expect(conflicting(vs("a/a", "[x.no, y.no]"), vs("b/b", "[x.no, y.no]"), vs("c/c", "[y.no]", "exportTo: ['.']"))).toEqual([
      ...both,
      "c/c",
    ]);
  });
});

/** A VirtualService with one rule for each list of matches, or for none. */
const ruled = (protocol: string, ...matches: readonly string[]): string => {
  const rules = matches.map((match) => `  - { ${match === "" ? "" : `match: ${match}, `}route: [{ destination: { host: x } }] }`);
  return networking("VirtualService", "shop/x", ["hosts: [x]", `${protocol}:`, ...rules].join("\n"));
};
const unreachable = (protocol: string, ...matches: readonly string[]): readonly (string | undefined)[] =>
  findingsIn(ruled(protocol, ...matches), [unreachableRule]).map(({ field }) => field);
const ineffective = (protocol: string, ...matches: readonly string[]): readonly (string | undefined)[] =>
  findingsIn(ruled(protocol, ...matches), [ineffectiveMatch]).map(({ field }) => field);
const path = (prefix: string, more = ""): string => `{ uri: { prefix: ${prefix} }${more === "" ? "" : `, ${more}`} }`;

describe("rules that no request comes to", () => {
  test.each(["http", "tcp", "tls"])("stand after one without a match (%s)", (protocol) => {
    expect(unreachable(protocol, "[{ port: 80 }]", "")).toEqual([]);
    expect(unreachable(protocol, "", "[{ port: 80 }]", "")).toEqual([`spec.${protocol}[1]`, `spec.${protocol}[2]`]);
    expect(unreachable(protocol, "", "")).toEqual([`spec.${protocol}[1]`]);
  });

  test.each(["http", "tcp", "tls"])("have only matches that rules before them have (%s)", (protocol) => {
    expect(unreachable(protocol, "[{ port: 80 }]", "[{ port: 80 }]")).toEqual([`spec.${protocol}[1]`]);
    expect(ineffective(protocol, "[{ port: 80 }]", "[{ port: 80 }]")).toEqual([`spec.${protocol}[1].match[0]`]);
    expect(unreachable(protocol, "[{ port: 80 }]", "[{ port: 80 }, { port: 81 }]")).toEqual([]);
    expect(ineffective(protocol, "[{ port: 80 }]", "[{ port: 80 }, { port: 81 }]")).toEqual([`spec.${protocol}[1].match[0]`]);
  });

  test("are compared without regard to names, order of keys and what means nothing", () => {
    expect(unreachable("http", `[{ name: a, port: 80, method: { exact: GET } }]`, "[{ method: { exact: GET }, port: 80 }]").length).toBe(1);
    expect(unreachable("http", "[{ port: 80, headers: {}, ignoreUriCase: false, gateways: [] }]", "[{ port: 80 }]").length).toBe(1);
    expect(unreachable("http", "[{ port: 80, uri: {} }]", "[{ port: 80 }]")).toEqual([]);
    expect(unreachable("http", "[{ port: 80 }]", "[{ port: 80, sourceNamespace: a }]")).toEqual([]);
  });

  test("say why", () => {
    const message = (...matches: readonly string[]): string | undefined =>
      findingsIn(ruled("http", ...matches), [unreachableRule])[0]?.message;
    expect(message("", "[{ port: 80 }]")).toBe(
      "no request comes to this rule: spec.http[0] before it has no match, so it takes every request.",
    );
    expect(message("[{ port: 80 }]", "[{ port: 80 }]")).toBe("no request comes to this rule: the rules before it have all of its matches.");
  });

  test("that cannot be read are passed over", () => {
    const broken = networking("VirtualService", "shop/x", "hosts: [x]\nhttp: [null, 7, { match: 7 }, { match: {} }, {}, [], x]");
    expect(findingsIn(broken, [unreachableRule, ineffectiveMatch])).toEqual([]);
  });
});

describe("matches on a prefix", () => {
  const second = ["spec.http[1].match[0]"];

  test("are covered by a shorter one before them, in the same rule or another", () => {
    expect(ineffective("http", `[${path("/api")}]`, `[${path("/api/prices")}]`)).toEqual(second);
    expect(ineffective("http", `[${path("/api")}, ${path("/api/prices")}]`)).toEqual(["spec.http[0].match[1]"]);
    expect(ineffective("http", `[${path("/api/prices")}]`, `[${path("/api")}]`)).toEqual([]);
    expect(ineffective("http", `[${path("/api")}]`, `[${path("/apps")}]`)).toEqual([]);
  });

  test("are told of for each one that covers them", () => {
    expect(ineffective("http", `[${path("/a")}]`, `[${path("/ab")}]`, `[${path("/abc")}]`)).toEqual([
      "spec.http[1].match[0]",
      "spec.http[2].match[0]",
      "spec.http[2].match[0]",
    ]);
  });

  test.each([
    ["", "", true],
    ["method: { exact: GET }", "method: { exact: GET }", true],
    ["", "method: { exact: GET }", true],
    ["", "method: { exact: POST }", false],
    ["method: { exact: GET }", "", false],
    ["method: { exact: GET }", "method: { exact: POST }", false],
    ["port: 80", "port: 80", true],
    ["port: 80", "port: 81", false],
    ["port: 80", "", false],
    ["authority: { exact: x.no }", "authority: { exact: x.no }", true],
    ["authority: { exact: x.no }", "", false],
    ["authority: { prefix: shop.x }", "authority: { prefix: shop }", false],
    ["headers: { a: { exact: b } }", "headers: { a: { exact: b } }", true],
    ["headers: { a: { exact: b } }", "", false],
    ["", "headers: { a: { exact: b } }", false],
    ["headers: { a: { exact: b } }", "headers: { a: { exact: c } }", false],
    ["headers: { a: { exact: b } }", "headers: { c: { exact: b } }", false],
    ["headers: { a: { regex: b } }", "headers: { a: { regex: c } }", false],
    ["headers: { a: { regex: b } }", "headers: { a: { regex: b } }", true],
    ["queryParams: { a: { exact: b } }", "queryParams: { a: { exact: b } }", true],
    ["queryParams: { a: { exact: b } }", "queryParams: { a: { exact: c } }", false],
    ["withoutHeaders: { a: { exact: b } }", "withoutHeaders: { a: { exact: b } }", true],
    ["withoutHeaders: { a: { prefix: bc } }", "withoutHeaders: { a: { prefix: b } }", false],
    ["sourceLabels: { app: a }", "", false],
    ["sourceLabels: { app: a }", "sourceLabels: { app: a }", true],
    ["sourceNamespace: a", "sourceNamespace: b", false],
    ["gateways: [mesh]", "", false],
    ["gateways: [a, b]", "gateways: [b]", true],
    ["scheme: { exact: https }", "scheme: { exact: http }", false],
    ["", "ignoreUriCase: true", false],
  ])("with %j cover a longer one with %j: %j", (earlier, later, covered) => {
    expect(ineffective("http", `[${path("/api", earlier)}]`, `[${path("/api/prices", later)}]`)).toEqual(covered ? second : []);
  });

  test("say nothing of exact paths and of regular expressions", () => {
    expect(ineffective("http", `[${path("/")}]`, "[{ uri: { exact: /a } }]", "[{ uri: { regex: /b.* } }]")).toEqual([]);
  });

  test("are compared in time that does not explode", () => {
    const match = (index: number): unknown => ({
      uri: { prefix: `/${"a".repeat(index % 500)}${index}` },
      headers: { h: { exact: `v${index}` } },
    });
    const data = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: "x" } };
    const object = meshObject({ ...data, spec: { http: [{ match: Array.from({ length: 4_000 }, (_, index) => match(index)) }] } }, {});
    expect(object === undefined ? undefined : routeReach(object)).toEqual({ unreachable: [], ineffective: [] });
  });
});

describe("subsets that a gateway does not see", () => {
  const mesh = (fullName = "shop/pricing", host = "pricing"): string =>
    virtualService(fullName, `hosts: [${host}]`, `{ host: ${host}, subset: v1 }`);
  const ingress = (destination: string, gateways = "[edge]"): string =>
    virtualService("web/shop", `hosts: [shop.example.no]\ngateways: ${gateways}`, destination);
  const found = (...yaml: readonly string[]): readonly string[] => inShort(findingsIn(documents(...yaml), [subsetWithoutEffect]));
  const whole = "{ host: pricing.shop.svc.cluster.local }";
  const told = ["IST0140 VirtualService web/shop spec.http[0].route[0].destination"];

  test("are told of at the VirtualService that is bound to the gateway", () => {
    expect(found(mesh(), ingress(whole))).toEqual(told);
    expect(found(mesh(), ingress("{ host: pricing.shop.svc.cluster.local, subset: v1 }"))).toEqual([]);
    expect(found(mesh(), virtualService("web/shop", "hosts: [shop.example.no]", whole))).toEqual([]);
  });

  test("are those of the host itself, by its name in full", () => {
    expect(found(mesh(), ingress("{ host: pricing }"))).toEqual([]);
    expect(found(mesh("web/pricing"), ingress("{ host: pricing }"))).toEqual(told);
    expect(found(virtualService("shop/other", "hosts: [other]", "{ host: pricing, subset: v1 }"), ingress(whole))).toEqual([]);
  });

  test("of the VirtualService itself are its own affair", () => {
    const own = virtualService(
      "shop/pricing",
      "hosts: [pricing]\ngateways: [mesh, edge]",
      "{ host: pricing, subset: v2 }",
      "{ host: pricing }",
    );
    expect(found(own)).toEqual([]);
  });

  test("of one VirtualService are told of once", () => {
    const twice = virtualService("web/shop", "hosts: [a]\ngateways: [edge]", whole, whole);
    expect(found(mesh(), twice)).toEqual(told);
    expect(found(mesh(), mesh("shop/second"), ingress(whole))).toEqual([...told, ...told]);
  });
});
