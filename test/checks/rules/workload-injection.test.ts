import { describe, expect, test } from "vitest";
import { applicationUid } from "../../../lib/checks/rules/workloads/ist0144-application-uid";
import { imageAutoDeployment } from "../../../lib/checks/rules/workloads/ist0146-image-auto-deployment";
import { imageAutoPod } from "../../../lib/checks/rules/workloads/ist0147-image-auto-pod";
import { findingsIn, inShort } from "../checked";
import { anything, configMap, deployment, type Fields, namespace, pod, yaml } from "./workload-objects";

type Objects = readonly Fields[];
type Selectors = { readonly namespaceSelector?: unknown; readonly objectSelector?: unknown };

describe("the user of the proxy", () => {
  const found = (...objects: Objects): readonly string[] => inShort(findingsIn(yaml(...objects), [applicationUid]));
  const user = { securityContext: { runAsUser: 1337 } };
  const other = { securityContext: { runAsUser: 10_001 } };
  const app = { name: "app", ...user };
  const proxy = { name: "istio-proxy", image: "auto", ...user };

  test("is told of once, at the first place that sets it", () => {
    expect(found(pod({ ...user, containers: [app] }))).toEqual(["IST0144 Pod shop/pricing spec.securityContext.runAsUser"]);
    expect(found(pod({ containers: [{ name: "log", ...other }, app, app] }))).toEqual([
      "IST0144 Pod shop/pricing spec.containers[1].securityContext.runAsUser",
    ]);
    expect(found(pod({ ...user, containers: [proxy, { name: "app" }] }))).toEqual([
      "IST0144 Pod shop/pricing spec.securityContext.runAsUser",
    ]);
    expect(found(deployment({ containers: [app] }))).toEqual([
      "IST0144 Deployment shop/pricing spec.template.spec.containers[0].securityContext.runAsUser",
    ]);
  });

  test.each([
    ["another user", pod({ ...other, containers: [{ name: "app", ...other }] })],
    ["the user as text, which Kubernetes refuses", pod({ securityContext: { runAsUser: "1337" } })],
    ["the proxy itself", pod({ containers: [{ name: "app" }, proxy] })],
    ["pods of nothing but a proxy", deployment({ ...user, containers: [proxy] })],
    ["an init container", pod({ initContainers: [app] })],
    ["Istio's control plane", deployment({ containers: [app] }, {}, { labels: { istio: "pilot" } })],
    ["what Istio's chart makes", deployment({ containers: [app] }, {}, { labels: { release: "istio" } })],
    ["a pod of Kubernetes' own", pod({ containers: [app] }, { namespace: "kube-system" })],
  ])("may be: %s", (_, one) => {
    expect(found(one)).toEqual([]);
  });
});

