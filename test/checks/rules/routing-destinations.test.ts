import { describe, expect, test } from "vitest";
import type { Rule } from "../../../lib/checks/rule";
import { policyWithoutWorkloads } from "../../../lib/checks/rules/routing/ist0127-policy-without-workloads";
import { noCaCertificates } from "../../../lib/checks/rules/routing/ist0128-no-ca-certificates";
import { noCaCertificatesForPort } from "../../../lib/checks/rules/routing/ist0129-no-ca-certificates-for-port";
import { addressesRequired } from "../../../lib/checks/rules/routing/ist0134-addresses-required";
import { subsetWithoutPods } from "../../../lib/checks/rules/routing/ist0173-subset-without-pods";
import { unknownRuleHost } from "../../../lib/checks/rules/routing/ist0174-unknown-rule-host";
import { conflictingProtocols } from "../../../lib/checks/rules/routing/ist0177-conflicting-protocols";
import { type Around, findingsIn, inShort } from "../checked";
import { deployment, documents, namespace, networking, object, pod, service, virtualService } from "./routing-samples";

const found = (rule: Rule, yaml: string, around: Around = {}): readonly string[] => inShort(findingsIn(yaml, [rule], around));

describe("TLS without a CA", () => {
  const rule = (tls: string, more = ""): string =>
    networking("DestinationRule", "shop/bank", `host: api.bank.example\ntrafficPolicy:\n  tls: ${tls}\n${more}`.trim());
  const whole = (tls: string, more = ""): readonly string[] => found(noCaCertificates, rule(tls, more));
  const told = ["IST0128 DestinationRule shop/bank spec.trafficPolicy.tls"];

  test.each([
    ["{ mode: SIMPLE }", "", told],
    ["{ mode: MUTUAL }", "", told],
    ["{ mode: SIMPLE, caCertificates: '' }", "", told],
    ["{ mode: SIMPLE, caCertificates: /etc/ca.pem }", "", []],
    ["{ mode: ISTIO_MUTUAL }", "", []],
    ["{ mode: DISABLE }", "", []],
    ["{ mode: SIMPLE, credentialName: bank }", "", told],
    ["{ mode: SIMPLE, credentialName: bank }", "workloadSelector: { matchLabels: { app: shop } }", []],
    ["{ mode: SIMPLE }", "workloadSelector: { matchLabels: { app: shop } }", told],
  ])("%s %s", (tls, more, expected) => {
    expect(whole(tls, more)).toEqual(expected);
  });

  test("is told of for each port that has settings of its own", () => {
    const ports =
      "  portLevelSettings: [{ port: { number: 443 }, tls: { mode: SIMPLE } }, { port: { number: 8443 }, tls: { mode: DISABLE } }]";
    const yaml = rule("{ mode: SIMPLE, caCertificates: /etc/ca.pem }", ports);
    expect(found(noCaCertificatesForPort, yaml)).toEqual(["IST0129 DestinationRule shop/bank spec.trafficPolicy.portLevelSettings[0].tls"]);
    expect(found(noCaCertificates, yaml)).toEqual([]);
  });

  test("to a host outside the cluster is a note since Istio 1.21, where the system's CAs vouch for it", () => {
    const severity = (host: string, istio: string): string | undefined =>
      findingsIn(rule("{ mode: SIMPLE }").replace("api.bank.example", host), [noCaCertificates], { istio })[0]?.severity;
    expect([severity("api.bank.example", "1.20"), severity("api.bank.example", "1.21")]).toEqual(["warning", "note"]);
    expect([severity("ledger", "1.21"), severity("ledger.bank.svc.cluster.local", "1.21")]).toEqual(["warning", "warning"]);
  });

  test("means another thing before Istio 1.21, and is an error before 1.18", () => {
    const [message, severity] = (["message", "severity"] as const).map(
      (field) => (istio: string) => findingsIn(rule("{ mode: SIMPLE }"), [noCaCertificates], { istio })[0]?.[field],
    );
    expect(message?.("1.20")).toBe(
      "SIMPLE TLS to api.bank.example has no caCertificates: the proxy takes whatever certificate it is shown.",
    );
    expect(message?.("1.21")).toContain("any CA that the proxy's operating system trusts");
    expect([severity?.("1.17"), severity?.("1.18")]).toEqual(["error", "warning"]);
  });
});

