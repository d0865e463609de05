import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ApiObject } from "cdk8s";
import { expect, test } from "vitest";
import { mtlsExpectationOf } from "../../lib/mesh/mtls-expectation";
import { mtlsExpectation } from "../../lib/prometheus/mtls-expectation";
import { temporaryFolder } from "../support/temporary";
import { meshApp, namespace, service } from "../support/tree";

test("a synth writes what the tree declares of mTLS, and the command takes it", () => {
  const where = temporaryFolder("mtls");
  const app = meshApp({ outdir: join(where, "manifests") });
  const shop = namespace({ stage: "permissive" }, app);
  const pricing = service(shop, "pricing", { extraPorts: [{ name: "http-metrics", port: 90, targetPort: 9090 }] });
  const from = ["10.0.5.0/24"] as const;
  shop.allowPlaintext("vm-monitor", { to: pricing, port: 9090, from, reason: "the old monitor" });
  shop.allowPlaintext("probe", { to: pricing, port: 8080, from, addressOf: "original-caller", reason: "the load balancer" });
  app.synth();
  const written: unknown = JSON.parse(readFileSync(join(where, "artefacts/report/mtls.json"), "utf8"));
  expect(mtlsExpectation("", written)).toEqual([]);
  const workloads = ["pricing-v1", "pricing-v2"];
  expect(written).toEqual({
    namespaces: [
      {
        name: "shop",
        stage: "permissive",
        services: [{ name: "pricing", workloads, ports: [8080, 9090] }],
        plaintext: [
          { workloads, port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor" },
          { workloads, port: 8080, from: [], reason: "the load balancer" },
        ],
      },
    ],
  });
});

test("a tree without namespaces of ours writes none", () => {
  const where = temporaryFolder("mtls");
  meshApp({ outdir: join(where, "manifests") }).synth();
  expect(existsSync(join(where, "artefacts/report/mtls.json"))).toBe(false);
});

test("workloads are known by what owns their pods, the copies of controllers among them", () => {
  const shop = namespace();
  const pricing = service(shop);
  const labels = pricing.podSelector;
  const other = (kind: string, name: string, spec: object): unknown =>
    new ApiObject(shop, `${kind}-${name}`, { apiVersion: "any/v1", kind, metadata: { name }, spec });
  other("Rollout", "pricing-rollout", { template: { metadata: { labels } } });
  other("Rollout", "pricing-taken-over", { workloadRef: { kind: "Deployment", name: "pricing-v1" } });
  other("Canary", "pricing", { targetRef: { kind: "Deployment", name: "pricing-v2" } });
  other("Deployment", "stranger", { template: { metadata: { labels: { app: "pricing" } } } });
  const [expected] = mtlsExpectationOf(shop.node.root).namespaces;
  expect(expected?.services).toEqual([
    {
      name: "pricing",
      workloads: ["pricing-rollout", "pricing-taken-over", "pricing-v1", "pricing-v2", "pricing-v2-primary"],
      ports: [8080],
    },
  ]);
});

test("what is no expectation is refused with every fault", () => {
  const wrong = {
    namespaces: [{ name: "Shop", stage: "loose", services: [], plaintext: [{ workloads: [], port: 0, from: ["any"], reason: "" }] }],
  };
  expect(mtlsExpectation("", wrong).map(({ path }) => path)).toEqual([
    "namespaces[0].name",
    "namespaces[0].stage",
    "namespaces[0].plaintext[0].port",
    "namespaces[0].plaintext[0].from[0]",
    "namespaces[0].plaintext[0].reason",
  ]);
});
