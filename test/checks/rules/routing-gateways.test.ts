import { describe, expect, test } from "vitest";
import type { Rule } from "../../../lib/checks/rule";
import { gatewayPortNotOnWorkload } from "../../../lib/checks/rules/routing/ist0104-gateway-port-not-on-workload";
import { hostNotFoundInGateway } from "../../../lib/checks/rules/routing/ist0132-host-not-found-in-gateway";
import { duplicateCertificate } from "../../../lib/checks/rules/routing/ist0138-duplicate-certificate";
import { conflictingGateways } from "../../../lib/checks/rules/routing/ist0145-conflicting-gateways";
import { claimsWithoutAuthentication } from "../../../lib/checks/rules/routing/ist0149-claims-without-authentication";
import { invalidCredential } from "../../../lib/checks/rules/routing/ist0161-invalid-credential";
import { gatewayPortNotOnService } from "../../../lib/checks/rules/routing/ist0162-gateway-port-not-on-service";
import { internalGateway } from "../../../lib/checks/rules/routing/ist0165-internal-gateway";
import { type Around, findingsIn, inShort } from "../checked";
import { deployment, documents, gateway, networking, object, pod, tlsGateway } from "./routing-samples";

const found = (rule: Rule, yaml: string, around: Around = {}): readonly string[] => inShort(findingsIn(yaml, [rule], around));
const bound = (fullName: string, hosts: string, gateways: string, more = ""): string =>
  networking("VirtualService", fullName, [`hosts: ${hosts}`, `gateways: ${gateways}`, ...(more === "" ? [] : [more])].join("\n"));

describe("ports", () => {
  const edgePods = deployment("edge/edge", "{ istio: edge }");
  const edge = (port: number, selector = "{ istio: edge }"): string => gateway("shop/edge", selector, port, "['*']");
  const serviceOf = (ports: string, selector = "{ istio: edge }"): string =>
    object("v1", "Service", "edge/edge", `selector: ${selector}\nports: [${ports}]`);
  const ports = (yaml: string, around: Around = {}): readonly string[] => found(gatewayPortNotOnService, yaml, around);
  const unreachable = ["IST0162 Gateway shop/edge spec.servers[0].port.number"];

  test.each([
    ["its own", "{ port: 443 }", 443, true],
    ["that of the pods behind it", "{ port: 443, targetPort: 8443 }", 8443, true],
    ["its own with another behind it", "{ port: 443, targetPort: 8443 }", 443, true],
    ["that of the pods as text", "{ port: 443, targetPort: '8443' }", 8443, true],
    ["another", "{ port: 443, targetPort: 8443 }", 80, false],
    ["one of UDP", "{ port: 443, protocol: UDP }", 443, false],
  ])("a Service leads to %s", (_, port, listened, reached) => {
    expect(ports(documents(edgePods, serviceOf(port), edge(listened)))).toEqual(reached ? [] : unreachable);
  });

  test("a Service leads to a port of the pods by its name", () => {
    const named = edgePods.replace("image: app }", "image: app, ports: [{ name: https, containerPort: 8443 }] }");
    expect(ports(documents(named, serviceOf("{ port: 443, targetPort: https }"), edge(8443)))).toEqual([]);
  });

  test("only Services of the pods' namespace that select them count", () => {
    expect(ports(documents(edgePods, serviceOf("{ port: 443 }", "{ istio: other }"), edge(443)))).toEqual(unreachable);
    expect(ports(documents(edgePods, serviceOf("{ port: 443 }").replace("namespace: edge", "namespace: shop"), edge(443)))).toEqual([]);
    expect(ports(documents(edgePods, edge(443)))).toEqual(unreachable);
  });

  test("Istio's own ingress gateway has the ports of its Service and of its pods", () => {
    for (const port of [80, 443, 8080, 8443, 15021, 15443, 31400]) expect(ports(edge(port, "{ istio: ingressgateway }"))).toEqual([]);
    expect(ports(edge(8004, "{ istio: ingressgateway }"))).toEqual(unreachable);
  });

  test("the other gateways of Istio's installers have ports that cannot be known", () => {
    expect(ports(edge(15443, "{ istio: eastwestgateway }"))).toEqual([]);
  });

  test("gateways of an IstioOperator have the ports that it gives them", () => {
    const spec =
      "components: { ingressGateways: [{ name: edge, label: { istio: edge }, k8s: { service: { ports: [{ port: 9443, targetPort: 9444 }] } } }] }";
    const operator = object("install.istio.io/v1alpha1", "IstioOperator", "istio-system/mesh", spec);
    expect(ports(documents(operator, edge(9443)))).toEqual([]);
    expect(ports(documents(operator, edge(9444)))).toEqual([]);
    expect(ports(documents(operator, edge(443)))).toEqual(unreachable);
  });

  test("pods in the node's network, or on ports of the node, need no Service", () => {
    expect(ports(documents(deployment("edge/edge", "{ istio: edge }", "hostNetwork: true"), edge(443)))).toEqual([]);
    const hostPort = edgePods.replace("image: app }", "image: app, ports: [{ containerPort: 8443, hostPort: 443 }] }");
    expect(ports(documents(hostPort, edge(443)))).toEqual([]);
  });

  test("a Service that is declared external may lead anywhere", () => {
    expect(ports(documents(edgePods, edge(443)), { externals: ["Service edge/edge"] })).toEqual([]);
    expect(ports(documents(edgePods, edge(443)), { externals: ["Service shop/edge"] })).toEqual(unreachable);
  });

  test("a Gateway that selects no pods is left to IST0101", () => {
    expect(ports(edge(443))).toEqual([]);
  });

  test("the code is IST0104 before Istio 1.20", () => {
    const yaml = documents(edgePods, serviceOf("{ port: 443 }"), edge(80));
    expect(found(gatewayPortNotOnWorkload, yaml, { istio: "1.19" })).toEqual(["IST0104 Gateway shop/edge spec.servers[0].port.number"]);
    expect(found(gatewayPortNotOnWorkload, yaml, { istio: "1.20" })).toEqual([]);
    expect(ports(yaml, { istio: "1.19" })).toEqual([]);
    expect(ports(yaml, { istio: "1.20" })).toEqual(unreachable);
  });
});

