import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Testing } from "cdk8s";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { isRecord } from "../../lib/core/check";
import { chartFor, samples } from "./samples";

/** Istio's own CRDs of old releases. They are data of the workplace, not of this repository. */
const crdFolder = resolve("../shared/istio-crds");

/** What is read of a JSON schema. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** Paths of the fields that the schema does not know: an API server drops those in silence. */
function dropped(value: unknown, schema: Schema | undefined, at: string): readonly string[] {
  if (schema === undefined) return [at];
  if (Array.isArray(value)) return value.flatMap((item, index) => dropped(item, schema.items, `${at}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    dropped(entry, schema.properties?.[key] ?? schema.additionalProperties, `${at}.${key}`),
  );
}

describe("an object made for the newest releases is valid for Istio's schema of 1.29", () => {
  test.each(samples)("$kind", async ({ kind, spec, make }) => {
    const models: Readonly<Record<string, unknown>> = {
      ...(await import("@kubernetes-models/istio/networking.istio.io/v1")),
      ...(await import("@kubernetes-models/istio/security.istio.io/v1")),
      ...(await import("@kubernetes-models/istio/telemetry.istio.io/v1")),
    };
    const Model = models[kind] as new (manifest: unknown) => { validate(): void };
    const chart = chartFor("1.29", "1.35");
    make(chart, spec);
    for (const manifest of Testing.synth(chart)) expect(() => new Model(manifest).validate()).not.toThrow();
    expect(() => new Model({ spec: "x" }).validate()).toThrow();
  });
});

describe.each([
  { patch: "1.17.8", kubernetes: "1.26" },
  { patch: "1.18.7", kubernetes: "1.27" },
])("an API server with the CRDs of $patch", ({ patch, kubernetes }) => {
  const file = resolve(crdFolder, `${patch}.yaml`);
  const here = existsSync(file);
  const crds = here ? parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as Crd | null) : [];

  test.skipIf(here)(`SKIPPED, because ${file} is not there`, () => {
    expect(here).toBe(false);
  });

  test.skipIf(!here).each(samples)("serves the apiVersion of $kind and keeps every field", ({ spec, make }) => {
    const chart = chartFor(patch, kubernetes);
    make(chart, spec);
    const [manifest] = Testing.synth(chart) as readonly { readonly apiVersion: string; readonly kind: string; readonly spec: unknown }[];
    const crd = crds.find((found) => found?.spec.names.kind === manifest?.kind && manifest?.apiVersion.startsWith(`${found?.spec.group}/`));
    const version = crd?.spec.versions.find(({ name }) => manifest?.apiVersion === `${crd.spec.group}/${name}`);
    expect(version?.served).toBe(true);
    expect(dropped(manifest?.spec, version?.schema.openAPIV3Schema.properties?.spec, "spec")).toEqual([]);
    expect(dropped({ unheardOf: 1 }, version?.schema.openAPIV3Schema.properties?.spec, "spec")).toEqual(["spec.unheardOf"]);
  });
});
