import { describe, expect, test } from "vitest";
import { externalProblems } from "../../lib/checks/externals";
import { at, list, number, record, records, text, textMap, texts } from "../../lib/checks/fields";
import { findHost, hostsOverlap, isExternalHost, isVisibleIn } from "../../lib/checks/graph/hosts";
import { LabelIndex } from "../../lib/checks/graph/label-index";
import { membershipOf } from "../../lib/checks/graph/membership";
import { meshConfig } from "../../lib/checks/graph/mesh-config";
import { destinationsOf } from "../../lib/checks/graph/routes";
import { replicasOf, workloads } from "../../lib/checks/graph/workloads";
import { meshObject } from "../../lib/checks/mesh-object";
import type { ObjectGraph } from "../../lib/checks/object-graph";
import { graphOf } from "./checked";

const service = `
apiVersion: v1
kind: Service
metadata: { name: pricing, namespace: shop }
spec: { ports: [{ name: http-web, port: 80 }] }
`;

describe("the graph", () => {
  test("finds objects by kind and group, and by name", () => {
    const graph = graphOf(`${service}---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: other, namespace: shop }\n`);
    expect(graph.of("Service").map(({ name }) => name)).toEqual(["pricing"]);
    expect(graph.of("Service", "serving.knative.dev").map(({ name }) => name)).toEqual(["other"]);
    expect(graph.find("Service", "shop", "pricing")?.name).toBe("pricing");
    expect(graph.find("Service", "default", "pricing")).toBeUndefined();
  });

  test("derives each view once", () => {
    const graph = graphOf(service);
    let runs = 0;
    const view = (): number => ++runs;
    expect([graph.derive(view), graph.derive(view)]).toEqual([1, 1]);
  });

  test("takes data without a kind, an apiVersion or a name for no object", () => {
    const whole = { apiVersion: "v1", kind: "Service", metadata: { name: "a" } };
    expect(meshObject(whole, {})?.namespace).toBe("default");
    for (const lack of [null, 1, [], { ...whole, kind: 1 }, { ...whole, apiVersion: undefined }, { ...whole, metadata: {} }]) {
      expect(meshObject(lack, {})).toBeUndefined();
    }
  });
});

describe("what is declared to be outside", () => {
  const externals = ["Service shop/legacy", "Gateway istio-system/*", "Host api.example.no", "Secret tls"];
  const graph = graphOf("", { externals });

  test("is found by kind, namespace and name, with wildcards", () => {
    expect(graph.isExternal("Service", "shop", "legacy")).toBe(true);
    expect(graph.isExternal("Service", "other", "legacy")).toBe(false);
    expect(graph.isExternal("Gateway", "istio-system", "any")).toBe(true);
    expect(graph.isExternal("Secret", "any", "tls")).toBe(true);
  });

  test("covers the host of a Service, by its short name and in full", () => {
    expect(isExternalHost(graph, "legacy", "shop")).toBe(true);
    expect(isExternalHost(graph, "legacy.shop.svc.cluster.local", "other")).toBe(true);
    expect(isExternalHost(graph, "api.example.no", "other")).toBe(true);
    expect(isExternalHost(graph, "pricing", "shop")).toBe(false);
  });

  test("is refused in another form", () => {
    expect(externalProblems("externals[0]", "legacy")[0]?.message).toContain("expected a kind and a name");
    expect(externalProblems("externals[0]", 1)).toHaveLength(1);
    expect(externals.flatMap((declaration) => externalProblems("", declaration))).toEqual([]);
  });
});

