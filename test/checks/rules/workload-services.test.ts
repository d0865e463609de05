import { describe, expect, test } from "vitest";
import { onePortTwoProtocols } from "../../../lib/checks/rules/workloads/ist0116-one-port-two-protocols";
import { deploymentWithoutService } from "../../../lib/checks/rules/workloads/ist0117-deployment-without-service";
import { portName } from "../../../lib/checks/rules/workloads/ist0118-port-name";
import { jwtOnTcp } from "../../../lib/checks/rules/workloads/ist0119-jwt-on-tcp";
import { oneTargetTwoPorts } from "../../../lib/checks/rules/workloads/ist0137-one-target-two-ports";
import { externalNamePort } from "../../../lib/checks/rules/workloads/ist0150-external-name-port";
import { findingsIn, inShort } from "../checked";
import { deployment, type Fields, injected, istio, namespace, service, yaml } from "./workload-objects";

type Objects = readonly Fields[];

const found = (...objects: Objects): readonly string[] => inShort(findingsIn(yaml(...objects), [onePortTwoProtocols, oneTargetTwoPorts]));
const messages = (...objects: Objects): readonly string[] =>
  findingsIn(yaml(...objects), [onePortTwoProtocols, oneTargetTwoPorts]).map(({ message }) => message);
const at = "Deployment shop/pricing spec.template.metadata.labels";
const tcp = { port: 8080, protocol: "TCP" };
const udp = { port: 8080, protocol: "UDP" };
const onTcp = service("a", { ports: [tcp] });
const onUdp = service("b", { ports: [udp] });

describe("Services of the same pods", () => {
  test("may not use one port for two protocols", () => {
    expect(found(injected(), onTcp, onUdp)).toEqual([`IST0116 ${at}`]);
    expect(messages(injected(), onTcp, onUdp)).toEqual(["port 8080 of these pods is TCP in a and UDP in b."]);
  });

  test("speak TCP where they say nothing", () => {
    expect(found(injected(), service("a", { ports: [{ port: 8080 }] }), onUdp)).toEqual([`IST0116 ${at}`]);
    expect(found(injected(), service("a", { ports: [{ port: 8080 }] }), onTcp)).toEqual([]);
  });

  test("may not use one port for what each speaks alone, whatever both speak", () => {
    const sctp = { port: 8080, protocol: "SCTP" };
    expect(found(injected(), service("a", { ports: [tcp, udp] }), service("b", { ports: [udp, sctp] }))).toEqual([`IST0116 ${at}`]);
  });

  test("are told of for each port", () => {
    const more = [
      { port: 9090, protocol: "TCP" },
      { port: 9090, protocol: "UDP" },
    ];
    expect(found(injected(), service("a", { ports: [tcp, more[0]] }), service("b", { ports: [udp, more[1]] }))).toHaveLength(2);
  });

  test("may each speak both protocols, as DNS and HTTP/3 do", () => {
    expect(found(injected(), service("dns", { ports: [tcp, udp] }))).toEqual([]);
    expect(found(injected(), service("dns", { ports: [tcp, udp] }), service("headless", { ports: [udp, tcp] }))).toEqual([]);
    expect(found(injected(), service("dns", { ports: [tcp, udp] }), onTcp)).toEqual([]);
  });

  test("may not reach one target port by two ports", () => {
    const [a, b] = [service("a", { ports: [{ port: 80, targetPort: 8080 }] }), service("b", { ports: [{ port: 8080 }] })];
    expect(found(injected(), a, b)).toEqual([`IST0137 ${at}`]);
    expect(messages(injected(), a, b)).toEqual(["target port 8080 of these pods is port 80 in a and 8080 in b."]);
  });

  test.each([
    ["its name", "http"],
    ["its number as text", "8080"],
    ["its number", 8080],
  ])("reach a target port by %s", (_, targetPort) => {
    const ports = (port: number): readonly unknown[] => [{ port, targetPort }];
    expect(found(injected(), service("a", { ports: ports(80) }), service("b", { ports: ports(81) }))).toEqual([`IST0137 ${at}`]);
  });

  test.each([0, "", "0", null])("reach the port itself where the target is %j", (targetPort) => {
    const a = service("a", { ports: [{ port: 8080, targetPort }] });
    expect(found(injected(), a, service("b", { ports: [{ port: 80, targetPort: 8080 }] }))).toEqual([`IST0137 ${at}`]);
  });

  test("are named, the first three of many", () => {
    const others = ["d", "b", "e", "c"].map((name) => service(name, { ports: [{ port: 81, targetPort: 8080 }] }));
    const [three] = messages(injected(), service("a", { ports: [{ port: 80, targetPort: 8080 }] }), ...others.slice(0, 3));
    const [four] = messages(injected(), service("a", { ports: [{ port: 80, targetPort: 8080 }] }), ...others);
    expect(three).toBe("target port 8080 of these pods is port 80 in a and 81 in b, d, e.");
    expect(four).toBe("target port 8080 of these pods is port 80 in a and 81 in b, c, d and 1 more.");
  });

  test("say nothing by a port without a number", () => {
    const ports = [{ targetPort: 8080 }, { port: 80, targetPort: 8080 }];
    expect(found(injected(), service("a", { ports }), service("b", { ports }))).toEqual([]);
  });

  test("may be one that reaches a target port by two ports", () => {
    const ports = [{ port: 80, targetPort: 8080 }, { port: 8080 }];
    expect(found(injected(), service("a", { ports }))).toEqual([]);
    expect(found(injected(), service("a", { ports }), service("b", { ports: [{ port: 80, targetPort: 8080 }] }))).toEqual([
      `IST0137 ${at}`,
    ]);
  });

  test.each([
    ["another namespace", service("b", { ports: [udp] }, { namespace: "till" })],
    ["a selector that asks for more", service("b", { selector: { app: "pricing", version: "v2" }, ports: [udp] })],
    ["no selector", service("b", { selector: {}, ports: [udp] })],
    ["a selector that nobody can read", service("b", { selector: { app: "pricing", version: 2 }, ports: [udp] })],
  ])("are not those of %s", (_, other) => {
    expect(found(injected(), onTcp, other)).toEqual([]);
  });

  test.each([
    ["their label", {}, { labels: { app: "pricing", "sidecar.istio.io/inject": "true" } }],
    ["their annotation", {}, { labels: { app: "pricing" }, annotations: { "sidecar.istio.io/inject": "true" } }],
    ["the proxy that they hold", { containers: [{ name: "istio-proxy", image: "auto" }] }, {}],
  ])("belong to the mesh by %s", (_, spec, template) => {
    expect(found(deployment(spec, template), onTcp, onUdp)).toEqual([`IST0116 ${at}`]);
  });

  test.each([
    ["enabled", { "istio-injection": "enabled" }, 1],
    ["labelled with a revision", { "istio.io/rev": "canary" }, 1],
    ["disabled", { "istio-injection": "disabled" }, 0],
    ["unlabelled", {}, 0],
  ])("belong to the mesh by their namespace: %s", (_, labels, findings) => {
    expect(found(namespace("shop", labels), deployment(), onTcp, onUdp)).toHaveLength(findings);
  });

  test.each([
    ["nothing says that they are in the mesh", deployment()],
    ["they say anything but true", injected({ "sidecar.istio.io/inject": "yes" })],
    ["they are a waypoint", injected({}, { labels: { "gateway.istio.io/managed": "istio.io-mesh-controller" } })],
    ["they are Kubernetes' own", injected({}, { namespace: "kube-system" })],
  ])("are left alone where %s", (_, one) => {
    expect(found(one, onTcp, onUdp)).toEqual([]);
  });
});

