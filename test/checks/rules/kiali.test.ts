import { describe, expect, test } from "vitest";
import { kialiRules } from "../../../lib/checks/rules/kiali-rules";
import { policyRules } from "../../../lib/checks/rules/policy-rules";
import { routingRules } from "../../../lib/checks/rules/routing-rules";
import { type Around, findingsIn, inShort } from "../checked";

const found = (code: string, yaml: readonly string[], around: Around = {}): readonly string[] =>
  findingsIn(
    yaml.join("---\n"),
    kialiRules.filter((rule) => rule.code === code),
    around,
  ).map(({ severity, resource, field }) => [severity, `${resource?.namespace ?? ""}/${resource?.name}`, field ?? ""].join(" "));

const object = (apiVersion: string, kind: string, path: string, spec: string): string => {
  const [namespace, name] = path.split("/");
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
};
const rule = (spec: string, path = "shop/pricing"): string => object("networking.istio.io/v1", "DestinationRule", path, spec);
const routes = (spec: string, path = "shop/pricing"): string => object("networking.istio.io/v1", "VirtualService", path, spec);
const service = (path = "shop/pricing"): string => object("v1", "Service", path, "{ selector: { app: pricing }, ports: [{ port: 8080 }] }");
const pod = (path: string, labels: string): string => {
  const [namespace, name] = path.split("/");
  return `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: ${namespace}, labels: ${labels} }\nspec: {}\n`;
};
const namespace = (name: string, labels: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: ${labels} }\n`;
const peers = (mode: string, path: string): string =>
  object("security.istio.io/v1", "PeerAuthentication", path, `{ mtls: { mode: ${mode} } }`);
const full = "pricing.shop.svc.cluster.local";

describe("KIA0201: one subset of a host, two DestinationRules", () => {
  const subset = (name: string, more = ""): string => `{ host: pricing, subsets: [{ name: ${name} }]${more} }`;
  const policy = ", trafficPolicy: { loadBalancer: { simple: RANDOM } }";

  test("is told at both, by whichever name they call the host", () => {
    const other = rule(`{ host: ${full}, subsets: [{ name: v0 }, { name: v1 }] }`, "shop/other");
    expect(found("KIA0201", [rule(subset("v1")), other])).toEqual([
      "warning shop/pricing spec.subsets[0].name",
      "warning shop/other spec.subsets[1].name",
    ]);
  });

  test("is none where Istio puts them together without a loss", () => {
    expect(found("KIA0201", [rule(subset("v1")), rule(subset("v2"), "shop/other")])).toEqual([]);
    expect(found("KIA0201", [rule(subset("v1")), rule(`{ host: pricing${policy} }`, "shop/other")])).toEqual([]);
  });

  test("is also one policy for the whole host beside another", () => {
    const whole = (path: string): string => rule(`{ host: pricing${policy} }`, path);
    expect(found("KIA0201", [whole("shop/a"), whole("shop/b")])).toEqual(["warning shop/a spec.host", "warning shop/b spec.host"]);
    expect(found("KIA0201", [whole("shop/a"), rule(subset("v1", policy))])).toHaveLength(2);
  });

  test("is none between a wildcard and a host that it covers, nor between namespaces: callers follow one of them", () => {
    expect(
      found("KIA0201", [rule(`{ host: "*.shop.svc.cluster.local"${policy} }`, "shop/all"), rule(`{ host: pricing${policy} }`)]),
    ).toEqual([]);
    expect(found("KIA0201", [rule(`{ host: ${full}${policy} }`, "web/a"), rule(`{ host: ${full}${policy} }`, "shop/b")])).toEqual([]);
  });

  test("is none where no namespace sees both, or they are for different workloads", () => {
    const shown = (path: string, to: string): string => rule(subset("v1", `, exportTo: [${to}]`), path);
    expect(found("KIA0201", [shown("shop/a", "web"), shown("shop/b", "app")])).toEqual([]);
    expect(found("KIA0201", [shown("shop/a", "web, app"), shown("shop/b", "app")])).toHaveLength(2);
    expect(found("KIA0201", [shown("shop/a", "."), shown("shop/b", "'*'")])).toHaveLength(2);
    const only = (path: string, app: string): string => rule(subset("v1", `, workloadSelector: { matchLabels: { app: ${app} } }`), path);
    expect(found("KIA0201", [only("shop/a", "web"), only("shop/b", "app"), rule(subset("v1"))])).toEqual([]);
    expect(found("KIA0201", [only("shop/a", "web"), only("shop/b", "web")])).toHaveLength(2);
  });
});

describe("KIA0203: a subset without pods", () => {
  const subsets = rule("{ host: pricing, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }");
  const first = pod("shop/pricing-1", "{ app: pricing, version: v1 }");
  const used = routes("{ hosts: [pricing], http: [{ route: [{ destination: { host: pricing, subset: v2 } }] }] }");

  test("is an error where a route sends requests to it, else a warning", () => {
    const elsewhere = pod("shop/payment-1", "{ app: payment, version: v2 }");
    expect(found("KIA0203", [service(), subsets, first, elsewhere])).toEqual(["warning shop/pricing spec.subsets[1].labels"]);
    expect(found("KIA0203", [service(), subsets, first, elsewhere, used])).toEqual(["error shop/pricing spec.subsets[1].labels"]);
  });

  test("is IST0173's where the release has it and no pod anywhere is in the subset", () => {
    const all = [service(), subsets, first];
    const codes = (istio: string): readonly string[] =>
      findingsIn(all.join("---\n"), [...kialiRules, ...routingRules], { istio }).flatMap(({ code }) =>
        /^(KIA0203|IST0173)$/.test(code) ? [code] : [],
      );
    expect(codes("1.24")).toEqual(["KIA0203"]);
    expect(found("KIA0203", all, { istio: "1.25" })).toEqual([]);
  });

  test("is none where no pods of the Service are among the objects, or some are declared to live outside", () => {
    const around = { istio: "1.24" };
    expect(found("KIA0203", [service(), subsets], around)).toEqual([]);
    expect(found("KIA0203", [subsets, first], around)).toEqual([]);
    expect(found("KIA0203", [service(), subsets, first], { ...around, externals: ["Deployment shop/pricing-v2"] })).toEqual([]);
  });

  test("is none where labels come with the pods themselves, or from a Rollout", () => {
    const around = { istio: "1.24" };
    const zone = rule("{ host: pricing, subsets: [{ name: a, labels: { topology.kubernetes.io/zone: a } }] }");
    expect(found("KIA0203", [service(), zone, first], around)).toEqual([]);
    const rollout = object(
      "argoproj.io/v1alpha1",
      "Rollout",
      "shop/pricing",
      "{ strategy: { canary: { trafficRouting: { istio: { destinationRule: { name: pricing } } } } } }",
    );
    expect(found("KIA0203", [service(), subsets, first, rollout], around)).toEqual([]);
    expect(found("KIA0203", [service(), subsets, first], around)).toHaveLength(1);
  });
});

describe("KIA0207 and KIA0208: plaintext where only mTLS is taken", () => {
  const plain = (host: string, path = "shop/default"): string =>
    rule(`{ host: "${host}", trafficPolicy: { tls: { mode: DISABLE } } }`, path);
  const all = "*.shop.svc.cluster.local";
  const both = (...yaml: readonly string[]): readonly string[] =>
    inShort(findingsIn(yaml.join("---\n"), [...kialiRules, ...policyRules])).map((line) => line.split(" ").slice(0, 3).join(" "));

  test("are told by whose policy takes mTLS only", () => {
    expect(both(plain(all), peers("STRICT", "shop/default"))).toEqual(["KIA0207 DestinationRule shop/default"]);
    expect(both(plain(all), peers("STRICT", "istio-system/default"))).toEqual(["KIA0208 DestinationRule shop/default"]);
    expect(both(plain("*.local", "istio-system/all"), peers("STRICT", "istio-system/default"))).toEqual([
      "KIA0208 DestinationRule istio-system/all",
    ]);
  });

  test("are none where the namespace takes plaintext after all, or is another one", () => {
    expect(both(plain(all), peers("STRICT", "istio-system/default"), peers("PERMISSIVE", "shop/default"))).toEqual([]);
    expect(both(plain(all), peers("STRICT", "other/default"))).toEqual([]);
    expect(both(plain("*.local", "istio-system/all"), peers("STRICT", "shop/default"))).toEqual([]);
  });

  test("leave Services that are among the objects to IST0113: one fault, one finding", () => {
    expect(both(plain(all), peers("STRICT", "shop/default"), service())).toEqual(["IST0113 DestinationRule shop/default"]);
    const outside = pod("shop/pricing-1", "{ app: pricing, sidecar.istio.io/inject: 'false' }");
    expect(both(plain(all), peers("STRICT", "shop/default"), service(), outside)).toEqual([]);
  });

  test("are none for a namespace that is seen to have no sidecars", () => {
    expect(both(plain(all), peers("STRICT", "shop/default"), namespace("shop", "{}"))).toEqual([]);
  });
});

describe("KIA0209: a subset without labels", () => {
  const subsets = (list: string): string => rule(`{ host: pricing, subsets: ${list} }`);
  const route = (...entries: readonly string[]): string =>
    routes(
      `{ hosts: [pricing], http: [{ route: [${entries.map((subset) => `{ destination: { host: pricing, subset: ${subset} } }`).join(", ")}] }] }`,
    );

  test("is told beside subsets that have some, and where a route sends it a share", () => {
    expect(found("KIA0209", [subsets("[{ name: v1, labels: { version: v1 } }, { name: v2 }]")])).toEqual([
      "warning shop/pricing spec.subsets[1]",
    ]);
    expect(found("KIA0209", [subsets("[{ name: a, trafficPolicy: {} }, { name: b, trafficPolicy: {} }]"), route("a", "b")])).toHaveLength(
      2,
    );
  });

  test("is a name for the host where a route sends everything to it, as egress gateways do", () => {
    expect(found("KIA0209", [subsets("[{ name: cnn }]"), route("cnn")])).toEqual([]);
    expect(found("KIA0209", [subsets("[{ name: cnn }]")])).toEqual(["note shop/pricing spec.subsets[0]"]);
  });

  test("is a policy of its own where it has one, and nothing to judge for a host outside the cluster", () => {
    expect(found("KIA0209", [subsets("[{ name: v1, labels: { version: v1 } }, { name: slow, trafficPolicy: {} }]")])).toEqual([]);
    expect(found("KIA0209", [rule("{ host: api.example.no, subsets: [{ name: a, labels: { a: b } }, { name: tls }] }")])).toEqual([]);
  });
});

describe("KIA1105: one destination twice in a route", () => {
  const http = (...entries: readonly string[]): string => routes(`{ hosts: [pricing], http: [{ route: [${entries.join(", ")}] }] }`);

  test("is told at the second, by whichever name it calls the host", () => {
    const entries = [
      "{ destination: { host: pricing, subset: v1 }, weight: 95 }",
      `{ destination: { host: ${full}, subset: v1 }, weight: 5 }`,
    ];
    expect(found("KIA1105", [http(...entries)])).toEqual(["warning shop/pricing spec.http[0].route[1].destination"]);
    expect(found("KIA1105", [routes(`{ hosts: [pricing], tcp: [{ route: [${entries.join(", ")}] }] }`)])).toHaveLength(1);
  });

  test("is none with another subset, port or headers, nor in another route", () => {
    const base = "{ destination: { host: pricing } }";
    const others = [
      "{ destination: { host: pricing, subset: v1 } }",
      "{ destination: { host: pricing, port: { number: 90 } } }",
      "{ destination: { host: pricing }, headers: { request: { set: { a: b } } } }",
    ];
    expect(found("KIA1105", [http(base, ...others)])).toEqual([]);
    expect(found("KIA1105", [routes(`{ hosts: [pricing], http: [{ route: [${base}] }, { route: [${base}] }] }`)])).toEqual([]);
  });
});

describe("KIA1106: routes of one gateway in each other's way", () => {
  const at = (path: string, match: string, more = ""): string =>
    routes(
      `{ hosts: [shop.example.no], gateways: [istio-system/edge], http: [{ ${match} route: [{ destination: { host: a } }] }]${more} }`,
      path,
    );
  const prefix = (path: string): string => `match: [{ uri: { prefix: ${path} } }],`;

  test("are those with the same conditions, however they are written", () => {
    expect(found("KIA1106", [at("shop/a", ""), at("shop/b", prefix("/"))])).toEqual([
      "warning shop/a spec.http[0]",
      "warning shop/b spec.http[0].match[0]",
    ]);
    const headers = "headers: { x: { exact: a }, y: { exact: b } }, name: first";
    const turned = "name: second, headers: { y: { exact: b }, x: { exact: a } }";
    expect(found("KIA1106", [at("shop/a", `match: [{ ${headers} }],`), at("shop/b", `match: [{ ${turned} }],`)])).toHaveLength(2);
  });

  test("are none where VirtualServices split the paths of a host, the rest of it among them", () => {
    expect(found("KIA1106", [at("shop/a", prefix("/a")), at("shop/b", prefix("/b")), at("shop/rest", "")])).toEqual([]);
  });

  test("are none at different gateways, for different hosts, or for the mesh, which is IST0109's", () => {
    const one = (path: string, host: string, gateway: string): string =>
      routes(`{ hosts: [${host}], gateways: [${gateway}], http: [{ route: [{ destination: { host: a } }] }] }`, path);
    expect(found("KIA1106", [one("shop/a", "a.no", "edge"), one("shop/b", "a.no", "inner"), one("web/c", "a.no", "edge")])).toEqual([]);
    expect(found("KIA1106", [one("shop/a", "a.no", "edge"), one("shop/b", "b.no", "edge")])).toEqual([]);
    expect(found("KIA1106", [one("shop/a", "a.no", "mesh"), one("shop/b", "a.no", "mesh")])).toEqual([]);
    expect(found("KIA1106", [one("shop/a", "a.no", "mesh, edge"), one("shop/b", "a.no", "./edge")])).toHaveLength(2);
  });

  test("are none where a match keeps to another gateway, or no namespace sees both", () => {
    expect(found("KIA1106", [at("shop/a", "match: [{ gateways: [mesh] }],"), at("shop/b", "")])).toEqual([]);
    expect(found("KIA1106", [at("shop/a", "", ", exportTo: [a]"), at("shop/b", "", ", exportTo: [b]")])).toEqual([]);
  });
});

describe("KIA1107: a subset out of the callers' sight", () => {
  const owner = (more = "", path = "shop/pricing"): string =>
    rule(`{ host: ${full}, subsets: [{ name: v2, labels: { version: v2 } }]${more} }`, path);
  const sends = (more: string, path = "web/pricing"): string =>
    routes(`{ hosts: [${full}], http: [{ route: [{ destination: { host: ${full}, subset: v2 } }] }]${more} }`, path);
  const told = ["warning web/pricing spec.http[0].route[0].destination.subset"];
  const here = ", exportTo: ['.']";

  test("is told where the DestinationRule keeps to its namespace and the callers are elsewhere", () => {
    expect(found("KIA1107", [owner(here), sends(here)])).toEqual(told);
    expect(found("KIA1107", [owner(", exportTo: [web]"), sends(here)])).toEqual([]);
    expect(found("KIA1107", [owner(), sends(here)])).toEqual([]);
  });

  test("is told where it is in a namespace that is neither the callers' nor the host's nor the root", () => {
    expect(found("KIA1107", [owner("", "config/pricing"), sends(here)])).toEqual(told);
    expect(found("KIA1107", [owner("", "web/pricing"), sends(here)])).toEqual([]);
    expect(found("KIA1107", [owner("", "istio-system/pricing"), sends(here)])).toEqual([]);
  });

  test("is told where the callers' own DestinationRule hides it", () => {
    expect(found("KIA1107", [owner(), rule(`{ host: ${full} }`, "web/own"), sends(here)])).toEqual(told);
  });

  test("counts callers that are seen: pods of the namespace, and of the gateway", () => {
    const gateway = object("networking.istio.io/v1", "Gateway", "web/edge", "{ selector: { istio: ingressgateway } }");
    expect(found("KIA1107", [owner(here), sends("")])).toEqual([]);
    expect(found("KIA1107", [owner(here), sends(""), pod("web/client", "{ app: client }")])).toEqual(told);
    expect(found("KIA1107", [owner(here, "web/pricing"), gateway, sends(", gateways: [edge]")])).toEqual(told);
    expect(found("KIA1107", [owner("", "shop/pricing"), gateway, sends(", gateways: [edge]")])).toEqual([]);
  });

  test("leaves a subset that no DestinationRule has to IST0101", () => {
    expect(found("KIA1107", [rule(`{ host: ${full} }`), sends(here)])).toEqual([]);
  });

  test("is none where the rule that is missed may live outside", () => {
    expect(found("KIA1107", [owner(here), sends(here)], { externals: ["DestinationRule web/pricing"] })).toEqual([]);
  });
});

describe("KIA1311: a sidecar and the ambient mode", () => {
  const deployment = (labels: string): string =>
    object("apps/v1", "Deployment", "shop/pricing", `{ template: { metadata: { labels: ${labels} } } }`);
  const told = (severity: string): readonly string[] => [`${severity} shop/pricing spec.template.metadata.labels`];
  const ambient = "istio.io/dataplane-mode: ambient";
  const inject = "sidecar.istio.io/inject: 'true'";

  test("are an error together on the pods, or on pods and their namespace", () => {
    expect(found("KIA1311", [deployment(`{ ${ambient}, ${inject} }`)])).toEqual(told("error"));
    expect(found("KIA1311", [namespace("shop", "{ istio-injection: enabled }"), deployment(`{ ${ambient} }`)])).toEqual(told("error"));
    expect(found("KIA1311", [namespace("shop", `{ ${ambient} }`), deployment(`{ ${inject} }`)])).toEqual(told("warning"));
  });

  test("are told apart by a label that takes the pods out of one of them", () => {
    expect(found("KIA1311", [namespace("shop", `{ ${ambient} }`), deployment(`{ ${inject}, istio.io/dataplane-mode: none }`)])).toEqual([]);
    expect(
      found("KIA1311", [namespace("shop", "{ istio-injection: enabled }"), deployment(`{ ${ambient}, sidecar.istio.io/inject: 'false' }`)]),
    ).toEqual([]);
  });

  test("on a namespace are IST0123, not once more at each of its workloads", () => {
    expect(found("KIA1311", [namespace("shop", `{ ${ambient}, istio-injection: enabled }`), deployment(`{ ${inject} }`)])).toEqual([]);
  });

  test("are no matter for a gateway, which brings its own proxy", () => {
    expect(found("KIA1311", [namespace("shop", `{ ${ambient} }`), deployment(`{ ${inject}, istio: ingressgateway }`)])).toEqual([]);
  });
});
