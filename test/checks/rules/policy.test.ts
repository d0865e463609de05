import { describe, expect, test } from "vitest";
import { listed } from "../../../lib/checks/rules/policy/listed";
import { policyRules } from "../../../lib/checks/rules/policy-rules";
import { type Around, findingsIn, inShort } from "../checked";

const found = (yaml: readonly string[], around: Around = {}): readonly string[] =>
  inShort(findingsIn(yaml.join("---\n"), policyRules, around));

const object = (kind: string, name: string, spec: string, namespace = "shop"): string =>
  `apiVersion: ${apiVersions[kind] ?? "v1"}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
const apiVersions: Readonly<Record<string, string>> = {
  Sidecar: "networking.istio.io/v1",
  EnvoyFilter: "networking.istio.io/v1alpha3",
  Telemetry: "telemetry.istio.io/v1",
  AuthorizationPolicy: "security.istio.io/v1",
  RequestAuthentication: "security.istio.io/v1",
  WasmPlugin: "extensions.istio.io/v1alpha1",
};
const pod = (name: string, labels: string, namespace = "shop", annotations = "{}"): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: ${namespace}, labels: ${labels}, annotations: ${annotations} }\n`;
const deployment = (name: string, labels: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}, namespace: shop }\nspec: { template: { metadata: { labels: ${labels} } } }\n`;
const namespace = (name: string, labels: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: ${labels} }\n`;
const sidecar = (name: string, selector?: string, where = "shop"): string =>
  object("Sidecar", name, selector === undefined ? "{}" : `{ workloadSelector: { labels: ${selector} } }`, where);
const telemetry = (name: string, spec = "{}", where = "shop"): string => object("Telemetry", name, spec, where);

describe("Sidecars with a selector", () => {
  const both = [sidecar("a", "{ app: pricing }"), sidecar("b", "{ tier: backend }")];

  test("are told at each pod that several select, once a Sidecar and pod", () => {
    const pods = [
      pod("one", "{ app: pricing, tier: backend }"),
      pod("two", "{ app: pricing, tier: backend }"),
      pod("three", "{ app: pricing }"),
    ];
    expect(found([...both, ...pods])).toEqual([
      "IST0110 Sidecar shop/a spec.workloadSelector",
      "IST0110 Sidecar shop/a spec.workloadSelector",
      "IST0110 Sidecar shop/b spec.workloadSelector",
      "IST0110 Sidecar shop/b spec.workloadSelector",
    ]);
  });

  test("do not meet in pods of another namespace", () => {
    expect(found([...both, pod("one", "{ app: pricing, tier: backend }", "other")])).toEqual([]);
  });

  test("are told at a template whose pods are not among the objects, and at its pods where they are", () => {
    const template = deployment("pricing", "{ app: pricing, tier: backend }");
    expect(found([...both, template])).toHaveLength(2);
    expect(found([...both, template, pod("one", "{ app: pricing, tier: backend }")])).toHaveLength(2);
  });

  test("do not meet one that holds for the whole namespace", () => {
    expect(found([sidecar("a", "{ app: pricing }"), sidecar("b"), pod("one", "{ app: pricing }")])).toEqual([]);
  });

  test("that come twice by one name are one", () => {
    expect(found([sidecar("a", "{ app: pricing }"), sidecar("a", "{ app: pricing }"), pod("one", "{ app: pricing }")])).toEqual([]);
  });

  test("select nothing where a label is no text", () => {
    expect(found([sidecar("a", "{ app: 1 }"), sidecar("b", "{ app: 1 }"), pod("one", "{ app: pricing }")])).toEqual([]);
  });

  test("in Kubernetes' own namespaces are not judged", () => {
    expect(found([sidecar("a", undefined, "kube-system"), sidecar("b", undefined, "kube-system")])).toEqual([]);
  });
});

describe("Sidecars without a selector", () => {
  test("are told where a namespace has several, an empty selector among them", () => {
    const empty = object("Sidecar", "b", "{ workloadSelector: { labels: {} } }");
    expect(found([sidecar("a"), empty, sidecar("c", "{ app: pricing }"), sidecar("a", undefined, "other")])).toEqual([
      "IST0111 Sidecar shop/a",
      "IST0111 Sidecar shop/b",
    ]);
  });
});