describe("a Deployment of the mesh that no Service selects", () => {
  const older = (objects: Objects, externals: readonly string[] = [], istio = "1.19"): readonly string[] =>
    inShort(findingsIn(yaml(...objects), [deploymentWithoutService], { istio, externals }));

  test("is told of up to Istio 1.19", () => {
    expect(older([injected()])).toEqual([`IST0117 ${at}`]);
    expect(older([injected()], [], "1.20")).toEqual([]);
  });

  test("is none where a Service selects it, or is declared to live outside", () => {
    expect(older([injected(), onTcp])).toEqual([]);
    expect(older([injected()], ["Service shop/pricing"])).toEqual([]);
    expect(older([injected()], ["Service till/pricing"])).toHaveLength(1);
    expect(older([deployment()])).toEqual([]);
  });
});

describe("a port of a Service", () => {
  const ports = (spec: object, metadata = {}): readonly string[] =>
    inShort(findingsIn(yaml(service("a", { ...spec }, metadata)), [portName, externalNamePort]));

  test.each([
    { name: "http" },
    { name: "HTTP-web" },
    { name: "http2" },
    { name: "grpc-web" },
    { name: "grpc-web-prices" },
    { name: "http_proxy" },
    { name: "https-a-b" },
    { name: "mongo" },
    { name: "web", appProtocol: "http" },
    { name: "web", appProtocol: "kubernetes.io/h2c" },
    { name: "web", appProtocol: "kubernetes.io/wss" },
    { name: "dns", protocol: "UDP" },
    { name: "mail", port: 25 },
    { port: 3306 },
  ])("says its protocol: %j", (port) => {
    expect(ports({ ports: [{ port: 8080, ...port }] })).toEqual([]);
  });

  test.each([
    { name: "web" },
    { name: "httpweb" },
    { name: "web-http" },
    { name: "" },
    {},
    { name: "http", appProtocol: "example.com/mine" },
    { name: "http", appProtocol: "" },
    { name: "sctp", protocol: "SCTP" },
    { name: "hbone" },
    { name: 7 },
  ])("does not say its protocol: %j", (port) => {
    expect(ports({ ports: [{ port: 8080, ...port }] })).toEqual(["IST0118 Service shop/a spec.ports[0]"]);
  });

  test("is told of one by one, with what it says", () => {
    const ports = [{ port: 80 }, { port: 81, appProtocol: "x" }, { port: 82, name: "web" }, {}];
    const findings = findingsIn(yaml(service("a", { ports })), [portName]);
    expect(findings.map(({ message, field, severity }) => `${severity} ${field}: ${message}`)).toEqual([
      "note spec.ports[0]: port 80 has neither a name nor an appProtocol, so Istio detects its protocol.",
      'note spec.ports[1]: port 81 has the appProtocol "x", which Istio does not know, so Istio detects its protocol.',
      'note spec.ports[2]: port 82 is named "web", which begins with no protocol that Istio knows, so Istio detects its protocol.',
      "note spec.ports[3]: port without a number has neither a name nor an appProtocol, so Istio detects its protocol.",
    ]);
  });

  test("of an ExternalName Service may not be taken for TCP", () => {
    const spec = { type: "ExternalName", externalName: "a.example.com" };
    const told = ["IST0150 Service shop/a spec.ports[0]"];
    expect(ports({ ...spec, ports: [{ name: "tcp", port: 443 }] })).toEqual(told);
    expect(ports({ ...spec, ports: [{ port: 443 }] })).toEqual(told);
    expect(ports({ ...spec, ports: [{ name: "https", port: 443 }] })).toEqual([]);
    expect(ports({ ...spec, ports: [{ name: "tcp-rates", port: 443 }] })).toEqual([]);
    expect(ports(spec)).toEqual([]);
  });

  test("of an ExternalName Service is told of by its name", () => {
    const ports = [{ name: "tcp", port: 1 }, { port: 2 }, { name: "web", port: 3 }];
    const findings = findingsIn(yaml(service("a", { type: "ExternalName", ports })), [externalNamePort]);
    expect(findings.map(({ message }) => message.slice(0, 21))).toEqual([
      'a port named "tcp" is',
      "a port without a name",
      'a port named "web" is',
    ]);
  });

  test("named tcp is as good as any elsewhere", () => {
    expect(ports({ ports: [{ name: "tcp", port: 443 }] })).toEqual([]);
  });

  test.each([
    ["of Istio's own Services", { labels: { istio: "pilot" } }],
    ["of what Istio's chart makes", { labels: { release: "istio" } }],
    ["of a Gateway that Istio manages", { labels: { "gateway.istio.io/managed": "istio.io-gateway-controller" } }],
    ["of a waypoint", { labels: { "gateway.istio.io/managed": "istio.io-mesh-controller" } }],
    ["of an east-west gateway", { labels: { "gateway.istio.io/managed": "istio.io-eastwest-controller" } }],
    ["of Kubernetes' own Services", { namespace: "kube-system" }],
  ])("is not looked at: one %s", (_, metadata) => {
    expect(ports({ ports: [{ name: "web", port: 8080 }] }, metadata)).toEqual([]);
  });
});