describe("hosts", () => {
  test("are found by short name in their namespace, in full from anywhere, by wildcard last", () => {
    const graph = graphOf(`${service}---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: any, namespace: shop }
spec: { hosts: ["*.example.no"], exportTo: ["."], ports: [{ number: 443, name: tls, protocol: TLS }] }
`);
    expect(findHost(graph, "pricing", "shop")?.ports).toEqual([{ number: 80, name: "http-web", protocol: "http" }]);
    expect(findHost(graph, "pricing", "other")).toBeUndefined();
    expect(findHost(graph, "pricing.shop.svc.cluster.local", "other")?.object.name).toBe("pricing");
    expect(findHost(graph, "api.example.no", "shop")?.object.name).toBe("any");
    expect(findHost(graph, "api.example.no", "other")).toBeUndefined();
  });

  test("overlap as Istio has it", () => {
    const overlapping = [
      ["a.no", "a.no"],
      ["*.no", "a.no"],
      ["a.no", "*"],
      ["*.a.no", "*.no"],
    ] as const;
    expect(overlapping.map(([a, b]) => hostsOverlap(a, b))).toEqual([true, true, true, true]);
    expect([hostsOverlap("a.no", "b.no"), hostsOverlap("*.a.no", "a.no")]).toEqual([false, false]);
  });

  test("are exported to all unless somebody says to whom", () => {
    expect(isVisibleIn([], "a", "b")).toBe(true);
    expect(isVisibleIn(["."], "a", "b")).toBe(false);
    expect(isVisibleIn(["."], "a", "a")).toBe(true);
    expect(isVisibleIn(["b"], "a", "b")).toBe(true);
  });
});

describe("workloads", () => {
  const deployment = (labels: string, namespace = "shop"): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: pricing, namespace: ${namespace} }
spec: { template: { metadata: { labels: ${labels} }, spec: { containers: [{ name: app }] } } }
`;
  const enabled = "---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n";
  const membershipIn = (yaml: string): unknown => {
    const graph = graphOf(yaml);
    const [workload] = graph.derive(workloads);
    return workload === undefined ? "none" : membershipOf(graph, workload);
  };

  test("have a sidecar when their label says so, else when their namespace does", () => {
    expect(membershipIn(deployment("{}"))).toBe("unknown");
    expect(membershipIn(deployment("{}") + enabled)).toBe("sidecar");
    expect(membershipIn(deployment('{ sidecar.istio.io/inject: "false" }') + enabled)).toBe("outside");
    expect(membershipIn(deployment('{ sidecar.istio.io/inject: "true" }'))).toBe("sidecar");
  });

  test("without a label have one where the injector's own configuration, or the IstioOperator, says so", () => {
    const values = { sidecarInjectorWebhook: { enableNamespacesByDefault: true } };
    const namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
    const config = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "istio-sidecar-injector" },
      data: { values: JSON.stringify(values) },
    };
    const operator = { apiVersion: "install.istio.io/v1alpha1", kind: "IstioOperator", metadata: { name: "mesh" }, spec: { values } };
    expect(membershipIn(deployment("{}") + namespace)).toBe("outside");
    for (const told of [config, operator]) {
      expect(membershipIn(`${deployment("{}")}${namespace}---\n${JSON.stringify(told)}\n`)).toBe("sidecar");
    }
  });

  test("ask for one pod unless they say how many", () => {
    const [workload] = graphOf(deployment("{}")).derive(workloads);
    expect(workload === undefined ? 0 : replicasOf(workload)).toBe(1);
  });

  test("are selected by their labels, within a namespace", () => {
    const items = [
      { labels: { app: "a", version: "v1" }, namespace: "x" },
      { labels: { app: "a", version: "v2" }, namespace: "x" },
      { labels: { app: "a" }, namespace: "y" },
    ];
    const index = new LabelIndex(
      items,
      ({ labels }) => labels as Readonly<Record<string, string>>,
      ({ namespace }) => namespace,
    );
    expect(index.select("x", { app: "a" })).toHaveLength(2);
    expect(index.select("x", { app: "a", version: "v2" })).toEqual([items[1]]);
    expect(index.select("x", {})).toHaveLength(2);
    expect(index.select("z", {})).toEqual([]);
    expect(index.namespaces).toEqual(["x", "y"]);
  });
});

test("a VirtualService's destinations are told with their fields, mirrors among them", () => {
  const [object] = graphOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pricing }
spec:
  http:
    - route: [{ destination: { host: a, subset: v1, port: { number: 80 } }, weight: 5 }]
      mirror: { host: b }
    - mirrors: [{ destination: { host: c } }]
  tcp: [{ route: [{ destination: { host: d } }, { destination: 7 }, null] }]
`).of("VirtualService");
  const found = object === undefined ? [] : destinationsOf(object);
  expect(found.map(({ field, host, subset, port, weight, mirror }) => [field, host, subset, port, weight, mirror])).toEqual([
    ["spec.http[0].route[0].destination", "a", "v1", 80, 5, false],
    ["spec.http[0].mirror", "b", undefined, undefined, undefined, true],
    ["spec.http[1].mirrors[0].destination", "c", undefined, undefined, undefined, true],
    ["spec.tcp[0].route[0].destination", "d", undefined, undefined, undefined, false],
  ]);
});

