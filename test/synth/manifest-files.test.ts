import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { build, type Cdk8s, inFolder, load, outcome, richTree, type Synth, stockData, tangledTree, versions } from "./trees";

afterEach(() => vi.unstubAllEnvs());

/** Files by path with their data as JSON text: that too has an order of keys. */
function asData(files: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, path.endsWith(".json") ? text : documents(text)]));
}

function documents(text: string): readonly string[] {
  return parseAllDocuments(text, { version: "1.1" }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return JSON.stringify(document.toJS());
  });
}

describe.each(Object.keys(versions))("%s", (version) => {
  let library: Cdk8s & Synth;
  beforeAll(async () => {
    library = await load(version);
  });

  const type = fc.constantFrom(0, 1, 3);
  function sameAsStock(plan: Parameters<typeof build>[1], yamlOutputType: number, unsorted: boolean): void {
    vi.stubEnv("CDK8S_DISABLE_SORT", unsorted ? "1" : "");
    inFolder((outdir) => {
      const props = { outdir, yamlOutputType, recordConstructMetadata: true };
      const ours = outcome(() => library.manifestFiles(build(library, plan, props)));
      const stock = outcome(() => stockData(library, build(library, plan, props)));
      if ("error" in ours || "error" in stock)
        expect([ours, stock]).toEqual([{ error: expect.any(String) }, { error: expect.any(String) }]);
      else expect(asData(Object.fromEntries(ours.result.map(({ path, content }) => [path, content])))).toEqual(stock.result);
    });
  }

  test("the files of a tree hold what cdk8s would write", () => {
    fc.assert(fc.property(richTree, type, fc.boolean(), sameAsStock), { numRuns: 150 });
  });

  test("dependencies give cdk8s's order, or its circle", () => {
    fc.assert(fc.property(tangledTree, type, fc.constant(false), sameAsStock), { numRuns: 300 });
  });
});
