import { afterAll, describe, expect, test } from "vitest";
import { yamlDocuments } from "../../lib/core/yaml";
import { imported, objectsOf, removePrograms, sorted, writeProgram } from "../import/programs";
import { exampleNames, manifestsBelow, renderExample } from "../support/examples";

afterAll(removePrograms);

describe("an import of what an example renders", () => {
  test.each(exampleNames)("gives the same objects: %s", async (name) => {
    const manifests = manifestsBelow((await renderExample(name)).manifests);
    const program = writeProgram(name, imported(yamlDocuments(manifests), name === "reference-files" ? "1.18.2" : "1.30.3"));
    expect(sorted(await objectsOf(program))).toEqual(sorted(manifests));
  });
});