test("the mesh's configuration is the one given, else that of an IstioOperator", () => {
  const operator = `
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: { name: mesh }
spec: { meshConfig: { trustDomain: shop.no, outboundTrafficPolicy: { mode: REGISTRY_ONLY } }, values: { global: { istioNamespace: mesh } } }
`;
  const { known, rootNamespace, trustDomain, outbound } = graphOf(operator).derive(meshConfig);
  expect([known, rootNamespace, trustDomain, outbound]).toEqual([true, "mesh", "shop.no", "REGISTRY_ONLY"]);
  expect(graphOf("").derive(meshConfig)).toMatchObject({ known: false, rootNamespace: "istio-system", outbound: "ALLOW_ANY" });
  expect(graphOf(operator, { meshConfig: "rootNamespace: other" }).derive(meshConfig).rootNamespace).toBe("other");
});

test("fields of the wrong type are taken for nothing", () => {
  expect([record(null), record([]), record("a")]).toEqual([{}, {}, {}]);
  expect([list({}), records([1, { a: 1 }]), texts(["a", 1])]).toEqual([[], [{}, { a: 1 }], ["a"]]);
  expect([text(1), number("1"), number(Number.NaN)]).toEqual([undefined, undefined, undefined]);
  expect(textMap({ a: "1", b: 2 })).toEqual({ a: "1" });
  expect(at({ a: [{ b: 1 }] }, "a", 0, "b")).toBe(1);
  expect(at({}, "constructor")).toBeUndefined();
});

describe("objects that delivery controllers make", () => {
  const canary = (service: string): ObjectGraph =>
    graphOf(`
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: shop, namespace: shop }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: pricing }
  service: { port: 80${service} }
`);

  test("are the Services of Flagger's Canaries, by the name of the service or of what it is made for", () => {
    for (const name of ["pricing", "pricing-primary", "pricing-canary"]) expect(canary("").isExternal("Service", "shop", name)).toBe(true);
    expect(canary("").isExternal("Service", "other", "pricing")).toBe(false);
    expect(canary(", name: prices").isExternal("Service", "shop", "prices-canary")).toBe(true);
    expect(canary(", name: prices").isExternal("Service", "shop", "pricing")).toBe(false);
  });

  test("are pods of a Rollout's own template, and not a second time those of the Deployment that it refers to", () => {
    const graph = graphOf(`
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: pricing, namespace: shop }
spec:
  template: { metadata: { labels: { app: pricing } } }
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: legacy, namespace: shop }
spec:
  workloadRef: { apiVersion: apps/v1, kind: Deployment, name: legacy }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: legacy, namespace: shop }
spec:
  template: { metadata: { labels: { app: legacy } } }
`);
    expect(graph.derive(workloads).map(({ object, labels }) => [object.kind, labels])).toEqual([
      ["Deployment", { app: "legacy" }],
      ["Rollout", { app: "pricing" }],
    ]);
  });
});
