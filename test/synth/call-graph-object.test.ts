import { expect, test } from "vitest";
import { calls } from "../../lib/checks/graph/calls";
import { meshObject } from "../../lib/checks/mesh-object";
import { ObjectGraph } from "../../lib/checks/object-graph";
import { CanaryService } from "../../lib/mesh/canary-service";
import { Release } from "../../lib/mesh/release-strategy";
import { StrictMtlsNamespace } from "../../lib/mesh/strict-mtls-namespace";
import { callGraphObject } from "../../lib/synth/call-graph-object";
import { MeshApp } from "../../lib/synth/mesh-app";

const app = (): { readonly app: MeshApp; readonly services: readonly [CanaryService, CanaryService] } => {
  const root = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
  const shop = new StrictMtlsNamespace(root, "shop", { stage: "permissive" });
  const version = (name: string, tag: string): { readonly name: string; readonly image: string } => ({
    name: tag,
    image: `registry.example.no/${name}:${tag}`,
  });
  const service = (name: string, port: number): CanaryService =>
    new CanaryService(shop, name, {
      port,
      release: Release.pinned({ stable: version(name, "v1"), canary: { ...version(name, "v2"), weight: 5 } }),
    });
  return { app: root, services: [service("payment", 8080), service("ledger", 9090)] };
};

test("the declared calls of a tree become a CallGraph that the checks read", () => {
  const { app: root, services } = app();
  services[0].calls(services[1]);
  const data = callGraphObject(root);
  expect(data).toEqual({
    apiVersion: "meshground.io/v1",
    kind: "CallGraph",
    metadata: { name: "declared-calls" },
    spec: { calls: [{ from: { namespace: "shop", name: "payment" }, to: { namespace: "shop", name: "ledger", port: 9090 } }] },
  });
  const object = meshObject(data, {});
  const graph = new ObjectGraph(object === undefined ? [] : [object], { releases: root.releases });
  expect(graph.derive(calls)).toMatchObject([{ from: { name: "payment" }, to: { name: "ledger" }, port: 9090, field: "spec.calls[0]" }]);
});

test("a tree that declares no calls has none", () => {
  expect(callGraphObject(app().app)).toBeUndefined();
});