describe("Sidecars of the ambient mesh", () => {
  const ambient = namespace("shop", "{ istio.io/dataplane-mode: ambient }");

  test("do nothing, rather than contradict each other", () => {
    expect(found([ambient, sidecar("a"), sidecar("b")])).toEqual(["IST0167 Sidecar shop/a", "IST0167 Sidecar shop/b"]);
  });

  test("do nothing for a pod that says it is redirected, once however many there are", () => {
    const redirected = ["one", "two"].map((name) => pod(name, "{ app: pricing }", "shop", "{ ambient.istio.io/redirection: enabled }"));
    expect(found([sidecar("a", "{ app: pricing }"), ...redirected])).toEqual(["IST0167 Sidecar shop/a spec.workloadSelector"]);
  });

  test("do nothing for such a pod, rather than contradict each other there", () => {
    const redirected = pod("one", "{ app: pricing }", "shop", "{ ambient.istio.io/redirection: enabled }");
    expect(found([sidecar("a", "{ app: pricing }"), sidecar("b", "{ app: pricing }"), redirected])).toEqual([
      "IST0167 Sidecar shop/a spec.workloadSelector",
      "IST0167 Sidecar shop/b spec.workloadSelector",
    ]);
  });

  test("do nothing for the template of a workload there", () => {
    expect(found([ambient, sidecar("a", "{ app: pricing }"), deployment("pricing", "{ app: pricing }")])).toEqual([
      "IST0167 Sidecar shop/a spec.workloadSelector",
    ]);
  });

  test.each(["istio-injection: enabled", "istio.io/rev: canary"])("work where the namespace asks for sidecars as well: %s", (label) => {
    expect(found([namespace("shop", `{ istio.io/dataplane-mode: ambient, ${label} }`), sidecar("a")])).toEqual([]);
  });

  test("are not known of before Istio 1.21", () => {
    expect(found([ambient, sidecar("a")], { istio: "1.20" })).toEqual([]);
  });
});

describe("Telemetries", () => {
  test("with selectors that meet in a pod contradict each other", () => {
    const selector = (labels: string): string => `{ selector: { matchLabels: ${labels} } }`;
    const all = [
      telemetry("a", selector("{ app: pricing }")),
      telemetry("b", selector("{ tier: backend }")),
      telemetry("c", selector("{ app: payment }")),
    ];
    expect(found([...all, pod("one", "{ app: pricing, tier: backend }")])).toEqual([
      "IST0159 Telemetry shop/a spec.selector",
      "IST0159 Telemetry shop/b spec.selector",
    ]);
  });

  test("without a selector are told where a namespace has several", () => {
    expect(found([telemetry("a"), telemetry("b"), telemetry("a", "{}", "other")])).toEqual([
      "IST0160 Telemetry shop/a",
      "IST0160 Telemetry shop/b",
    ]);
  });

  test("that are attached to a Gateway or a Service do not hold for the namespace", () => {
    const attached = (name: string): string => telemetry(name, `{ targetRefs: [{ kind: Service, group: "", name: ${name} }] }`);
    expect(found([telemetry("a"), attached("pricing"), attached("payment")])).toEqual([]);
  });

  test("log nowhere without a provider, once an object", () => {
    const filters = "{ accessLogging: [{ providers: [{ name: envoy }] }, { filter: { expression: a } }, { filter: { expression: b } }] }";
    expect(found([telemetry("a", filters)])).toEqual(["IST0157 Telemetry shop/a spec.accessLogging[1]"]);
  });

  test("need no provider where the mesh has one, or where logs are switched off", () => {
    expect(found([telemetry("a", "{ accessLogging: [{}] }")], { meshConfig: "defaultProviders: { accessLogging: [envoy] }" })).toEqual([]);
    expect(found([telemetry("a", "{ accessLogging: [{ disabled: true }] }")])).toEqual([]);
  });

  test("before Istio 1.18 may contradict each other unseen", () => {
    expect(found([telemetry("a"), telemetry("b")], { istio: "1.17" })).toEqual([]);
  });
});

