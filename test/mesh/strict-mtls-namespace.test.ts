import { Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { yamlDocuments } from "../../lib/core/yaml";
import { findings, IstioControlPlane, StrictMtlsNamespace } from "../../lib/index";
import { findManifest, type Manifest } from "../support/examples";
import { meshApp, namespace, service } from "../support/tree";

const synth = (shop: StrictMtlsNamespace): readonly Manifest[] => Testing.synth(shop) as Manifest[];

describe("golden", () => {
  test("strict, with no optional props", async () => {
    await expect(yamlDocuments(synth(namespace()))).toMatchFileSnapshot("../golden/mesh/namespace.strict.yaml");
  });

  test("permissive, with one outsider", async () => {
    const shop = namespace({ stage: "permissive" });
    const pricing = service(shop);
    shop.allowPlaintext("vm-monitor", { to: pricing, port: 9090, from: ["10.0.5.0/24"], reason: "legacy monitor" });
    const objects = synth(shop).filter(({ apiVersion }) => !apiVersion.startsWith("networking") && apiVersion.includes("istio"));
    const [telemetry, policies] = [objects.filter(({ kind }) => kind === "Telemetry"), objects.filter(({ kind }) => kind !== "Telemetry")];
    await expect(yamlDocuments(telemetry)).toMatchFileSnapshot("../golden/mesh/namespace.plaintext-callers.yaml");
    await expect(yamlDocuments(policies)).toMatchFileSnapshot("../golden/mesh/namespace.permissive.yaml");
  });
});

describe("a namespace", () => {
  test("has one label that decides injection: by name, or by the control plane's revision", () => {
    const labelsWith = (revision?: string): unknown => {
      const app = meshApp();
      const shop = namespace({}, app);
      new IstioControlPlane(app, "mesh", revision === undefined ? {} : { revision });
      return findManifest(synth(shop), "Namespace", "shop").metadata.labels;
    };
    expect(labelsWith()).toEqual({ "istio-injection": "enabled", "pod-security.kubernetes.io/enforce": "privileged" });
    expect(labelsWith("1-30")).toEqual({ "istio.io/rev": "1-30", "pod-security.kubernetes.io/enforce": "privileged" });
  });

  test("refuses a second one", () => {
    expect(() => namespace({ labels: { "istio.io/rev": "x" } })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop: 1 invalid prop
        labels["istio.io/rev"]: decides injection, which the control plane's revision does. Leave it out, or set controlPlane.]
    `);
  });

  test("enforces the Pod Security level that the way of injection can live with", () => {
    const levelWith = (cni: boolean): unknown => {
      const app = meshApp();
      new IstioControlPlane(app, "mesh", { cni });
      return (findManifest(synth(namespace({}, app)), "Namespace", "shop").metadata.labels as Record<string, string>)[
        "pod-security.kubernetes.io/enforce"
      ];
    };
    expect(levelWith(true)).toBe("baseline");
    expect(levelWith(false)).toBe("privileged");
  });

  test("is an object without a namespace of its own, which the API server would refuse", () => {
    expect(findManifest(synth(namespace()), "Namespace", "shop").metadata).not.toHaveProperty("namespace");
  });

  test("that exists already is not made, and the report says what it needs", () => {
    const shop = namespace({ existing: true });
    expect(synth(shop).map(({ kind }) => kind)).not.toContain("Namespace");
    expect(findings(shop).map(({ code }) => code)).toEqual(["MG0401"]);
  });

  test("is only a PeerAuthentication when defaults are none", () => {
    expect(synth(namespace({ defaults: "none" })).map(({ kind }) => kind)).toEqual(["PeerAuthentication"]);
  });

  test("lets in nobody who was not declared: strictly, or as a dry run", () => {
    const denyIn = (stage: "permissive" | "strict"): Manifest =>
      findManifest(synth(namespace({ stage })), "AuthorizationPolicy", "default-deny");
    expect(denyIn("strict").metadata.annotations).toBeUndefined();
    expect(denyIn("permissive").metadata.annotations).toEqual({ "istio.io/dry-run": "true" });
  });
});

describe("a namespace in its tree", () => {
  test("belongs to the control plane that it names, by its revision and trust domain", () => {
    const app = meshApp();
    const planes = ["stable", "canary"].map(
      (revision) => new IstioControlPlane(app, revision, { revision, trustDomain: `${revision}.example`, namespace: `istio-${revision}` }),
    );
    const [stable] = planes;
    if (stable === undefined) throw new Error("no control plane");
    const shop = namespace({ controlPlane: stable }, app);
    service(shop, "payment").calls(service(shop));
    const objects = synth(shop);
    expect(findManifest(objects, "Namespace", "shop").metadata.labels).toMatchObject({ "istio.io/rev": "stable" });
    expect(JSON.stringify(findManifest(objects, "AuthorizationPolicy", "pricing-callers").spec)).toContain(
      "stable.example/ns/shop/sa/payment",
    );
  });

  test("must name one when there are several", () => {
    const app = meshApp();
    for (const revision of ["a", "b"]) new IstioControlPlane(app, revision, { revision });
    namespace({}, app);
    expect(() => app.synthYaml()).toThrow(/\[shop\] controlPlane: got nothing, expected one of the 2 control planes/);
  });

  test("is not the mesh's own, where a default deny would deny everything, everywhere", () => {
    const app = meshApp();
    expect(() => new StrictMtlsNamespace(app, "istio-system")).toThrow(/a namespace of applications/);
    expect(() => new StrictMtlsNamespace(app, "kube-system")).toThrow(/a namespace of applications/);
    new IstioControlPlane(app, "mesh", { namespace: "shop" });
    namespace({}, app);
    expect(() => app.synthYaml()).toThrow(/\[shop\] got "shop", expected a namespace of applications/);
  });

  test("refuses a Pod Security level that no pod would start under", () => {
    const app = meshApp();
    new IstioControlPlane(app, "mesh", { cni: false });
    namespace({ podSecurity: "restricted" }, app);
    expect(() => app.synthYaml()).toThrow(/podSecurity: got "restricted", expected "privileged"/);
  });

  test("takes its Pod Security level by its own prop only, and null for no props", () => {
    expect(() => namespace({ labels: { "pod-security.kubernetes.io/enforce": "baseline" } })).toThrow(/Use podSecurity/);
    expect(() => new StrictMtlsNamespace(meshApp(), "x", null as never)).toThrow(/got null, expected an object/);
  });
});

describe("allowPlaintext", () => {
  test("keeps plaintext to the given addresses where access is open too", () => {
    const shop = namespace({ access: "open" });
    shop.allowPlaintext("vm", { to: service(shop), port: 9090, from: ["10.0.5.0/24"], reason: "x" });
    expect(findManifest(synth(shop), "AuthorizationPolicy", "pricing-plaintext-vm").spec).toMatchObject({
      action: "DENY",
      rules: [{ from: [{ source: { notPrincipals: ["*"], notIpBlocks: ["10.0.5.0/24"] } }], to: [{ operation: { ports: ["9090"] } }] }],
    });
  });

  test("knows callers behind a proxy by the address that the proxy passes on", () => {
    const shop = namespace();
    shop.allowPlaintext("vm", { to: service(shop), port: 9090, from: ["10.0.5.0/24"], addressOf: "original-caller", reason: "x" });
    expect(JSON.stringify(findManifest(synth(shop), "AuthorizationPolicy", "pricing-plaintext-vm").spec)).toContain("remoteIpBlocks");
  });

  test("lets anybody in only for a reason", () => {
    const shop = namespace();
    const open = { to: service(shop), port: 9090, from: ["0.0.0.0/0"], reason: "x" } as const;
    expect(() => shop.allowPlaintext("all", open)).toThrow(/0\.0\.0\.0\/0 is anybody's address[\s\S]*MG0402/);
    shop.allowPlaintext("all", { ...open, suppress: { MG0402: "a public health page" } });
    expect(findings(shop).map(({ code, suppressed }) => [code, suppressed])).toEqual([["MG0402", "a public health page"]]);
  });

  test("gives an outsider an exception on its port, and an ALLOW narrowed by its addresses", () => {
    const shop = namespace();
    shop.allowPlaintext("vm-monitor", { to: service(shop), port: 9090, from: ["10.0.5.0/24"], reason: "legacy monitor" });
    const objects = synth(shop);
    expect(findManifest(objects, "PeerAuthentication", "pricing-plaintext").spec).toEqual({
      selector: { matchLabels: { "meshground.io/service": "pricing" } },
      mtls: { mode: "STRICT" },
      portLevelMtls: { 9090: { mode: "PERMISSIVE" } },
    });
    expect(findManifest(objects, "AuthorizationPolicy", "pricing-plaintext-vm-monitor")).toMatchObject({
      metadata: { annotations: { "meshground.io/reason": "legacy monitor" } },
      spec: {
        rules: [{ from: [{ source: { ipBlocks: ["10.0.5.0/24"], notPrincipals: ["*"] } }], to: [{ operation: { ports: ["9090"] } }] }],
      },
    });
  });

  test("makes one exception a workload, because of two Istio takes the older and drops the other", () => {
    const shop = namespace();
    const to = service(shop);
    shop
      .allowPlaintext("b", { to, port: 9091, from: ["10.0.6.0/24"], reason: "b" })
      .allowPlaintext("a", { to, port: 9090, from: ["10.0.5.0/24"], reason: "a" });
    const exceptions = synth(shop).filter(({ kind, metadata }) => kind === "PeerAuthentication" && metadata.name !== "default");
    expect(exceptions.map(({ spec }) => spec?.portLevelMtls)).toEqual([{ 9090: { mode: "PERMISSIVE" }, 9091: { mode: "PERMISSIVE" } }]);
  });

  test("names everything that is wrong with an exception", () => {
    const shop = namespace();
    const to = service(shop);
    expect(() => shop.allowPlaintext("VM", { to, port: 0, from: ["10.0.5.1"], reason: "a\nb" })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop.allowPlaintext("VM"): 4 invalid props
        from[0]: got "10.0.5.1", expected an address range such as 10.0.5.0/24. Did you mean "10.0.5.1/32"?
        name: got "VM", expected a name of at most 63 characters (RFC 1123): lower-case letters, digits and dashes, starting and ending with a letter or digit.
        port: got 0, expected a whole number from 1 to 65535.
        reason: got "a\\nb", expected text on one line, not empty, without control characters.]
    `);
  });

  test("refuses a workload of another namespace, and a name that is taken", () => {
    const app = meshApp();
    const [shop, other] = [namespace({}, app), new StrictMtlsNamespace(app, "other")];
    const exception = { to: service(other), port: 9090, from: ["10.0.5.0/24"], reason: "x" } as const;
    expect(() => shop.allowPlaintext("x", exception)).toThrow(/a workload of this namespace, shop/);
    other.allowPlaintext("x", exception);
    expect(() => other.allowPlaintext("x", exception)).toThrow(/a name that no other exception/);
  });
});