describe("ServiceEntries for TCP", () => {
  const entry = (ports: string, more = ""): string =>
    networking("ServiceEntry", "shop/db", `hosts: [db.example.no]\nports: [${ports}]\n${more}`.trim());
  const told = (...indices: readonly number[]): readonly string[] =>
    indices.map((index) => `IST0134 ServiceEntry shop/db spec.ports[${index}].protocol`);
  const tcp = "{ number: 5432, name: tcp, protocol: TCP }";

  test.each([
    ["of TCP", tcp, "", told(0)],
    ["of tcp", "{ number: 5432, name: tcp, protocol: tcp }", "", told(0)],
    ["of no protocol", "{ number: 5432, name: tcp }", "", told(0)],
    ["of TLS", "{ number: 5432, name: tls, protocol: TLS }", "", []],
    ["of MONGO", "{ number: 5432, name: db, protocol: MONGO }", "", []],
    ["of several", `${tcp}, { number: 443, name: tls, protocol: TLS }, { number: 1, name: a }`, "", told(0, 2)],
    ["with addresses", tcp, "addresses: [10.0.0.1]", []],
    ["with no addresses in the list", tcp, "addresses: []", told(0)],
  ])("%s", (_, ports, more, expected) => {
    expect(found(addressesRequired, entry(ports, more))).toEqual(expected);
  });

  test("may have had their addresses allocated", () => {
    expect(found(addressesRequired, `${entry(tcp)}\nstatus: { addresses: [{ value: 240.240.0.1 }] }`)).toEqual([]);
  });

  test.each([
    [["ISTIO_META_DNS_CAPTURE", "ISTIO_META_DNS_AUTO_ALLOCATE"], []],
    [["ISTIO_META_DNS_CAPTURE", "PILOT_ENABLE_IP_AUTOALLOCATE"], []],
    [["ISTIO_META_DNS_CAPTURE"], told(0)],
    [["ISTIO_META_DNS_AUTO_ALLOCATE"], told(0)],
  ])("with %j in the mesh's configuration", (names, expected) => {
    const metadata = names.map((name) => `${name}: "true"`).join(", ");
    const meshConfig = `defaultConfig: { proxyMetadata: { ${metadata} } }`;
    expect(found(addressesRequired, entry(tcp), { meshConfig })).toEqual(expected);
  });
});

describe("protocols of one port", () => {
  const entry = (fullName: string, protocol: string, exportTo = "", port = 443): string =>
    networking(
      "ServiceEntry",
      fullName,
      `hosts: [api.bank.example]\nports: [{ number: ${port}, name: p, protocol: ${protocol} }]\n${exportTo}`.trim(),
    );
  const conflicting = (...yaml: readonly string[]): readonly string[] =>
    found(conflictingProtocols, documents(...yaml)).map((line) => line.split(" ")[2] ?? "");

  test("are told of at every ServiceEntry of the host and port", () => {
    expect(conflicting(entry("a/a", "TLS"), entry("b/b", "HTTP"))).toEqual(["a/a", "b/b"]);
    expect(conflicting(entry("a/a", "TLS"), entry("b/b", "tls"))).toEqual([]);
    expect(conflicting(entry("a/a", "TLS"), entry("b/b", "HTTP", "", 80))).toEqual([]);
    expect(conflicting(entry("a/a", "TLS"), entry("b/b", "TLS"), entry("c/c", "HTTP"))).toEqual(["a/a", "b/b", "c/c"]);
  });

  test.each([
    ["exportTo: [x]", "exportTo: [y]", []],
    ["exportTo: ['.']", "exportTo: [a]", ["a/a", "b/b"]],
    ["exportTo: ['.']", "", ["a/a", "b/b"]],
    ["", "exportTo: ['.']", ["a/a", "b/b"]],
    ["exportTo: [x, '*']", "exportTo: [y, '*']", ["a/a", "b/b"]],
  ])("meet where both are seen: %j and %j", (own, other, expected) => {
    expect(conflicting(entry("a/a", "TLS", own), entry("b/b", "HTTP", other))).toEqual(expected);
  });

  test("may conflict within one ServiceEntry, which is told of once", () => {
    const twice = entry("a/a", "TLS").replace("protocol: TLS }]", "protocol: TLS }, { number: 443, name: q, protocol: HTTP }]");
    const messages = findingsIn(twice, [conflictingProtocols]).map(({ message }) => message);
    expect(messages).toEqual([
      "This ServiceEntry alone says that port 443 of api.bank.example speaks HTTP and TLS: Istio takes one of these.",
    ]);
  });

  test("are looked at since Istio 1.31", () => {
    const yaml = documents(entry("a/a", "TLS"), entry("b/b", "HTTP"));
    expect(found(conflictingProtocols, yaml, { istio: "1.30" })).toEqual([]);
    expect(found(conflictingProtocols, yaml, { istio: "1.31" }).length).toBe(2);
  });
});

