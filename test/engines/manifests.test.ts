import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Manifest, renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { type ApiServer, startApiServer } from "./api-server";
import { crdsOf } from "./cut/controllers";
import { engines } from "./engines.mts";
import { evidence } from "./evidence";
import { exampleCases, titleOf } from "./example-cases";
import { type Istiod, startIstiod } from "./istiod";
import { isMissing } from "./program";
import { applyFiles, changesOf, expectKept } from "./stored-objects";

const missing = [engines.etcd, engines.kubectl, engines.kubeApiserver, engines.istioctl, engines.istiod].map(isMissing).includes(true);

describe.skipIf(missing)(
  "a Kubernetes API server with Istio's CRDs of 1.31 and those of Argo Rollouts, and istiod's webhook failing closed",
  () => {
    let server: ApiServer;
    let istiod: Istiod;
    beforeAll(async () => {
      server = await startApiServer();
      istiod = await startIstiod(server);
      for (const file of crdsOf["argo-rollouts"]()) server.kubectlWith("", "apply", "--server-side", `--filename=${file}`);
      server.kubectlWith("", "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
    });
    afterAll(async () => {
      await istiod?.stop();
      await server?.stop();
    });

    test.for(exampleCases)("takes every manifest of %s %j, unchanged the second time, and loses no field", async (example, context) => {
      const { manifests } = await renderExample(...example);
      const measured = expectKept(server, manifests);
      evidence(context, {
        claim: `An API server and istiod take every manifest of ${titleOf(example)}, by server-side apply, and keep every field of it.`,
        measured,
      });
    });

    test("refuses what the schema or istiod does, so its silence above means something", () => {
      const file = join(temporaryFolder("wrong"), "wrong.yaml");
      const refusal = (apiVersion: string, kind: string, spec: object): string => {
        writeFileSync(file, JSON.stringify({ apiVersion, kind, metadata: { name: "x", namespace: "default" }, spec }));
        return applyFiles(server, file).stderr;
      };
      const ports = { mtls: { mode: "STRICT" }, portLevelMtls: { 9090: { mode: "PERMISSIVE" } } };
      expect(refusal("security.istio.io/v1", "PeerAuthentication", ports)).toContain("portLevelMtls requires selector");
      const route = [{ destination: { host: "pricing" }, weight: -1 }];
      expect(refusal("networking.istio.io/v1", "VirtualService", { hosts: ["pricing"], http: [{ route }] })).toContain(
        'admission webhook "validation.istio.io" denied the request',
      );
    });

    test("finds a field that was changed or dropped", () => {
      const object: Manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { a: "1", cpu: "1000m" } };
      expect(changesOf(object, { ...object, data: { a: "1", cpu: "1" } })).toEqual([]);
      expect(changesOf(object, { ...object, data: { cpu: "2" } })).toEqual([
        'ConfigMap x.data.a: "1" became undefined',
        'ConfigMap x.data.cpu: "1000m" became "2"',
      ]);
    });
  },
);
