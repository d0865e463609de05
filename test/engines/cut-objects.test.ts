import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary";
import { type ApiServer, startApiServer } from "./api-server";
import { crdsOf } from "./cut/controllers";
import { imageOf, progressive, type Released, shop } from "./cut/shop";
import { engines } from "./engines.mts";
import { evidence } from "./evidence";
import { istioModule } from "./istio-module";
import { installCrds } from "./mesh/mesh-objects";
import { isMissing } from "./program";
import { expectKept } from "./stored-objects";

const missing = [engines.etcd, engines.kubectl, engines.kubeApiserver, engines.argoRollouts, engines.flagger].map(isMissing).includes(true);

/** A service around the user's own Deployment. */
function adopted(scope: Construct): Released {
  const labels = { app: "adopted", version: "v1" };
  const containers = [{ name: "adopted", image: imageOf("adopted", "1") }];
  const spec = { replicas: 2, selector: { matchLabels: { app: "adopted" } }, template: { metadata: { labels }, spec: { containers } } };
  const workload = new ApiObject(scope, "deployment", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "adopted" }, spec });
  return { release: progressive({ controller: "argo-rollouts", workload }), props: { podSelector: { app: "adopted" } } };
}

/** Each way of a progressive release, with all that it can have. */
function services(): Parameters<typeof shop>[0] {
  const image = imageOf("service", "1");
  const abortWhen = { p99Above: "200ms", errorsAbove: "0.5%", over: "10s", noTraffic: "abort" } as const;
  const testers = { header: "x-release", value: "v2", to: "canary" } as const;
  const retries = { attempts: 2, perTryTimeout: "500ms", on: ["gateway-error"], methods: ["GET"] } as const;
  const webhooks = { confirmTrafficIncrease: "http://gate/", loadTest: { url: "http://flagger-loadtester/", command: "hey http://x" } };
  return {
    held: { release: progressive({ controller: "argo-rollouts", image, steps: [0, 10, 100] }), props: { testers, timeout: "2s", retries } },
    scaled: {
      release: progressive({ controller: "argo-rollouts", image, abortWhen: { ...abortWhen, every: "2s" } }),
      props: { replicas: { min: 2, max: 8 } },
    },
    adopted,
    flagged: { release: progressive({ controller: "flagger", image, abortWhen, webhooks }), props: { timeout: "2s" } },
    waiting: {
      release: progressive({ controller: "flagger", image, webhooks }),
      props: { replicas: { min: 2, max: 8 }, circuitBreaker: { eject: { after5xx: 5, for: "30s" } } },
    },
  };
}

describe.skipIf(missing)("the API server, with the CRDs of Istio, Argo Rollouts and Flagger", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    const files = [istioModule("manifests/charts/base/files/crd-all.gen.yaml"), ...crdsOf["argo-rollouts"](), ...crdsOf.flagger()];
    await installCrds(server, files);
  });
  afterAll(() => server?.stop());

  test("takes progressive releases twice, and keeps every field", (context) => {
    const folder = temporaryFolder("progressive");
    const { app } = shop(services());
    writeFileSync(join(folder, "tree.yaml"), app.synthYaml());
    const kept = expectKept(server, folder);
    expect(kept).toContain("none changed");
    evidence(context, {
      claim: "Progressive releases in every mode are taken by a server-side apply that knows every field",
      measured: kept,
    });
  });
});