describe("hosts of DestinationRules", () => {
  const rule = (host: string, more = ""): string => networking("DestinationRule", "shop/rule", `host: "${host}"\n${more}`.trim());
  const unknown = (host: string, around: Around = {}, more = ""): readonly string[] =>
    found(unknownRuleHost, documents(service("shop/pricing"), rule(host, more)), around);
  const told = ["IST0174 DestinationRule shop/rule spec.host"];

  test.each([
    ["pricing", []],
    ["pricing.shop.svc.cluster.local", []],
    ["prices", told],
    ["pricing.shop", told],
    ["*.local", []],
    ["*.shop.svc.cluster.local", []],
    ["*.bank.svc.cluster.local", told],
    ["*.example.no", told],
    ["*", []],
    ["istio-ingressgateway.istio-system.svc.cluster.local", []],
    ["pricing.shop.svc.clusterset.local", []],
    ["istiod.istio-system.svc.cluster.local", []],
    ["kubernetes.default.svc.cluster.local", []],
  ])("%s", (host, expected) => {
    expect(unknown(host)).toEqual(expected);
  });

  test("are those that the namespaces see which the rule is for", () => {
    const entry = networking("ServiceEntry", "bank/bank", "hosts: [api.bank.example]\nexportTo: [shop]");
    expect(found(unknownRuleHost, documents(entry, rule("api.bank.example")))).toEqual([]);
    expect(found(unknownRuleHost, documents(entry, rule("api.bank.example", "exportTo: [web]")))).toEqual(told);
  });

  test("are known where routes name them too and no Service was checked: they are made elsewhere", () => {
    const route = virtualService("shop/prices", "hosts: [prices]", "{ host: prices }");
    expect(found(unknownRuleHost, documents(rule("prices"), route))).toEqual([]);
    expect(found(unknownRuleHost, documents(rule("prices"), route, service("shop/pricing")))).toEqual(told);
    expect(found(unknownRuleHost, rule("prices"))).toEqual(told);
  });

  test("may be declared external", () => {
    expect(unknown("prices", { externals: ["Service shop/prices"] })).toEqual([]);
    expect(unknown("api.bank.example", { externals: ["Host api.bank.example"] })).toEqual([]);
  });

  test("are looked at since Istio 1.25", () => {
    expect(unknown("prices", { istio: "1.24" })).toEqual([]);
    expect(unknown("prices", { istio: "1.25" })).toEqual(told);
  });
});

