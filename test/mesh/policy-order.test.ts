import { Testing } from "cdk8s";
import { StrictMtlsNamespace } from "meshground";
import { describe, expect, test } from "vitest";
import { meshApp, service } from "../support/tree";

/** Names of the policies of a namespace, in the order in which they are applied. */
function policies(stage: "permissive" | "strict"): readonly string[] {
  const shop = new StrictMtlsNamespace(meshApp(), "shop", { stage });
  const pricing = service(shop, "pricing");
  service(shop, "web").calls(pricing);
  shop.allowPlaintext("vm", { to: pricing, port: 8080, from: ["10.0.5.0/24"], reason: "a test" });
  const objects = Testing.synth(shop) as { kind: string; metadata: { name: string } }[];
  return objects.filter(({ kind }) => kind === "AuthorizationPolicy").map(({ metadata }) => metadata.name);
}

describe("whoever applies a namespace object by object", () => {
  test("lets callers in before everybody else is shut out, in strict", () => {
    expect(policies("strict")).toEqual(["pricing-callers", "pricing-plaintext-vm", "default-deny"]);
  });

  test("stops shutting out before callers are only counted, on the way back", () => {
    expect(policies("permissive")[0]).toBe("default-deny");
  });
});
