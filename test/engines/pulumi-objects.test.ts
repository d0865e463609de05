import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MeshStack } from "meshground/pulumi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environments } from "../../examples/oslo-production/environment";
import { type AskedResource, deploy } from "../pulumi/deployment";
import { oslo } from "../pulumi/trees";
import { temporaryFolder } from "../support/temporary";
import { type ApiServer, startApiServer } from "./api-server";
import { crdsOf } from "./cut/controllers";
import { engines } from "./engines.mts";
import { istioModule } from "./istio-module";
import { isMissing } from "./program";

const missing = [engines.etcd, engines.kubectl, engines.kubeApiserver].map(isMissing).includes(true);

/** The objects that a MeshStack asks for, in the order in which it asks. */
async function objectsOf(environment: keyof typeof environments): Promise<readonly AskedResource[]> {
  const { resources, errors } = await deploy(
    () =>
      new MeshStack("oslo-production", {
        app: oslo(environments[environment]),
        stages: ["namespaces", "policies", "services"],
        kubeconfig: "apiVersion: v1",
      }),
  );
  expect(errors).toEqual([]);
  return resources.filter(({ type }) => type.startsWith("kubernetes:"));
}

describe.skipIf(missing)("a Kubernetes API server", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    const crds = [istioModule("manifests/charts/base/files/crd-all.gen.yaml"), ...crdsOf["argo-rollouts"]()];
    for (const file of crds) expect(server.kubectl("apply", "--server-side", "--filename", file)).toMatchObject({ status: 0 });
    expect(server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")).toMatchObject({ status: 0 });
    expect(server.kubectl("create", "namespace", "istio-system")).toMatchObject({ status: 0 });
  });
  afterAll(() => server?.stop());

  const apply = ({ inputs }: Pick<AskedResource, "inputs">): ReturnType<ApiServer["kubectl"]> => {
    const file = join(temporaryFolder("object"), "object.json");
    writeFileSync(file, JSON.stringify(inputs));
    return server.kubectl("apply", "--server-side", "--validate=strict", "--filename", file);
  };

  test.each(["staging", "production"] as const)("takes each object of a MeshStack, one after the other: %s", async (environment) => {
    const objects = await objectsOf(environment);
    expect(objects.length).toBeGreaterThan(20);
    const refused = objects.map((object) => [object.name, apply(object)] as const).filter(([, { status }]) => status !== 0);
    expect(refused).toEqual([]);
  });

  test("refuses an object whose namespace is not there, so the order above means something", async () => {
    const [first] = (await objectsOf("production")).filter(({ inputs }) => inputs.kind === "ServiceAccount");
    const inputs = { ...first?.inputs, metadata: { name: "early", namespace: "not-yet" } };
    expect(apply({ inputs })).toMatchObject({ status: 1, stderr: expect.stringContaining('namespaces "not-yet" not found') });
  });
});