describe("subsets", () => {
  const rule = (labels: string, host = "pricing"): string =>
    networking("DestinationRule", "shop/rule", `host: ${host}\nsubsets: [{ name: v1, labels: ${labels} }]`);
  const pricing = service("shop/pricing");
  const pods = deployment("shop/pricing", "{ app: pricing, version: v1 }");
  const empty = (yaml: string, around: Around = {}): readonly string[] => found(subsetWithoutPods, yaml, around);
  const told = ["IST0173 DestinationRule shop/rule spec.subsets[0].labels"];

  test("select pods by their labels", () => {
    expect(empty(documents(pricing, pods, rule("{ version: v1 }")))).toEqual([]);
    expect(empty(documents(pricing, pods, rule("{ version: v2 }")))).toEqual(told);
    expect(empty(documents(pricing, pods, rule("{ version: v1, tier: x }")))).toEqual(told);
    expect(empty(documents(pricing, pods, rule("{}")))).toEqual([]);
  });

  test("select what a Rollout, a WorkloadEntry and a WorkloadGroup make", () => {
    const rollout = object("argoproj.io/v1alpha1", "Rollout", "shop/p", "template: { metadata: { labels: { version: v2 } } }");
    const machine = networking("WorkloadEntry", "shop/p", "labels: { version: v2 }");
    const machines = networking("WorkloadGroup", "shop/p", "template: { labels: { version: v2 } }");
    for (const other of [rollout, machine, machines]) expect(empty(documents(pricing, pods, other, rule("{ version: v2 }")))).toEqual([]);
  });

  test("of a ServiceEntry select its endpoints, and pods that it selects itself", () => {
    const entry = (spec: string): string => networking("ServiceEntry", "shop/bank", `hosts: [api.bank.example]\n${spec}`);
    const bank = rule("{ version: v2 }", "api.bank.example");
    expect(empty(documents(entry("endpoints: [{ address: 10.0.0.1, labels: { version: v2 } }]"), pods, bank))).toEqual([]);
    expect(empty(documents(entry("endpoints: [{ address: 10.0.0.1 }]"), pods, bank))).toEqual(told);
    const selecting = entry("workloadSelector: { labels: { app: pricing } }");
    expect(empty(documents(selecting, pods, rule("{ version: v1 }", "api.bank.example")))).toEqual([]);
    const elsewhere = entry("workloadSelector: { labels: { app: bank } }");
    expect(empty(documents(elsewhere, pods, rule("{ version: v1 }", "api.bank.example")))).toEqual(told);
  });

  test("by place select pods on the nodes that were checked, and anything that is not placed yet", () => {
    const region = rule("{ version: v1, topology.kubernetes.io/region: north }");
    const node = (labels: string): string => `apiVersion: v1\nkind: Node\nmetadata: { name: n1, labels: ${labels} }`;
    const placed = pod("shop/pricing", "{ version: v1 }", "nodeName: n1");
    expect(empty(documents(pricing, pods, region))).toEqual([]);
    expect(empty(documents(pricing, placed, node("{ topology.kubernetes.io/region: north }"), region))).toEqual([]);
    expect(empty(documents(pricing, placed, node("{ topology.kubernetes.io/region: south }"), region))).toEqual(told);
    expect(empty(documents(pricing, placed, node("{}"), region))).toEqual(told);
    const zone = rule("{ topology.kubernetes.io/zone: a, topology.istio.io/subzone: b, kubernetes.io/hostname: n1 }");
    expect(empty(documents(pricing, placed, node("{ topology.kubernetes.io/zone: a, topology.istio.io/subzone: b }"), zone))).toEqual([]);
    expect(empty(documents(pricing, placed, rule("{ version: v1, topology.istio.io/cluster: oslo }")))).toEqual([]);
  });

  test("are not judged without workloads, for hosts outside, and where pods are declared external", () => {
    expect(empty(documents(pricing, rule("{ version: v1 }")))).toEqual([]);
    expect(empty(documents(pods, rule("{ version: v2 }")))).toEqual([]);
    const yaml = documents(pricing, pods, rule("{ version: v2 }"));
    expect(empty(yaml, { externals: ["Service shop/pricing"] })).toEqual([]);
    expect(empty(yaml, { externals: ["Deployment shop/pricing-v2"] })).toEqual([]);
    expect(empty(yaml, { externals: ["Deployment bank/pricing-v2"] })).toEqual(told);
  });

  test("of one name are told of once, by the last", () => {
    const twice = networking(
      "DestinationRule",
      "shop/rule",
      "host: pricing\nsubsets: [{ name: a, labels: { x: y } }, { name: a, labels: { x: z } }]",
    );
    expect(empty(documents(pricing, pods, twice))).toEqual(["IST0173 DestinationRule shop/rule spec.subsets[1].labels"]);
  });
});

