import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MeshObject, meshObject } from "../../lib/checks/mesh-object";
import { buildProgram } from "../../lib/import/built-program";
import { importObjects } from "../../lib/import/import-objects";
import { resolveReleases } from "../../lib/istio/release";
import { imported } from "./programs";

const releases = resolveReleases("test", { istio: "1.30.3", kubernetes: "1.33" });
const filesOf = (yaml: string): string =>
  imported(yaml)
    .files.map(({ text }) => text)
    .join("\n");

const text = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "a/b", "a~b", "on", "12", "*/"));
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value")),
    fc.dictionary(text, tie("value")),
  ),
})).value;
const metadata = fc.record(
  {
    name: fc.constant("any"),
    namespace: fc.constantFrom("", "shop", "kube-system"),
    labels: fc.oneof(fc.dictionary(text, text), data),
    annotations: fc.oneof(fc.dictionary(text, text), data),
    finalizers: data,
    more: data,
  },
  { requiredKeys: ["name"] },
);
const objects = fc
  .array(fc.record({ metadata, spec: data, more: data }, { requiredKeys: ["metadata"] }), { minLength: 1, maxLength: 5 })
  .map((all) => all.map((one, index) => meshObject({ apiVersion: "example.no/v1", kind: `Kind${index}`, ...one }, {}) as MeshObject));

describe("an import", () => {
  test("keeps any data, whatever cdk8s would make of it", () => {
    fc.assert(
      fc.property(objects, (all) => {
        const { program } = importObjects(all, releases);
        const { rendered } = buildProgram(program);
        const given = program.charts.flatMap(({ constructs }) => constructs.flatMap(rendered));
        const byKind = new Map(given.map((each) => [(each as MeshObject).kind, each]));
        for (const { kind, data: read } of all) expect(isDeepStrictEqual(byKind.get(kind), structuredClone(read))).toBe(true);
      }),
    );
  });

  test("types Istio's kinds, and keeps an older apiVersion by a patch", () => {
    const program = filesOf(`
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`);
    expect(program).toMatchInlineSnapshot(`
      "import { MeshApp } from "meshground";
      import { shopNamespace } from "./namespaces/shop";

      const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.33" });
      shopNamespace(app);
      console.log(\`\${app.synth()}\`);

      import { Chart, JsonPatch } from "cdk8s";
      import { type MeshApp, PeerAuthentication } from "meshground";

      /** The namespace shop. */
      export function shopNamespace(app: MeshApp): void {
        const chart = new Chart(app, "shop", { namespace: "shop" });

        // From shop.yaml
        new PeerAuthentication(chart, "default-peer-authentication", {
          metadata: { name: "default" },
          spec: { mtls: { mode: "STRICT" } },
        }).addJsonPatch(JsonPatch.replace("/apiVersion", "security.istio.io/v1beta1"));
      }
      "
    `);
  });

  test("says in the program why an object of Istio has no type", () => {
    const program = filesOf(`
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: "STRICKT\\n" } }
`);
    expect(program).toContain("new ApiObject(");
    expect(program).toMatch(/ {2}\/\/ spec\.mtls\.mode: got "STRICKT\\n", expected/);
  });

  test("accepts the errors that it finds, one by one, each at its object", () => {
    const program = filesOf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pricing, namespace: shop }
spec: { hosts: [pricing], http: [{ route: [{ destination: { host: pricing } }], timeout: 2s, retries: { attempts: 3, perTryTimeout: 2s } }] }
`);
    expect(program).toContain("const pricingVirtualService = new VirtualService(");
    expect(program).toMatch(/suppress\(\n {4}pricingVirtualService,\n {4}"MG0301",\n {4}"found at import: /);
  });

  test("leaves out what a live cluster adds: status, identity, what was applied last, and what controllers make", () => {
    const {
      objects: kept,
      leftOut,
      cleaned,
    } = imported(`
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata:
      name: pricing
      namespace: shop
      uid: 1-2
      resourceVersion: "7"
      creationTimestamp: "2026-01-01T00:00:00Z"
      managedFields: []
      annotations: { kubectl.kubernetes.io/last-applied-configuration: "{}" }
    spec: { ports: [{ port: 80 }] }
    status: { loadBalancer: {} }
  - apiVersion: v1
    kind: Pod
    metadata:
      name: pricing-x
      namespace: shop
      ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: pricing, uid: 1-3, controller: true }]
`);
    expect(kept.map((object) => object.data)).toEqual([
      { apiVersion: "v1", kind: "Service", metadata: { name: "pricing", namespace: "shop" }, spec: { ports: [{ port: 80 }] } },
    ]);
    expect(leftOut.map(({ why }) => why)).toEqual(["ReplicaSet pricing makes it, and would make it again."]);
    expect(cleaned.length).toBe(1);
  });

  test("gives objects of one name in several namespaces, or of one kind in several groups, ids of their own", () => {
    const { program } = imported(
      ["one", "two"]
        .flatMap((namespace) =>
          ["networking.istio.io/v1", "gateway.networking.k8s.io/v1"].map(
            (apiVersion) => `{ apiVersion: ${apiVersion}, kind: Gateway, metadata: { name: edge, namespace: ${namespace} }, spec: {} }`,
          ),
        )
        .join("\n---\n"),
    );
    expect(program.charts.map(({ id, constructs }) => [id, ...constructs.map((construct) => construct.id)])).toEqual([
      ["one", "edge-gateway", "edge-gateway2"],
      ["two", "edge-gateway", "edge-gateway2"],
    ]);
  });
});
