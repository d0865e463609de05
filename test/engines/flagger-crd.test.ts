import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { flaggerObjects } from "../../lib/mesh/flagger";
import type { FlaggerCanarySpec } from "../../lib/mesh/flagger-spec";
import { flaggerInputs } from "../mesh/flagger-inputs";
import { goModule } from "./go-module";
import { strictly } from "./strict-schema";

interface Crd {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: { readonly properties: Record<string, unknown> } } }[];
  };
}

const missing = spawnSync("go", ["version"]).status !== 0;
if (missing) process.stderr.write("SKIPPED: not installed: go, which fetches Flagger's module with its CRDs\n");

describe.skipIf(missing)("the CRDs of Flagger 1.36.1", () => {
  let specs: ReadonlyMap<string, ValidateFunction>;
  beforeAll(() => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const file = readFileSync(goModule("flagger", "github.com/fluxcd/flagger", "artifacts/flagger/crd.yaml"), "utf8");
    const crds = parseAllDocuments(file).flatMap((document) => (document.toJS() as Crd | null) ?? []);
    specs = new Map(
      crds.flatMap(({ spec }) =>
        spec.versions.map(
          ({ schema }) => [spec.names.kind, ajv.compile(strictly(schema.openAPIV3Schema.properties.spec) as object)] as const,
        ),
      ),
    );
  });
  const refusals = (kind: string, spec: unknown): unknown => {
    const validate = specs.get(kind);
    if (validate === undefined) throw new Error(`there is no ${kind} among ${[...specs.keys()].join(", ")}`);
    const taken: boolean = validate(spec);
    return taken ? [] : validate.errors;
  };

  test("take every Canary and MetricTemplate, and know every field", () => {
    fc.assert(
      fc.property(flaggerInputs, (input) => {
        const { canary, metricTemplates } = flaggerObjects(input);
        expect(refusals("Canary", canary)).toEqual([]);
        for (const { spec } of metricTemplates) expect(refusals("MetricTemplate", spec)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("refuse what they do not know, so their silence above means something", () => {
    const [input] = fc.sample(flaggerInputs, { numRuns: 1, seed: 1 });
    const canary = input === undefined ? undefined : flaggerObjects(input).canary;
    const broken = (service: object): FlaggerCanarySpec => ({ ...canary, service: { port: 80, ...service } }) as FlaggerCanarySpec;
    expect(refusals("Canary", broken({}))).toEqual([]);
    // What this library leaves out, or refuses, because Flagger would drop it.
    expect(refusals("Canary", broken({ trafficPolicy: { connectionPool: { tcp: { maxConnections: 10 } } } }))).toHaveLength(1);
    expect(refusals("Canary", broken({ trafficPolicy: { loadBalancer: { localityLbSetting: { enabled: false } } } }))).not.toEqual([]);
    expect(refusals("Canary", broken({ extraPorts: [] }))).toHaveLength(1);
  });
});