describe("AuthorizationPolicies", () => {
  const policy = (spec: string, fullName = "shop/allow"): string => object("security.istio.io/v1", "AuthorizationPolicy", fullName, spec);
  const byApp = (app: string): string => `selector: { matchLabels: { app: ${app} } }`;
  const meshed = namespace("shop", "{ istio-injection: enabled }");
  const pods = deployment("shop/pricing", "{ app: pricing }");
  const applied = (...yaml: readonly string[]): boolean => found(policyWithoutWorkloads, documents(...yaml)).length === 0;

  test("select pods of their namespace", () => {
    expect(applied(meshed, pods, policy(byApp("pricing")))).toBe(true);
    expect(found(policyWithoutWorkloads, documents(meshed, pods, policy(byApp("prices"))))).toEqual([
      "IST0127 AuthorizationPolicy shop/allow spec.selector",
    ]);
    expect(applied(meshed, pods, policy(byApp("pricing"), "bank/allow"))).toBe(false);
  });

  test("without a selector are for all pods of the namespace", () => {
    expect(applied(meshed, pods, policy("rules: []"))).toBe(true);
    expect(found(policyWithoutWorkloads, documents(meshed, pods, policy("rules: []", "bank/allow")))).toEqual([
      "IST0127 AuthorizationPolicy bank/allow",
    ]);
  });

  test("of the root namespace are for the whole mesh", () => {
    expect(applied(meshed, pods, policy("rules: []", "istio-system/allow"))).toBe(true);
    expect(applied(meshed, pods, policy(byApp("pricing"), "istio-system/allow"))).toBe(true);
    expect(applied(meshed, pods, policy(byApp("prices"), "istio-system/allow"))).toBe(false);
    const yaml = documents(meshed, pods, policy(byApp("pricing"), "mesh/allow"));
    expect(found(policyWithoutWorkloads, yaml, { meshConfig: "rootNamespace: mesh" })).toEqual([]);
    expect(found(policyWithoutWorkloads, yaml).length).toBe(1);
  });

  test("select Istio's own ingress gateway", () => {
    expect(applied(meshed, pods, policy("selector: { matchLabels: { istio: ingressgateway } }", "istio-system/allow"))).toBe(true);
  });

  test.each([
    ["in a namespace that is injected", meshed, pods, true],
    ["in one that is not", namespace("shop"), pods, false],
    ["in one that is injected by revision", namespace("shop", "{ istio.io/rev: canary }"), pods, true],
    ["in one that was not checked", namespace("bank"), pods, true],
    ["as a Pod without a proxy in one that was not checked", namespace("bank"), pod("shop/pricing", "{ app: pricing }"), false],
    ["as a Pod with a proxy", namespace("shop"), pod("shop/p", "{ app: pricing }").replace("[{ name: app,", "[{ name: istio-proxy,"), true],
    ["that refuse a proxy", meshed, deployment("shop/pricing", "{ app: pricing, sidecar.istio.io/inject: 'false' }"), false],
    ["that ask for a proxy", namespace("shop"), deployment("shop/p", "{ app: pricing, sidecar.istio.io/inject: 'true' }"), true],
    ["in an ambient namespace", namespace("shop", "{ istio.io/dataplane-mode: ambient }"), pods, true],
    ["that are ambient themselves", namespace("shop"), deployment("shop/p", "{ app: pricing, istio.io/dataplane-mode: ambient }"), true],
  ])("apply to pods %s", (_, around, workload, expected) => {
    expect(applied(around, workload, policy(byApp("pricing")))).toBe(expected);
  });

  test("that name what they are for are not judged by labels", () => {
    const target = "targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: waypoint }]";
    expect(applied(meshed, pods, policy(target, "bank/allow"))).toBe(true);
  });

  test("are not judged without workloads, nor where pods are declared external", () => {
    expect(applied(meshed, policy(byApp("pricing")))).toBe(true);
    const yaml = documents(meshed, pods, policy(byApp("prices")));
    expect(found(policyWithoutWorkloads, yaml, { externals: ["Deployment shop/prices"] })).toEqual([]);
    expect(found(policyWithoutWorkloads, yaml, { externals: ["Deployment bank/prices"] }).length).toBe(1);
  });
});