describe("hosts", () => {
  const edge = (...hosts: readonly string[]): string => gateway("istio-system/edge", "{ istio: ingressgateway }", 80, ...hosts);
  const wanted = (hosts: string): string => bound("shop/shop", hosts, "[istio-system/edge]");

  test.each([
    ["['*']", "[shop.example.no]", true],
    ["[shop.example.no]", "[shop.example.no]", true],
    ["[shop.example.no]", "['*.example.no']", true],
    ["['*.example.no']", "[shop.example.no]", true],
    ["['*.example.no']", "['*.shop.example.no']", true],
    ["['*.shop.example.no']", "['*.example.no']", true],
    ["['*.example.no']", "[example.no]", false],
    ["[pay.example.no]", "[shop.example.no]", false],
    ["['*/shop.example.no']", "[shop.example.no]", true],
    ["['*/*']", "[shop.example.no]", true],
    ["[shop/shop.example.no]", "[shop.example.no]", true],
    ["[bank/shop.example.no]", "[shop.example.no]", false],
    ["['./shop.example.no']", "[shop.example.no]", false],
    ["[pay.example.no]", "[shop.example.no, pay.example.no]", true],
    ["['*']", "[]", false],
  ])("a Gateway with %s has any of %s for another namespace: %j", (offered, hosts, has) => {
    const expected = has ? [] : ["IST0132 VirtualService shop/shop spec.gateways[0]"];
    expect(found(hostNotFoundInGateway, documents(edge(offered), wanted(hosts)))).toEqual(expected);
  });

  test("./ is for the Gateway's own namespace", () => {
    const own = bound("istio-system/shop", "[shop.example.no]", "[edge]");
    expect(found(hostNotFoundInGateway, documents(edge("['./shop.example.no']"), own))).toEqual([]);
  });

  test("any server of the Gateway may have the host, and each Gateway must have one", () => {
    expect(found(hostNotFoundInGateway, documents(edge("[pay.example.no]", "[shop.example.no]"), wanted("[shop.example.no]")))).toEqual([]);
    const two = bound("shop/shop", "[shop.example.no]", "[mesh, istio-system/edge, inner]");
    const inner = gateway("shop/inner", "{ istio: ingressgateway }", 80, "[shop.inner]");
    expect(found(hostNotFoundInGateway, documents(edge("['*']"), inner, two))).toEqual([
      "IST0132 VirtualService shop/shop spec.gateways[2]",
    ]);
  });

  test("a Gateway of Kubernetes' Gateway API has the hosts of its listeners, or all", () => {
    const listening = (listener: string): string =>
      object("gateway.networking.k8s.io/v1", "Gateway", "istio-system/edge", `listeners: [{ name: http, port: 80${listener} }]`);
    expect(found(hostNotFoundInGateway, documents(listening(""), wanted("[shop.example.no]")))).toEqual([]);
    expect(found(hostNotFoundInGateway, documents(listening(", hostname: '*.example.no'"), wanted("[shop.example.no]")))).toEqual([]);
    expect(found(hostNotFoundInGateway, documents(listening(", hostname: x.no"), wanted("[shop.example.no]"))).length).toBe(1);
  });

  test("a Gateway that is missing has none, one that is declared external may have any", () => {
    const missing = bound("shop/shop", "[shop.example.no]", "[edge]");
    expect(found(hostNotFoundInGateway, missing)).toEqual(["IST0132 VirtualService shop/shop spec.gateways[0]"]);
    expect(found(hostNotFoundInGateway, missing, { externals: ["Gateway shop/edge"] })).toEqual([]);
    expect(found(hostNotFoundInGateway, wanted("[shop.example.no]"))).toEqual([]);
  });

  test("a Gateway that istiod generates is told of once, since Istio 1.21", () => {
    const generated = bound("shop/shop", "[shop.example.no]", "[edge/edge~istio-autogenerated-k8s-gateway~http]");
    expect(found(internalGateway, generated)).toEqual(["IST0165 VirtualService shop/shop spec.gateways[0]"]);
    expect(found(internalGateway, generated, { istio: "1.20" })).toEqual([]);
    expect(found(hostNotFoundInGateway, generated)).toEqual([]);
  });
});

