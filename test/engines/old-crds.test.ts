import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { isRecord } from "../../lib/core/check";
import { MeshApp } from "../../lib/index";
import { type Manifest, manifestsBelow, renderExample } from "../support/examples";
import { namespace, objectsOf, service } from "../support/tree";

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

/** A structural schema that refuses unknown fields too, as a strict API server does, instead of dropping them in silence. */
function strictly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictly);
  if (!isRecord(schema)) return schema;
  const closed =
    isRecord(schema.properties) && schema["x-kubernetes-preserve-unknown-fields"] !== true && schema.additionalProperties === undefined;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === "oneOf" || key === "anyOf" || key === "not" ? value : strictly(value)]),
  );
  return { ...inner, ...(closed && { additionalProperties: false }) };
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
      const app = new MeshApp({ istio, kubernetes });
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
      expect(refusals(objectsOf(app))).toEqual([]);
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
