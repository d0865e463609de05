import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { yamlDocuments } from "../../lib/core/yaml";
import type { CheckedKind } from "../../lib/istio/kinds";
import { dataSamples } from "../istio/data-samples";
import { built, plan } from "../support/generated-systems";
import { compilerProblems, expectedOf, imported, objectsOf, removePrograms, sorted, type WrittenProgram, writeProgram } from "./programs";
import { samples } from "./samples";
import { spellings } from "./spellings";
import { plain, rendered, variants } from "./versions";

interface Case {
  readonly title: string;
  readonly yaml: string;
  /** @default "1.30.3" */
  readonly istio?: string;
}

const groups: Partial<Record<CheckedKind, string>> = {
  AuthorizationPolicy: "security",
  PeerAuthentication: "security",
  RequestAuthentication: "security",
  Telemetry: "telemetry",
  WasmPlugin: "extensions",
};
const everyField: readonly Case[] = dataSamples.map(({ kind, spec, newer }) => {
  const apiVersion = `${groups[kind] ?? "networking"}.istio.io/v1`;
  const objects = [spec, { ...spec, ...newer }].map((each, index) => ({
    apiVersion,
    kind,
    metadata: { name: `every-${index}`, namespace: index === 0 ? "shop" : "bank" },
    spec: each,
  }));
  return { title: `every field of ${kind}`, yaml: yamlDocuments(objects), istio: "1.31" };
});

/** What others wrote, where it is to be had: the reference system, and Istio's cases for its analyzers. */
const shared = join(__dirname, "../../../shared");
const foreign: readonly Case[] = ["reference", "istio-analysis/input"].flatMap((name) => {
  const folder = join(shared, name);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".yaml")) : [];
  return files.map((file) => ({ title: `${name}/${file}`, yaml: readFileSync(join(folder, file), "utf8") }));
});

const generated: readonly Case[] = fc.sample(plan, { numRuns: 6, seed: 11 }).map((system) => ({
  title: `a generated system: ${JSON.stringify(system)}`,
  yaml: built(system).synthYaml(),
  istio: system.istio,
}));

const own: readonly Case[] = [
  { title: "a service with versions", yaml: plain },
  ...variants.map(([what, props]) => ({ title: `a CanaryService, ${what}`, yaml: rendered(props) })),
  ...Object.entries(samples).map(([title, yaml]) => ({ title, yaml })),
  ...everyField,
  ...generated,
  { title: "every spelling that Istio takes", yaml: spellings(), istio: "1.31" },
];
const cases = [...own, ...foreign].filter(({ yaml }) => yaml.includes("kind:"));
const programs = new Map<string, WrittenProgram>();
beforeAll(() => {
  for (const [index, { title, yaml, istio }] of cases.entries()) programs.set(title, writeProgram(`${index}`, imported(yaml, istio)));
});
afterAll(removePrograms);

describe("the program of an import", () => {
  test("compiles under strict settings", () => {
    expect(compilerProblems([...programs.values()])).toEqual([]);
  }, 60_000);

  test.each(cases)("gives the same objects: $title", async ({ title, yaml }) => {
    const program = programs.get(title) as WrittenProgram;
    expect(sorted(await objectsOf(program))).toEqual(sorted(expectedOf(yaml)));
  });

  test.skipIf(foreign.length > 0)("is not tried on what others wrote: shared/ is not beside this checkout", () => {
    expect(foreign).toEqual([]);
  });
});