describe("patches of Envoy", () => {
  const patch = (applyTo: string, operation: string, rest = ""): string =>
    `{ applyTo: ${applyTo}, patch: { operation: ${operation}${rest} } }`;
  const filter = (patches: readonly string[], more = "", name = "lua"): string =>
    object("EnvoyFilter", name, `{ ${more} configPatches: [${patches.join(", ")}] }`);
  const codes = (...yaml: readonly string[]): readonly string[] => found(yaml).map((line) => line.split(" ")[0] ?? "");

  test.each(["INSERT_BEFORE", "INSERT_AFTER", "REMOVE", "REPLACE"])("that hang on others need a priority: %s", (operation) => {
    expect(codes(filter([patch("HTTP_FILTER", operation)]))).toEqual(["IST0151"]);
    expect(codes(filter([patch("HTTP_FILTER", operation)], "priority: 0,"))).toEqual(["IST0151"]);
    expect(codes(filter([patch("HTTP_FILTER", operation)], "priority: -10,"))).toEqual([]);
  });

  test.each(["ADD", "INSERT_FIRST", "MERGE"])("that hang on nothing need none: %s", (operation) => {
    expect(codes(filter([patch("HTTP_FILTER", operation)]))).toEqual([]);
  });

  test("are told once for each fault of an EnvoyFilter, at the first patch that has it", () => {
    expect(found([filter([patch("CLUSTER", "ADD"), patch("HTTP_FILTER", "REMOVE"), patch("HTTP_FILTER", "REMOVE")])])).toEqual([
      "IST0151 EnvoyFilter shop/lua spec.configPatches[1].patch.operation",
    ]);
  });

  test.each(["CLUSTER", "LISTENER", "ROUTE_CONFIGURATION", "HTTP_ROUTE", "LISTENER_FILTER"])("cannot replace everything: %s", (applyTo) => {
    expect(codes(filter([patch(applyTo, "REPLACE")]))).toEqual(["IST0152"]);
  });

  test.each(["NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST"])("can replace filters and virtual hosts: %s", (applyTo) => {
    expect(codes(filter([patch(applyTo, "REPLACE")], "priority: 10,"))).toEqual([]);
  });

  test("neither add nor remove routes, by the reference; what istiod does all the same is a warning", () => {
    const severities = (...patches: readonly string[]): readonly string[] =>
      findingsIn(filter(patches), policyRules).map(({ code, severity }) => `${severity} ${code}`);
    expect(severities(patch("ROUTE_CONFIGURATION", "ADD"), patch("ROUTE_CONFIGURATION", "REMOVE"))).toEqual([
      "error IST0153",
      "error IST0154",
    ]);
    expect(severities(patch("HTTP_ROUTE", "ADD"), patch("HTTP_ROUTE", "REMOVE"))).toEqual(["warning IST0153", "warning IST0154"]);
  });

  test("for one version of the proxy make later ones of the same filter depend on it, in other EnvoyFilters too", () => {
    const value = ", value: { name: lua }";
    const versioned = `{ applyTo: HTTP_FILTER, match: { proxy: { proxyVersion: "^1.29" } }, patch: { operation: INSERT_BEFORE${value} } }`;
    expect(codes(filter([versioned, patch("HTTP_FILTER", "INSERT_BEFORE", value)]))).toEqual(["IST0151", "IST0155"]);
    expect(codes(filter([versioned], "priority: 1,", "a"), filter([patch("HTTP_FILTER", "INSERT_BEFORE", value)], "", "b"))).toEqual([
      "IST0155",
    ]);
    expect(
      codes(filter([versioned], "priority: 1,", "a"), filter([patch("HTTP_FILTER", "INSERT_BEFORE", ", value: { name: wasm }")], "", "b")),
    ).toEqual(["IST0151"]);
  });

  test("without a name are of the filter that they match", () => {
    const match = (version: string): string =>
      `{ applyTo: HTTP_FILTER, match: { ${version} listener: { filterChain: { filter: { name: hcm } } } }, patch: { operation: REPLACE, value: { a: 1 } } }`;
    expect(codes(filter([match('proxy: { proxyVersion: "^1.29" },'), match("")]))).toEqual(["IST0151", "IST0155"]);
  });

  test("after one without an operation are not looked at, as by Istio", () => {
    expect(codes(filter(["{ applyTo: HTTP_FILTER }", patch("HTTP_FILTER", "REMOVE")]))).toEqual([]);
  });
});

describe("selectors for Gateways of the Gateway API", () => {
  const gateway = (name: string, labels = ""): string => pod(name, `{ gateway.networking.k8s.io/gateway-name: ${name}${labels} }`);
  const policy = (kind: string, spec: string): string => object(kind, "edge", spec);
  const byName = "{ selector: { matchLabels: { gateway.networking.k8s.io/gateway-name: edge } } }";

  test.each(["AuthorizationPolicy", "RequestAuthentication", "Telemetry", "WasmPlugin"])("are told for a %s, once a Gateway", (kind) => {
    expect(found([gateway("edge"), gateway("edge", ", pod: two"), gateway("other"), policy(kind, byName)])).toEqual([
      `IST0166 ${kind} shop/edge spec.selector`,
    ]);
  });

  test("select every Gateway of the namespace where they are empty", () => {
    expect(found([gateway("edge"), gateway("other"), policy("AuthorizationPolicy", "{ selector: {} }")])).toHaveLength(2);
  });

  test("are none where the policy is attached, or has no selector, or is of another namespace", () => {
    const attached = "{ selector: { matchLabels: {} }, targetRefs: [{ kind: Gateway, name: edge }] }";
    expect(found([gateway("edge"), policy("AuthorizationPolicy", attached), object("AuthorizationPolicy", "all", "{}")])).toEqual([]);
    expect(found([gateway("edge"), object("AuthorizationPolicy", "edge", byName, "other")])).toEqual([]);
  });
});

test("names in a sentence are sorted, each once, and never more than five", () => {
  expect(listed(["b", "a", "b"])).toBe("a and b");
  expect(listed(["c", "b", "a"])).toBe("a, b and c");
  expect(listed(["g", "f", "e", "d", "c", "b", "a"])).toBe("a, b, c, d, e and 2 more");
});
