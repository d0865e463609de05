import { describe, expect, test } from "vitest";
import { filesBelow, findManifest, type Manifest, manifestsBelow, renderExample } from "../support/examples";

const rendered = async (environment: string): Promise<readonly Manifest[]> =>
  manifestsBelow((await renderExample("oslo-production", { ENVIRONMENT: environment })).manifests);
const identity = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

describe("the platform done right", () => {
  test("differs between staging and production only where it says so", async () => {
    const [staging, production] = [await rendered("staging"), await rendered("production")];
    const only = (these: readonly Manifest[], those: readonly Manifest[]): readonly string[] => {
      const others = new Set(those.map(identity));
      return these
        .map(identity)
        .filter((id) => !others.has(id))
        .sort();
    };
    expect(only(staging, production)).toEqual([
      "Gateway istio-system/istio-ingressgateway-pay-staging-example-no",
      "VirtualService strict-secure-ns/payment-service-istio-ingressgateway-pay-staging-example-no",
    ]);
    expect(only(production, staging)).toEqual([
      "Gateway istio-system/istio-ingressgateway-pay-example-no",
      "HorizontalPodAutoscaler strict-secure-ns/payment-service",
      "HorizontalPodAutoscaler strict-secure-ns/pricing-v1",
      "HorizontalPodAutoscaler strict-secure-ns/pricing-v2",
      "VirtualService strict-secure-ns/payment-service-istio-ingressgateway-pay-example-no",
    ]);
  });

  test("lets each service call the other, the gateway call payment, and the monitor reach its one port", async () => {
    const production = await rendered("production");
    const callers = (service: string): unknown => findManifest(production, "AuthorizationPolicy", `${service}-callers`).spec?.rules;
    expect(callers("pricing")).toMatchObject([
      { from: [{ source: { principals: ["cluster.local/ns/strict-secure-ns/sa/payment-service"] } }] },
    ]);
    expect(callers("payment-service")).toMatchObject([
      {
        from: [
          {
            source: {
              principals: [
                "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account",
                "cluster.local/ns/strict-secure-ns/sa/pricing",
              ],
            },
          },
        ],
      },
    ]);
    expect(findManifest(production, "PeerAuthentication", "pricing-plaintext").spec).toMatchObject({
      mtls: { mode: "STRICT" },
      portLevelMtls: { 9090: { mode: "PERMISSIVE" } },
    });
  });

  test("leaves the weights of payment to Argo Rollouts, wherever they stand", async () => {
    const production = await rendered("production");
    expect(findManifest(production, "Rollout", "payment-service").spec).toMatchObject({
      strategy: {
        canary: {
          trafficRouting: {
            istio: {
              virtualServices: [{ name: "payment-service" }, { name: "payment-service-istio-ingressgateway-pay-example-no" }],
            },
          },
        },
      },
    });
  });

  test("has no two objects of one identity", async () => {
    const identities = (await rendered("production")).map(identity);
    expect(new Set(identities).size).toBe(identities.length);
  });

  test("gives the same bytes for the same input", async () => {
    const [first, second] = [await renderExample("oslo-production"), await renderExample("oslo-production")];
    expect(first.printed.replaceAll(/\/[^ ]*meshground-[^ /]*/g, "")).toBe(second.printed.replaceAll(/\/[^ ]*meshground-[^ /]*/g, ""));
    expect(filesBelow(first.artefacts)).toEqual(filesBelow(second.artefacts));
    expect(manifestsBelow(first.manifests)).toEqual(manifestsBelow(second.manifests));
  });

  test("refuses an environment that it does not know", async () => {
    await expect(renderExample("oslo-production", { ENVIRONMENT: "prod" })).rejects.toThrow(
      'ENVIRONMENT is "prod", expected staging or production',
    );
  });
});