describe("conflicts", () => {
  const conflicts = (...gateways: readonly string[]): readonly string[] =>
    found(conflictingGateways, documents(...gateways)).map((line) => line.split(" ")[2] ?? "");
  const edge = (fullName: string, port = 80, hosts = "[shop.example.no]", selector = "{ istio: ingressgateway }"): string =>
    gateway(fullName, selector, port, hosts);

  test("are told of at both Gateways", () => {
    expect(found(conflictingGateways, documents(edge("a/a"), edge("b/b")))).toEqual([
      "IST0145 Gateway a/a spec.servers[0].hosts",
      "IST0145 Gateway b/b spec.servers[0].hosts",
    ]);
  });

  test("need the same port, the same host and the same address", () => {
    expect(conflicts(edge("a/a"), edge("b/b", 443))).toEqual([]);
    expect(conflicts(edge("a/a"), edge("b/b", 80, "[pay.example.no]"))).toEqual([]);
    expect(conflicts(edge("a/a"), edge("b/b", 80, "['*.example.no']"))).toEqual([]);
    expect(conflicts(edge("a/a"), edge("b/b", 80, "[pay.example.no, shop.example.no]"))).toEqual(["a/a", "b/b"]);
    const bind = (address: string): string => edge("b/b").replace("  - { port", `  - { bind: ${address}, port`);
    expect(conflicts(edge("a/a"), bind("10.0.0.1"))).toEqual([]);
    expect(conflicts(bind("10.0.0.1").replaceAll("/b", "/a").replace("name: b", "name: a"), bind("10.0.0.1")).length).toBe(2);
  });

  test("drop a server unless both take plain HTTP: there they are a warning", () => {
    const told = (...gateways: readonly string[]): readonly string[] =>
      findingsIn(documents(...gateways), [conflictingGateways]).map(({ severity, message }) => `${severity} ${message.split(": ")[1]}`);
    const own = "{ istio: ingressgateway }";
    const dropped = "error one of the servers is dropped.";
    const mixed = "warning their routes are mixed, in an order that nothing promises.";
    const named = (yaml: string): string => yaml.replace(/hosts: \[[^\]]*\]/, "hosts: [x.no]");
    expect(told(edge("a/a"), edge("b/b"))).toEqual([mixed, mixed]);
    expect(told(named(tlsGateway("a/a", own, "a-tls")), named(tlsGateway("b/b", own, "b-tls")))).toEqual([dropped, dropped]);
    expect(told(named(tlsGateway("a/a", own, "a-tls")), edge("b/b", 443, "[x.no]"))).toEqual([dropped, dropped]);
    expect(told(edge("a/a"), edge("b/b").replace("protocol: HTTP", "protocol: TCP"))).toEqual([dropped, dropped]);
  });

  test("need pods that both select", () => {
    const wide = edge("a/a", 80, "[x.no]", "{ istio: edge }");
    const narrow = edge("b/b", 80, "[x.no]", "{ app: edge, istio: edge }");
    const both = deployment("edge/edge", "{ app: edge, istio: edge }");
    expect(conflicts(wide, narrow)).toEqual([]);
    expect(conflicts(wide, narrow, deployment("edge/edge", "{ istio: edge }"))).toEqual([]);
    expect(conflicts(wide, narrow, both)).toEqual(["a/a", "b/b"]);
    expect(conflicts(edge("a/a", 80, "[x.no]", "{ app: edge }"), edge("b/b", 80, "[x.no]", "{ istio: edge }"), both)).toEqual([]);
    expect(conflicts(edge("a/a", 80, "[x.no]", "{}"), narrow, both)).toEqual(["a/a", "b/b"]);
  });

  test("are seen at Istio's own ingress gateway by the label that Istio's analyzers know it by", () => {
    const narrow = edge("b/b", 80, "[x.no]", "{ app: istio-ingressgateway, istio: ingressgateway }");
    expect(conflicts(edge("a/a", 80, "[x.no]"), narrow)).toEqual([]);
    expect(conflicts(edge("a/a", 80, "[x.no]"), edge("b/b", 80, "[x.no]", "{}"))).toEqual(["a/a", "b/b"]);
  });

  test("with itself has no Gateway, and servers alike are told of once", () => {
    expect(conflicts(gateway("a/a", "{ istio: ingressgateway }", 80, "[x.no]", "[x.no]"))).toEqual([]);
    expect(conflicts(gateway("a/a", "{ istio: ingressgateway }", 80, "[x.no]", "[x.no]"), edge("b/b", 80, "[x.no]"))).toEqual([
      "a/a",
      "b/b",
    ]);
  });

  test("of many name the first", () => {
    const many = Array.from({ length: 6 }, (_, index) => edge(`shop/edge-${index}`));
    expect(findingsIn(documents(...many), [conflictingGateways])[5]?.message).toBe(
      "shop.example.no on port 80 of the pods with istio=ingressgateway is also served by Gateway shop/edge-0, Gateway shop/edge-1, Gateway shop/edge-2 and others: their routes are mixed, in an order that nothing promises.",
    );
  });
});

