import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { documentsOf, filesBelow, type Manifest, manifestsBelow, type RenderedExample, renderExample } from "../support/examples";

const reference = join(__dirname, "../golden/reference");
const objectsOf = (file: string): readonly Manifest[] => documentsOf(readFileSync(join(reference, file), "utf8"));
const pairsOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => line.includes("=") && !line.startsWith("#"))
    .map((line) => line.replace(/\s*=\s*/, "=").trim())
    .sort();

let example: RenderedExample;
beforeAll(async () => {
  example = await renderExample("reference-files");
});

describe("the reference system's own files", () => {
  const files = readdirSync(reference).filter((name) => /^0[1-5]/.test(name));

  test.each(files)("%s comes out equal as data", (file) => {
    const rendered = [...manifestsBelow(example.manifests), ...manifestsBelow(example.artefacts)];
    for (const object of objectsOf(file)) expect(rendered).toContainEqual(object);
  });

  test("05 is input for istioctl, and not among the manifests", () => {
    expect(manifestsBelow(example.manifests).map(({ kind }) => kind)).not.toContain("IstioOperator");
  });

  test("06 is on the pods of every version", () => {
    const [annotations] = objectsOf("06-sidecar-annotations.yaml");
    const deployments = manifestsBelow(example.manifests).filter(({ kind }) => kind === "Deployment");
    const templates = deployments.map(({ spec }) => spec?.template as { metadata: { annotations: unknown } });
    const carried = templates.map(({ metadata }) => metadata.annotations);
    expect(carried).toEqual([annotations, annotations]);
  });

  test("07 comes out equal as key-value pairs", () => {
    const [conf] = filesBelow(example.artefacts).filter((path) => path.endsWith(".conf") && path.includes("sysctl.d"));
    expect(pairsOf(readFileSync(join(example.artefacts, conf ?? "none"), "utf8"))).toEqual(
      pairsOf(readFileSync(join(reference, "07-99-k8s-mesh.conf"), "utf8")),
    );
  });
});

test("the known faults are named, with the reason why they are kept", () => {
  const accepted = example.printed.split("\n").flatMap((line) => /^ {2}accepted (\S+) /.exec(line)?.[1] ?? []);
  expect([...new Set(accepted)].sort()).toEqual(["IST0101", "MG0202", "MG0301", "MG0302", "MG0303", "MG0601", "MG0604"]);
  expect(example.printed).toContain("Accepted: kept as it was published, to show what it does.");
});
