import { describe, expect, test } from "vitest";
import { namespaceNotInjected } from "../../../lib/checks/rules/workloads/ist0102-namespace-not-injected";
import { podMissingProxy } from "../../../lib/checks/rules/workloads/ist0103-pod-missing-proxy";
import { proxyImageMismatch } from "../../../lib/checks/rules/workloads/ist0105-proxy-image-mismatch";
import { severalInjectionLabels } from "../../../lib/checks/rules/workloads/ist0123-several-injection-labels";
import { namespaceInjectedByDefault } from "../../../lib/checks/rules/workloads/ist0148-namespace-injected-by-default";
import { findingsIn, inShort } from "../checked";
import { anything, configMap, type Fields, namespace, pod, yaml } from "./workload-objects";

type Objects = readonly Fields[];

const rules = [namespaceNotInjected, severalInjectionLabels, namespaceInjectedByDefault];
const found = (...objects: Objects): readonly string[] => inShort(findingsIn(yaml(...objects), rules));
const enabled = { "istio-injection": "enabled" };
const byDefault = configMap("istio-sidecar-injector", {
  values: JSON.stringify({ sidecarInjectorWebhook: { enableNamespacesByDefault: true } }),
});

describe("a namespace that says nothing of sidecars", () => {
  test.each([
    ["no label", {}],
    ["an empty label", { "istio-injection": "" }],
    ["a label of another kind", { team: "prices" }],
    ["the ambient mode switched off", { "istio.io/dataplane-mode": "none" }],
  ])("is noted with %s", (_, labels) => {
    expect(found(namespace("shop", labels))).toEqual(["IST0102 Namespace shop metadata.labels"]);
  });

  test.each([
    ["it asks for sidecars", { "istio-injection": "enabled" }],
    ["it refuses them", { "istio-injection": "disabled" }],
    ["it names a revision", { "istio.io/rev": "canary" }],
    ["it is in the ambient mesh", { "istio.io/dataplane-mode": "ambient" }],
  ])("is not one where %s", (_, labels) => {
    expect(found(namespace("shop", labels))).toEqual([]);
  });

  test.each(["istio-system", "kube-system", "kube-public", "kube-node-lease", "local-path-storage"])("is not %s", (name) => {
    expect(found(namespace(name))).toEqual([]);
  });

  test("gets sidecars where the injector's ConfigMap says so", () => {
    expect(found(byDefault, namespace("shop"), namespace("till", enabled))).toEqual(["IST0148 Namespace shop metadata.labels"]);
  });

  test("gets sidecars where the IstioOperator says so", () => {
    const values = { sidecarInjectorWebhook: { enableNamespacesByDefault: true } };
    const operator = anything("install.istio.io/v1alpha1", "IstioOperator", { name: "mesh" }, { spec: { values } });
    expect(found(operator, namespace("shop"))).toEqual(["IST0148 Namespace shop metadata.labels"]);
  });

  test.each([
    ["says false", '{"sidecarInjectorWebhook":{"enableNamespacesByDefault":false}}'],
    ["says it as text", '{"sidecarInjectorWebhook":{"enableNamespacesByDefault":"true"}}'],
    ["is no JSON", "{"],
    ["is a list", "[]"],
    ["is null", "null"],
  ])("gets none where the ConfigMap %s", (_, values) => {
    expect(found(configMap("istio-sidecar-injector", { values }), namespace("shop"))).toEqual(["IST0102 Namespace shop metadata.labels"]);
  });
});

describe("several injection labels", () => {
  test.each([
    ["both ways of asking for sidecars", { ...enabled, "istio.io/rev": "canary" }],
    ["sidecars and the ambient mode", { ...enabled, "istio.io/dataplane-mode": "ambient" }],
    ["a revision and the ambient mode", { "istio.io/rev": "canary", "istio.io/dataplane-mode": "ambient" }],
  ])("are told of: %s", (_, labels) => {
    expect(found(namespace("shop", labels))).toEqual(["IST0123 Namespace shop metadata.labels"]);
  });

  test.each([
    ["injection is refused", { "istio-injection": "disabled", "istio.io/rev": "canary", "istio.io/dataplane-mode": "ambient" }],
    ["the ambient mode is refused", { ...enabled, "istio.io/dataplane-mode": "none" }],
    ["the namespace is Istio's", undefined],
  ])("are none where %s", (_, labels) => {
    const one = labels === undefined ? namespace("istio-system", { ...enabled, "istio.io/rev": "a" }) : namespace("shop", labels);
    expect(found(one)).toEqual([]);
  });

  test("are named with their values", () => {
    const [finding] = findingsIn(yaml(namespace("shop", { ...enabled, "istio.io/rev": "canary" })), rules);
    expect(finding?.message).toBe("istio-injection=enabled and istio.io/rev=canary each say who handles the pods of shop.");
  });
});