describe("tokens asked of pods", () => {
  const policy = (selector: object | undefined, jwtRules: unknown = [{ issuer: "a" }]): Fields =>
    istio("RequestAuthentication", { selector, jwtRules });
  const selector = { matchLabels: { app: "pricing" } };
  const asked = (policy: Fields, ports: unknown, release = "1.20"): readonly string[] =>
    inShort(findingsIn(yaml(policy, deployment(), service("a", { ports })), [jwtOnTcp], { istio: release }));

  test("cannot be read where no port speaks HTTP, up to Istio 1.20", () => {
    expect(asked(policy(selector), [{ name: "tcp", port: 1 }])).toEqual(["IST0119 RequestAuthentication shop/pricing spec.jwtRules"]);
    expect(asked(policy(selector), [{ name: "tcp", port: 1 }], "1.21")).toEqual([]);
    const ports = [{ name: "tcp", port: 1 }, { port: 25 }];
    const objects = [policy(selector), deployment(), service("a", { ports })];
    const [finding] = findingsIn(yaml(...objects), [jwtOnTcp], { istio: "1.20" });
    expect(finding?.message).toBe("it asks for tokens, and no port of the Service a speaks HTTP: 1 (tcp), 25 (no name).");
  });

  test.each([
    [
      "one port speaks HTTP",
      policy(selector),
      [
        { name: "tcp", port: 1 },
        { name: "grpc", port: 2 },
      ],
    ],
    [
      "one port may speak HTTP",
      policy(selector),
      [
        { name: "tcp", port: 1 },
        { name: "web", port: 2 },
      ],
    ],
    ["the Service has no ports", policy(selector), []],
    ["no token is asked for", policy(selector, []), [{ name: "tcp", port: 1 }]],
    ["the policy is for the whole namespace", policy(undefined), [{ name: "tcp", port: 1 }]],
  ])("can be read, or need not be, where %s", (_, one, ports) => {
    expect(asked(one, ports)).toEqual([]);
  });
});
