import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Manifest, manifestsBelow, renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { type ApiServer, startApiServer } from "./api-server";
import { engines } from "./engines.mts";
import { istioModule } from "./istio-module";
import { isMissing } from "./program";

const missing = [engines.etcd, engines.kubectl, engines.kubeApiserver, engines.istioctl].map(isMissing).includes(true);

/** Fields that were applied and are not there, with their paths. */
function lost(applied: unknown, stored: unknown, at: string): readonly string[] {
  if (Array.isArray(applied))
    return applied.flatMap((item, index) => lost(item, (stored as unknown[] | undefined)?.[index], `${at}[${index}]`));
  if (typeof applied !== "object" || applied === null)
    return same(applied, stored) ? [] : [`${at}: ${JSON.stringify(applied)} became ${JSON.stringify(stored)}`];
  return Object.entries(applied).flatMap(([key, value]) =>
    lost(value, (stored as Record<string, unknown> | undefined)?.[key], `${at}.${key}`),
  );
}

/** The API server writes quantities in a form of its own: 2048Mi becomes 2Gi, 1000m becomes 1. */
function same(applied: unknown, stored: unknown): boolean {
  return applied === stored || (typeof applied === "string" && /^\d+(?:m|Mi)$/.test(applied) && /^\d+(?:m|Mi|Gi)?$/.test(String(stored)));
}

describe.skipIf(missing)("a Kubernetes API server with Istio's CRDs of today", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    expect(
      server.kubectl("apply", "--server-side", "--filename", istioModule("manifests/charts/base/files/crd-all.gen.yaml")),
    ).toMatchObject({ status: 0 });
    expect(server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")).toMatchObject({ status: 0 });
    expect(server.kubectl("create", "namespace", "istio-system")).toMatchObject({ status: 0 });
  });
  afterAll(() => server?.stop());

  const apply = (folder: string): ReturnType<ApiServer["kubectl"]> =>
    server.kubectl("apply", "--server-side", "--validate=strict", "--recursive", "--filename", folder);
  const stored = ({ apiVersion, kind, metadata }: Manifest): Manifest => {
    const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    const resource = `${kind}.${version}.${group}`.toLowerCase();
    const namespace = metadata.namespace === undefined ? [] : ["--namespace", metadata.namespace];
    return JSON.parse(server.kubectl("get", resource, metadata.name, ...namespace, "--output=json").stdout) as Manifest;
  };

  test.each([
    ["quickstart", {}],
    ["oslo-production", { ENVIRONMENT: "staging" }],
    ["oslo-production", { ENVIRONMENT: "production" }],
  ] as const)("takes every manifest of %s %j, unchanged the second time, and loses no field", async (name, environment) => {
    const { manifests } = await renderExample(name, environment);
    expect(apply(manifests)).toMatchObject({ status: 0, stderr: "" });
    const objects = manifestsBelow(manifests);
    const versions = objects.map((object) => stored(object).metadata.resourceVersion);
    expect(apply(manifests)).toMatchObject({ status: 0 });
    expect(objects.map((object) => stored(object).metadata.resourceVersion)).toEqual(versions);
    expect(objects.flatMap((object) => lost(object, stored(object), `${object.kind} ${object.metadata.name}`))).toEqual([]);
  });

  test("refuses what is wrong, so its silence above means something", () => {
    const file = join(temporaryFolder("wrong"), "wrong.yaml");
    const spec = { mtls: { mode: "STRICT" }, portLevelMtls: { 9090: { mode: "PERMISSIVE" } } };
    writeFileSync(
      file,
      JSON.stringify({
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: { name: "x", namespace: "default" },
        spec,
      }),
    );
    expect(apply(file)).toMatchObject({ status: 1, stderr: expect.stringContaining("portLevelMtls requires selector") });
  });
});
