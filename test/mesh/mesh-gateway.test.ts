import { Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { yamlDocuments } from "../../lib/core/yaml";
import { IstioControlPlane, type MeshGateway } from "../../lib/index";
import type { MeshGatewayProps } from "../../lib/mesh/mesh-gateway-props";
import { findManifest, type Manifest } from "../support/examples";
import { meshApp, namespace, objectsOf, service } from "../support/tree";

const edgeOf = (props: MeshGatewayProps = {}): { app: ReturnType<typeof meshApp>; edge: MeshGateway } => {
  const app = meshApp();
  return {
    app,
    edge: new IstioControlPlane(app, "mesh", { trustDomain: "shop.example" }).addIngressGateway("istio-ingressgateway", props),
  };
};
const tls = { secret: "pay-tls" };

describe("expose", () => {
  test("golden: TLS, redirect, routes as inside the mesh, and the gateway let in", async () => {
    const { app, edge } = edgeOf();
    edge.expose(service(namespace({}, app), "payment", { timeout: "2s" }), { host: "pay.example.no", tls });
    const edgeObjects = objectsOf(app).filter(
      ({ kind, metadata }) =>
        kind === "Gateway" || metadata.name === "payment-istio-ingressgateway-pay-example-no" || metadata.name === "payment-callers",
    );
    await expect(yamlDocuments(edgeObjects)).toMatchFileSnapshot("../golden/mesh/gateway.expose.yaml");
  });

  test("moves the weights at the edge with those inside the mesh", () => {
    const { app, edge } = edgeOf();
    const shop = namespace({}, app);
    const pricing = service(shop, "pricing", {
      timeout: "1s",
      retries: { attempts: 1, perTryTimeout: "400ms", on: ["5xx"], methods: ["GET"] },
    });
    edge.expose(pricing, { host: "shop.example.no", tls });
    const objects = Testing.synth(shop) as Manifest[];
    expect(findManifest(objects, "VirtualService", "pricing-istio-ingressgateway-shop-example-no").spec?.http).toEqual(
      findManifest(objects, "VirtualService", "pricing").spec?.http,
    );
  });

  test("keeps plain HTTP closed when no redirect is wanted", () => {
    const { app, edge } = edgeOf();
    edge.expose(service(namespace({}, app)), { host: "shop.example.no", tls, redirect: false });
    const servers = objectsOf(app).find(({ kind }) => kind === "Gateway")?.spec?.servers as { port: { number: number } }[];
    expect(servers.map(({ port }) => port.number)).toEqual([443]);
  });

  test("leaves out the redirect where the gateway has no port for plain HTTP", () => {
    const { app, edge } = edgeOf({ ports: [{ name: "https", port: 443, targetPort: 8443 }] });
    edge.expose(service(namespace({}, app)), { host: "shop.example.no", tls });
    expect(objectsOf(app).find(({ kind }) => kind === "Gateway")?.spec?.servers).toHaveLength(1);
  });

  test.each([
    [
      "TLS without a port for it",
      { ports: [{ name: "http2", port: 80, targetPort: 8080 }] },
      { host: "a.no", tls },
      /needs a port of the gateway whose name starts with https/,
    ],
    [
      "a redirect without a port for it",
      { ports: [{ name: "https", port: 443, targetPort: 8443 }] },
      { host: "a.no", tls, redirect: true },
      /needs a port of the gateway named http or http2/,
    ],
    ["a host with a scheme", {}, { host: "https://a.no", tls }, /host: got "https:\/\/a\.no"/],
  ] as const)("refuses %s", (_what, props, exposure, message) => {
    const { app, edge } = edgeOf(props as unknown as MeshGatewayProps);
    expect(() => edge.expose(service(namespace({}, app)), exposure)).toThrow(message);
  });

  test("refuses a host twice", () => {
    const { app, edge } = edgeOf();
    const shop = namespace({}, app);
    edge.expose(service(shop, "a"), { host: "shop.example.no", tls });
    expect(() => edge.expose(service(shop, "b"), { host: "shop.example.no", tls })).toThrow(
      /a host that this gateway does not expose yet: a has it/,
    );
  });

  test("lets an inner and an outer gateway expose one host", () => {
    const app = meshApp();
    const mesh = new IstioControlPlane(app, "mesh");
    const pricing = service(namespace({}, app));
    for (const name of ["outer", "inner"]) mesh.addIngressGateway(name).expose(pricing, { host: "shop.example.no", tls });
    const gateways = objectsOf(app).filter(({ kind }) => kind === "Gateway");
    expect(gateways.map(({ metadata, spec }) => [metadata.name, spec?.selector])).toEqual([
      ["outer-shop-example-no", { app: "outer", istio: "outer" }],
      ["inner-shop-example-no", { app: "inner", istio: "inner" }],
    ]);
  });

  test("takes a service that stands directly under the app", () => {
    const { app, edge } = edgeOf();
    edge.expose(service(app), { host: "shop.example.no", tls });
    expect(objectsOf(app).filter(({ kind }) => kind === "VirtualService")).toHaveLength(2);
  });

  test("is not for an egress gateway, and wants a service and how to expose it", () => {
    const app = meshApp();
    const mesh = new IstioControlPlane(app, "mesh");
    const pricing = service(namespace({}, app));
    const egress = mesh.addEgressGateway("out");
    expect(() => egress.expose(pricing, { host: "shop.example.no", tls })).toThrow(/nothing comes in through an egress gateway/);
    expect(() => egress.expose(undefined as never, undefined as never)).toThrow(/service: got nothing, expected a CanaryService/);
  });
});