describe("a pod without the proxy that its namespace asks for", () => {
  const running = { nodeName: "node-1" };
  const proxy = { name: "istio-proxy", image: "proxyv2:1.30.3" };
  const severities = (...objects: Objects): readonly string[] =>
    findingsIn(yaml(...objects), [podMissingProxy]).map(({ severity }) => severity);

  test("is a warning once it runs, and a note as long as it is only written", () => {
    const shop = namespace("shop", enabled);
    expect(severities(shop, pod(running))).toEqual(["warning"]);
    expect(severities(shop, pod({}, {}, { status: { phase: "Running" } }))).toEqual(["warning"]);
    expect(severities(shop, pod({}, {}, { status: {} }))).toEqual(["note"]);
  });

  test.each([
    ["it has one", { ...running, containers: [{ name: "app" }, proxy] }, {}],
    ["it has a native one", { ...running, initContainers: [proxy] }, {}],
    ["it uses the node's network", { ...running, hostNetwork: true }, {}],
    ["it refuses by its label", running, { labels: { "sidecar.istio.io/inject": "False" } }],
    ["it refuses by its annotation", running, { annotations: { "sidecar.istio.io/inject": "false" } }],
    ["its namespace is another", running, { namespace: "till" }],
  ])("is none where %s", (_, spec, metadata) => {
    expect(severities(namespace("shop", enabled), pod(spec, metadata))).toEqual([]);
  });

  test("is one where the label asks for what the annotation refuses", () => {
    const metadata = { labels: { "sidecar.istio.io/inject": "true" }, annotations: { "sidecar.istio.io/inject": "false" } };
    expect(severities(namespace("shop", enabled), pod(running, metadata))).toEqual(["warning"]);
  });

  test.each([
    ["says nothing", {}],
    ["asks by a revision, which Istio's analyzer passes over", { "istio.io/rev": "canary" }],
    ["is in the ambient mesh", { ...enabled, "istio.io/dataplane-mode": "ambient" }],
  ])("is none where the namespace %s", (_, labels) => {
    expect(severities(namespace("shop", labels), pod(running))).toEqual([]);
  });
});

describe("a pod with another proxy than its injector gives", () => {
  const injector = (name: string, image: string): Fields =>
    configMap(name, { values: JSON.stringify({ global: { hub: "docker.io/istio", tag: "1.17.8", proxy: { image } } }) });
  const with117 = (...objects: Objects): readonly string[] =>
    inShort(findingsIn(yaml(...objects), [proxyImageMismatch], { istio: "1.17" }));
  const proxied = (image: string, metadata = {}): Fields =>
    pod({ containers: [{ name: "app" }, { name: "istio-proxy", image }] }, metadata);
  const told = ["IST0105 Pod shop/pricing spec.containers[1].image"];

  test("is told of by the revision of its namespace", () => {
    const images = [injector("istio-sidecar-injector", "proxyv2"), injector("istio-sidecar-injector-next", "registry.example/proxyv3:2")];
    const next = namespace("shop", { "istio.io/rev": "next" });
    expect(with117(...images, namespace("shop", enabled), proxied("docker.io/istio/proxyv2:1.16.7"))).toEqual(told);
    expect(with117(...images, namespace("shop", enabled), proxied("docker.io/istio/proxyv2:1.17.8"))).toEqual([]);
    expect(with117(...images, next, proxied("docker.io/istio/proxyv2:1.17.8"))).toEqual(told);
    expect(with117(...images, namespace("shop", { "istio.io/rev": "default" }), proxied("x"))).toEqual(told);
    expect(with117(...images, namespace("shop", { "istio.io/rev": "" }), proxied("x"))).toEqual(told);
    expect(with117(...images, next, proxied("registry.example/proxyv3:2"))).toEqual([]);
  });

  test("is named with both images", () => {
    const objects = [injector("istio-sidecar-injector", "proxyv2"), namespace("shop", enabled), proxied("proxyv2:1.16.7")];
    const [finding] = findingsIn(yaml(...objects), [proxyImageMismatch], { istio: "1.17" });
    expect(finding?.message).toBe("its proxy is proxyv2:1.16.7, and the injector of its namespace gives docker.io/istio/proxyv2:1.17.8.");
  });

  test("is none where nothing says what the injector gives, or the pod names its own", () => {
    const own = { annotations: { "sidecar.istio.io/proxyImage": "mine" } };
    expect(with117(namespace("shop", enabled), proxied("x"))).toEqual([]);
    for (const global of [
      { hub: "a", tag: "1" },
      { hub: "a", proxy: { image: "b" } },
      { tag: "1", proxy: { image: "b" } },
    ]) {
      const partial = configMap("istio-sidecar-injector", { values: JSON.stringify({ global }) });
      expect(with117(partial, namespace("shop", enabled), proxied("x"))).toEqual([]);
    }
    expect(with117(injector("istio-sidecar-injector", "proxyv2"), namespace("shop"), proxied("x"))).toEqual([]);
    expect(with117(injector("istio-sidecar-injector", "proxyv2"), namespace("shop", enabled), proxied("x", own))).toEqual([]);
  });
});
