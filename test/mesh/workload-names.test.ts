import { StrictMtlsNamespace } from "meshground";
import { expect, test } from "vitest";
import { workloadNames } from "../../lib/mesh/workload-names";
import { meshApp, namespace, service } from "../support/tree";

test("the workloads of a namespace are looked at when it is asked for, each once", () => {
  const app = meshApp();
  service(new StrictMtlsNamespace(app, "bank"), "loans");
  const shop = namespace({}, app);
  const [pricing, checkout] = [service(shop, "pricing"), service(shop, "checkout")];
  const looked: string[] = [];
  const names = workloadNames(app, (object) => {
    looked.push(object.name);
    return object.toJson();
  });
  expect(looked).toEqual([]);
  const ofPricing = ["pricing-v1", "pricing-v2"];
  const ofCheckout = ["checkout-v1", "checkout-v2"];
  expect([names(pricing), names(checkout), names(pricing)]).toEqual([ofPricing, ofCheckout, ofPricing]);
  expect(looked.sort()).toEqual([...ofCheckout, ...ofPricing]);
});

test("a selector without labels takes every workload of the namespace, one that no pod meets the name of the service", () => {
  const shop = namespace();
  const { podSelector } = service(shop, "pricing");
  const names = workloadNames(shop);
  expect(names({ namespaceName: "shop", serviceName: "all", podSelector: {} })).toEqual(["pricing-v1", "pricing-v2"]);
  expect(names({ namespaceName: "shop", serviceName: "none", podSelector: { ...podSelector, "x/y": "z" } })).toEqual(["none"]);
});