describe("certificates", () => {
  const alike = (...gateways: readonly string[]): readonly string[] => found(duplicateCertificate, documents(...gateways));
  const own = "{ istio: ingressgateway }";
  const narrow = "{ istio: ingressgateway, type: internal }";

  test("of one Secret in two Gateways are told of at each", () => {
    expect(alike(tlsGateway("a/a", own, "tls"), tlsGateway("b/b", own, "tls"))).toEqual([
      "IST0138 Gateway a/a spec.servers[0].tls.credentialName",
      "IST0138 Gateway b/b spec.servers[0].tls.credentialName",
    ]);
    expect(alike(tlsGateway("a/a", own, "tls"), tlsGateway("b/b", own, "other"))).toEqual([]);
  });

  test("are told of where the other Gateway's pods are among one's own", () => {
    const wide = "IST0138 Gateway a/a spec.servers[0].tls.credentialName";
    expect(alike(tlsGateway("a/a", own, "tls"), tlsGateway("b/b", narrow, "tls"))).toEqual([wide]);
    expect(alike(tlsGateway("a/a", "{}", "tls"), tlsGateway("b/b", narrow, "tls"))).toEqual([wide]);
    expect(alike(tlsGateway("a/a", "{ istio: edge }", "tls"), tlsGateway("b/b", own, "tls"))).toEqual([]);
  });

  test("in files are the same with the same key", () => {
    const files = (fullName: string, key: string): string =>
      tlsGateway(fullName, own, "tls").replace("credentialName: tls", `serverCertificate: /etc/cert.pem, privateKey: ${key}`);
    expect(alike(files("a/a", "/etc/key.pem"), files("b/b", "/etc/key.pem")).length).toBe(2);
    expect(alike(files("a/a", "/etc/key.pem"), files("b/b", "/etc/other.pem"))).toEqual([]);
    expect(alike(files("a/a", "''"), files("b/b", "''"))).toEqual([]);
    expect(alike(files("a/a", "/etc/key.pem"), tlsGateway("b/b", own, "tls"))).toEqual([]);
  });

  test("of one Gateway alone are no matter, and each other Gateway is told of once", () => {
    const twice = tlsGateway("a/a", own, "tls").replace(/(\n {4}- \{ port.*)$/, "$1$1");
    expect(alike(twice)).toEqual([]);
    expect(alike(twice, tlsGateway("b/b", own, "tls")).length).toBe(2);
    expect(alike(tlsGateway("a/a", own, "tls"), tlsGateway("b/b", own, "tls"), tlsGateway("c/c", own, "tls")).length).toBe(6);
  });
});

describe("credentials", () => {
  const pem = /stringData:\n {2}tls.crt: \|\n(.*?)\n {2}tls.key/s.exec(invalidCredential.example.good)?.[1] ?? "";
  const base64 = (text: string): string => Buffer.from(text.replaceAll(/^ +/gm, "")).toString("base64");
  const secret = (data: string, kind = "data"): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: { name: tls, namespace: istio-system }\n${kind}: ${data}`;
  const problems = (yaml: string, today?: string): readonly string[] =>
    findingsIn(documents(yaml, tlsGateway("shop/shop", "{ istio: ingressgateway }", "tls")), [invalidCredential], {
      ...(today !== undefined && { today }),
    }).map(({ message }) => message.replace("Secret istio-system/tls ", ""));

  test("are a certificate and a key, under either pair of names", () => {
    expect(problems(secret(`{ tls.crt: ${base64(pem)}, tls.key: a2V5 }`))).toEqual([]);
    expect(problems(secret(`{ cert: ${base64(pem)}, key: a2V5 }`))).toEqual([]);
    expect(problems(secret(`{ cert: ${base64(pem)}, tls.key: a2V5 }`))).toEqual([
      "has neither tls.crt with tls.key nor cert with key; it has cert, tls.key.",
    ]);
    expect(problems(secret(`{ tls.crt: ${base64(pem)}, tls.key: "" }`)).length).toBe(1);
    expect(problems(secret("{}"))).toEqual(["has neither tls.crt with tls.key nor cert with key; it has no keys."]);
  });

  test("may be written as text", () => {
    expect(problems(secret(`{ tls.crt: ${JSON.stringify(pem.replaceAll(/^ +/gm, ""))}, tls.key: key }`, "stringData"))).toEqual([]);
  });

  test("must be readable: what the file names is what is looked at first", () => {
    const unreadable = "holds no certificate that can be read in";
    expect(problems(secret("{ tls.crt: aHVzaA==, tls.key: a2V5 }"))).toEqual([`${unreadable} tls.crt.`]);
    expect(problems(secret(`{ cert: aHVzaA==, key: a2V5, tls.crt: ${base64(pem)}, tls.key: a2V5 }`))).toEqual([`${unreadable} cert.`]);
    const cut = pem.replace(/\n[^\n]*\n([^\n]*END)/, "\n$1");
    expect(problems(secret(`{ tls.crt: ${base64(cut)}, tls.key: a2V5 }`))).toEqual([`${unreadable} tls.crt.`]);
  });

  test("must hold on the day of the check, where there is one", () => {
    const good = secret(`{ tls.crt: ${base64(pem)}, tls.key: a2V5 }`);
    expect(problems(good, "2056-11-19")).toEqual([]);
    expect(problems(good, "2056-11-20")).toEqual(["holds a certificate that ended on 2056-11-19; the day is 2056-11-20."]);
    expect(problems(good, "2026-11-27")).toEqual([]);
    expect(problems(good, "2026-11-26")).toEqual(["holds a certificate that begins on 2026-11-27; the day is 2026-11-26."]);
    expect(problems(good)).toEqual([]);
  });

  test("are looked at since Istio 1.18", () => {
    const yaml = documents(secret("{}"), tlsGateway("shop/shop", "{ istio: ingressgateway }", "tls"));
    expect(found(invalidCredential, yaml, { istio: "1.17" })).toEqual([]);
    expect(found(invalidCredential, yaml, { istio: "1.18" })).toEqual(["IST0161 Gateway shop/shop spec.servers[0].tls.credentialName"]);
  });

  test("that SOPS has encrypted are not looked at", () => {
    expect(problems(`${secret("{ tls.crt: 'ENC[AES256_GCM,data:x]', tls.key: 'ENC[x]' }")}\nsops: { version: 3.9.0 }`)).toEqual([]);
  });
});

describe("claims of tokens", () => {
  const edge = gateway("istio-system/edge", "{ istio: ingressgateway }", 80, "['*']");
  const route = (match: string, gateways = "[istio-system/edge]"): string =>
    bound("shop/shop", "[shop.example.no]", gateways, `http: [{ match: [${match}], route: [{ destination: { host: shop } }] }]`);
  const byGroup = "{ headers: { '@request.auth.claims.group': { exact: staff } } }";
  const authentication = (fullName: string, spec: string): string =>
    object("security.istio.io/v1", "RequestAuthentication", fullName, spec);
  const unchecked = (...yaml: readonly string[]): readonly string[] => found(claimsWithoutAuthentication, documents(...yaml));

  test.each([
    [byGroup, "headers"],
    ["{ headers: { '@request.auth.claims[group]': { exact: staff } } }", "headers"],
    ["{ headers: { '@REQUEST.AUTH.CLAIMS.group': { exact: staff } } }", "headers"],
    ["{ withoutHeaders: { '@request.auth.claims.group': { exact: staff } } }", "withoutHeaders"],
  ])("of %s need a RequestAuthentication", (match, where) => {
    expect(unchecked(edge, route(match))).toEqual([`IST0149 VirtualService shop/shop spec.http[0].match[0].${where}`]);
  });

  test("are no other headers", () => {
    expect(unchecked(edge, route("{ headers: { x-group: { exact: staff }, '@request.auth.claims': { exact: x } } }"))).toEqual([]);
  });

  test("are checked by a RequestAuthentication for the gateway's pods", () => {
    const selector = "selector: { matchLabels: { istio: ingressgateway } }";
    expect(unchecked(edge, route(byGroup), authentication("istio-system/jwt", selector))).toEqual([]);
    expect(unchecked(edge, route(byGroup), authentication("istio-system/jwt", "jwtRules: []"))).toEqual([]);
    expect(unchecked(edge, route(byGroup), authentication("shop/jwt", selector)).length).toBe(1);
    expect(unchecked(edge, route(byGroup), authentication("istio-system/jwt", "selector: { matchLabels: { app: x } }")).length).toBe(1);
  });

  test("are asked of every kind of pods that a Gateway selects, wherever they run", () => {
    const custom = gateway("shop/edge", "{ istio: edge }", 80, "['*']");
    const pods = [deployment("a/a", "{ istio: edge }"), pod("b/b", "{ istio: edge }")];
    const yaml = [custom, route(byGroup, "[edge]"), ...pods];
    expect(unchecked(...yaml).length).toBe(2);
    expect(unchecked(...yaml, authentication("a/jwt", "jwtRules: []")).length).toBe(1);
    expect(unchecked(...yaml, authentication("istio-system/jwt", "jwtRules: []"))).toEqual([]);
  });

  test("are not asked for by the mesh, nor at a Gateway that is not there", () => {
    expect(unchecked(edge, route(byGroup, "[mesh]"))).toEqual([]);
    expect(unchecked(edge, route(byGroup, "[istio-system/x]"))).toEqual([]);
  });
});