describe("the image auto", () => {
  const containers = [{ name: "istio-proxy", image: "auto" }];
  const found = (...objects: Objects): readonly string[] =>
    findingsIn(yaml(...objects), [imageAutoDeployment, imageAutoPod]).map(({ code }) => code);
  const gateway = (labels = {}): Fields => deployment({ containers }, { labels });
  const asking = { "sidecar.istio.io/inject": "true" };
  const webhook = (...webhooks: readonly Selectors[]): Fields =>
    anything(
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      { name: "injector" },
      {
        webhooks: webhooks.map((selectors) => ({ name: "a.sidecar-injector.istio.io", ...selectors })),
      },
    );

  test.each([
    ["an enabled namespace", { "istio-injection": "enabled" }, {}],
    ["a revision's namespace", { "istio.io/rev": "canary" }, {}],
    ["pods that ask, where the namespace says nothing", {}, asking],
    ["pods that name a revision", {}, { "istio.io/rev": "canary" }],
  ])("is replaced in %s", (_, around, labels) => {
    expect(found(namespace("shop", around), gateway(labels))).toEqual([]);
  });

  test.each([
    ["a namespace that says nothing", {}, {}],
    ["a namespace that refuses, whatever the pods ask", { "istio-injection": "disabled" }, asking],
    ["pods that refuse", { "istio-injection": "enabled" }, { "sidecar.istio.io/inject": "false" }],
    ["a namespace of the ambient mesh", { "istio.io/dataplane-mode": "ambient" }, {}],
  ])("stays in %s", (_, around, labels) => {
    expect(found(namespace("shop", around), gateway(labels))).toEqual(["IST0146"]);
  });

  test("stays beside other containers as well", () => {
    const beside = deployment({ containers: [{ name: "app", image: "a" }, ...containers, { name: "log", image: "b" }] });
    expect(found(namespace("shop"), beside)).toEqual(["IST0146"]);
  });

  test("is not judged by a namespace that nobody knows", () => {
    expect(found(gateway())).toEqual([]);
    expect(found(gateway(asking))).toEqual([]);
    expect(found(gateway({ "sidecar.istio.io/inject": "false" }))).toEqual(["IST0146"]);
  });

  test("is replaced everywhere where the injector takes what says nothing", () => {
    const values = JSON.stringify({ sidecarInjectorWebhook: { enableNamespacesByDefault: true } });
    expect(found(configMap("istio-sidecar-injector", { values }), namespace("shop"), gateway())).toEqual([]);
  });

  test("of a pod that was made was never replaced", () => {
    const shop = namespace("shop", { "istio-injection": "enabled" });
    expect(found(shop, pod({ containers }))).toEqual([]);
    expect(found(shop, pod({ containers, nodeName: "node-1" }))).toEqual(["IST0147"]);
    expect(found(namespace("shop"), pod({ containers }))).toEqual(["IST0147"]);
    const beside = pod({ containers: [{ name: "app", image: "a" }, ...containers] });
    expect(inShort(findingsIn(yaml(namespace("shop"), beside), [imageAutoPod]))).toEqual([
      "IST0147 Pod shop/pricing spec.containers[1].image",
    ]);
  });

  test.each([
    ["any image but auto", { containers: [{ name: "istio-proxy", image: "proxyv2" }] }],
    ["auto for anything but the proxy", { containers: [{ name: "app", image: "auto" }] }],
  ])("is not %s", (_, spec) => {
    expect(found(namespace("shop"), pod(spec), deployment(spec))).toEqual([]);
  });

  test("is judged by the webhooks among the objects, where there are any of Istio", () => {
    const mine = webhook({ namespaceSelector: { matchLabels: { mesh: "yes" } } });
    expect(found(mine, namespace("shop", { mesh: "yes" }), gateway())).toEqual([]);
    expect(found(mine, namespace("shop", { "istio-injection": "enabled" }), gateway())).toEqual(["IST0146"]);
    expect(found(mine, gateway(asking))).toEqual(["IST0146"]);
    const others = anything(
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      { name: "other" },
      { webhooks: [{ name: "vault" }] },
    );
    expect(found(others, namespace("shop", { "istio-injection": "enabled" }), gateway())).toEqual([]);
  });

  const expression = (operator: unknown, ...values: readonly string[]): Selectors => ({
    objectSelector: { matchExpressions: [{ key: "tier", operator, values }] },
  });
  test.each([
    ["selects everything without selectors", {}, {}, true],
    ["selects by a value among several", expression("In", "edge", "core"), { tier: "edge" }, true],
    ["selects no other value", expression("In", "edge"), { tier: "core" }, false],
    ["selects everything by selectors of nothing", { namespaceSelector: null, objectSelector: {} }, {}, true],
    ["selects what has another value", expression("NotIn", "edge"), { tier: "core" }, true],
    ["selects what lacks a value", expression("NotIn", "edge"), {}, true],
    ["selects not what has it", expression("NotIn", "edge"), { tier: "edge" }, false],
    ["selects by a name", expression("Exists"), { tier: "" }, true],
    ["selects by the lack of a name", expression("DoesNotExist"), { tier: "edge" }, false],
    ["selects nothing by an operator that is none", expression("Like"), { tier: "edge" }, false],
    ["knows a namespace by its name", { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } }, {}, true],
  ])("is replaced by a webhook that %s", (_, selectors, labels, replaced) => {
    expect(found(webhook(selectors), gateway(labels))).toEqual(replaced ? [] : ["IST0146"]);
  });
});
