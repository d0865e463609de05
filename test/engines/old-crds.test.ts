import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { IstioControlPlane, MeshApp, type MeshAppProps } from "../../lib/index";
import { type Manifest, manifestsBelow, renderExample } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { namespace, objectsOf, service } from "../support/tree";
import { type ApiServer, startApiServer } from "./api-server";
import { engines } from "./engines.mts";
import { evidence } from "./evidence";
import { isMissing } from "./program";
import { expectKept } from "./stored-objects";
import { strictly } from "./strict-schema";

/** Istio's CRD bundles of the reference system's releases. They lie beside the project, not in it. */
const folder = process.env.MESHGROUND_CRDS ?? join(__dirname, "../../../shared/istio-crds");
const missing = !existsSync(folder);
if (missing) process.stderr.write(`SKIPPED: no CRDs in ${folder}. MESHGROUND_CRDS names a folder with 1.17.8.yaml and 1.18.7.yaml.\n`);

interface Crd {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly group: string;
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: object } }[];
  };
}

/** Everything that a service of those days may have, in a namespace that is strict or not yet. */
function oldTree(props: MeshAppProps, stage: "strict" | "permissive"): MeshApp {
  const app = new MeshApp(props);
  const shop = namespace({ stage }, app);
  const pricing = service(shop, "pricing", {
    timeout: "2s",
    retries: { attempts: 3, perTryTimeout: "400ms", on: ["gateway-error"], methods: ["GET"] },
    circuitBreaker: { maxConnections: 10, eject: { after5xx: 5, for: "30s" } },
    testers: { header: "x", value: "y", to: "v2" },
    mirror: { to: "v2", percent: 1 },
    sessionAffinity: { by: "cookie", name: "s", ttl: "1h" },
  });
  service(shop, "payment").calls(pricing);
  shop.allowPlaintext("monitor", { to: pricing, port: 9090, from: ["10.0.5.0/24"], reason: "x" });
  return app;
}

function validators(release: string): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const crds = parseAllDocuments(readFileSync(join(folder, `${release}.yaml`), "utf8")).map((document) => document.toJS() as Crd | null);
  return new Map(
    crds.flatMap((crd) =>
      (crd?.spec.versions ?? []).map(({ name, schema }) => {
        const { spec, status } = (schema.openAPIV3Schema as { properties: Record<string, unknown> }).properties;
        const whole = {
          type: "object",
          properties: { apiVersion: {}, kind: {}, metadata: {}, spec: strictly(spec), status },
          additionalProperties: false,
        };
        return [`${crd?.spec.group}/${name} ${crd?.spec.names.kind}`, ajv.compile(whole)] as const;
      }),
    ),
  );
}

describe.skipIf(missing).each([
  ["1.17.8", "1.26"],
  ["1.18.7", "1.26"],
])("the CRDs of %s", (istio, kubernetes) => {
  let crds: ReadonlyMap<string, ValidateFunction>;
  beforeAll(() => {
    crds = validators(istio);
  });
  const refusals = (objects: readonly Manifest[]): readonly unknown[] =>
    objects
      .filter(({ apiVersion }) => apiVersion.includes("istio.io/"))
      .flatMap((object) => {
        const validate = crds.get(`${object.apiVersion} ${object.kind}`);
        if (validate === undefined) return [`${object.apiVersion} ${object.kind} is not served`];
        const taken: boolean = validate(object);
        return taken ? [] : [object.metadata.name, validate.errors];
      });

  test("take every object of a tree for that release", () => {
    for (const stage of ["strict", "permissive"] as const) {
      expect(refusals(objectsOf(oldTree({ istio, kubernetes }, stage)))).toEqual([]);
    }
  });

  test("take every object of reference-files", async () => {
    const { manifests } = await renderExample("reference-files");
    expect(refusals(manifestsBelow(manifests))).toEqual([]);
  });

  test("refuse what they do not know, so their silence above means something", () => {
    const spec = { host: "x", trafficPolicy: { outlierDetection: { consecutive5xx: 5 } } };
    expect(refusals([{ apiVersion: "networking.istio.io/v1beta1", kind: "DestinationRule", metadata: { name: "x" }, spec }])).toHaveLength(
      2,
    );
    expect(refusals([{ apiVersion: "networking.istio.io/v1", kind: "DestinationRule", metadata: { name: "x" }, spec: {} }])).toEqual([
      "networking.istio.io/v1 DestinationRule is not served",
    ]);
  });
});

const noServer = missing || [engines.etcd, engines.kubectl, engines.kubeApiserver].map(isMissing).includes(true);

describe.skipIf(noServer)("an API server with the CRDs of 1.18.7", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    server.kubectlWith(readFileSync(join(folder, "1.18.7.yaml"), "utf8"), "apply", "--server-side", "--filename=-");
    server.kubectlWith("", "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
    server.kubectlWith("", "create", "namespace", "istio-system");
  });
  afterAll(() => server?.stop());

  test("takes every manifest of reference-files, unchanged the second time, and loses no field", async (context) => {
    const measured = expectKept(server, (await renderExample("reference-files")).manifests);
    evidence(context, {
      claim:
        "An API server with the CRDs of Istio 1.18.7 takes every manifest of reference-files, and keeps every field of it. The other examples name newer releases in their programs: trees of the same constructs, rendered for 1.18.7, stand in for them.",
      measured,
    });
  });

  test.for(["strict", "permissive"] as const)("takes every manifest of a %s tree for that release", (stage, context) => {
    const home = temporaryFolder("old-tree");
    const app = oldTree({ istio: "1.18.7", kubernetes: "1.26", outdir: join(home, "manifests") }, stage);
    new IstioControlPlane(app, "mesh").addIngressGateway("edge");
    app.synth();
    const measured = expectKept(server, join(home, "manifests"));
    evidence(context, {
      claim: `An API server with the CRDs of Istio 1.18.7 takes every manifest of a ${stage} tree that is rendered for that release, and keeps every field of it.`,
      measured,
    });
  });

  test("refuses a field that came later", () => {
    const spec = { host: "x", trafficPolicy: { proxyProtocol: { version: "V1" } } };
    const object = {
      apiVersion: "networking.istio.io/v1beta1",
      kind: "DestinationRule",
      metadata: { name: "x", namespace: "default" },
      spec,
    };
    expect(() => server.kubectlWith(object, "apply", "--server-side", "--validate=strict", "--filename=-")).toThrow("proxyProtocol");
  });
});
