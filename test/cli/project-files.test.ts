import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { packageManifest } from "../../lib/cli/package-manifest";
import { projectFiles } from "../../lib/cli/project-files";
import { type PackageManager, projectName, templateReleases } from "../../lib/cli/project-package";
import { type TemplateName, templateNames } from "../../lib/cli/project-template";

const root = join(__dirname, "../..");
const manifest = packageManifest();
const managers: readonly PackageManager[] = ["npm", "pnpm"];
const projects = templateNames.flatMap((template) => managers.map((manager) => [template, manager] as const));

const filesOf = (template: TemplateName, packageManager: PackageManager): ReadonlyMap<string, string> =>
  new Map(projectFiles({ name: "shop", template, packageManager, manifest }).map(({ path, content }) => [path, content]));
const packageOf = (template: TemplateName, manager: PackageManager) =>
  JSON.parse(filesOf(template, manager).get("package.json") ?? "") as Readonly<Record<string, Readonly<Record<string, string>>>>;

describe.each(projects)("a project of %s for %s", (template, manager) => {
  const files = filesOf(template, manager);
  const programs = [...files].filter(([path]) => /\.m?ts$/.test(path));
  const { dependencies = {}, devDependencies = {}, scripts = {} } = packageOf(template, manager);

  test("depends on everything that it imports, with exact versions", () => {
    const imported = programs.flatMap(([, code]) => [...code.matchAll(/ from "([^".][^"]*)"/g)].map(([, name = ""]) => name));
    const packages = imported.map((name) => name.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1"));
    const pinned = { ...dependencies, ...devDependencies };
    expect(packages.filter((name) => !/^\d+\.\d+\.\d+$/.test(pinned[name] ?? ""))).toEqual([]);
    expect(packages.length).toBeGreaterThan(4);
  });

  test("has every peer of the package, beside the SDK of a vendor whose machines it does not use", () => {
    const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { peerDependencies: object };
    const missing = Object.keys(peerDependencies).filter((name) => dependencies[name] === undefined);
    expect(missing).toEqual(["@pulumi/hcloud"]);
  });

  test("has programs that are type-checked and run here as they are", () => {
    for (const [path, code] of programs) {
      const folder = path === "vitest.config.mts" ? "common" : template;
      expect(code).toBe(readFileSync(join(root, "templates", folder, path), "utf8"));
    }
  });

  test("checks its files by the releases that its tree names", () => {
    const named = programs.flatMap(([, code]) => [...code.matchAll(/istio: "([^"]+)", kubernetes: "([^"]+)"/g)]);
    expect(named.map(([, istio, kubernetes]) => ({ istio, kubernetes }))).toEqual([templateReleases]);
    expect(scripts.check).toContain(`--istio ${templateReleases.istio} --kubernetes ${templateReleases.kubernetes} `);
  });

  test("has YAML that can be read, and no word left to be filled in", () => {
    for (const [path, content] of files) {
      if (path.endsWith(".yaml") && !path.startsWith("golden/")) expect(parse(content)).toBeTypeOf("object");
      expect(content).not.toMatch(/\$(?:name|manager|cleanInstall)\b/);
    }
    expect(parse(files.get("Pulumi.yaml") ?? "")).toMatchObject({ name: "shop", main: "deploy.ts" });
  });

  test("has a script for every command that its README names", () => {
    const named = [...(files.get("README.md") ?? "").matchAll(/(?:npm|pnpm) run (\w+)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
    expect(named).toEqual(expect.arrayContaining(["synth", "check", "accept", "preview", "up"]));
  });
});

test("asks of Node what the package asks, and pins what the package is tested with", () => {
  const { engines, devDependencies } = packageOf("quickstart", "npm");
  expect(engines).toEqual({ node: ">=22.12" });
  expect(devDependencies?.typescript).toBe(manifest.devDependencies.typescript);
});

test("says to pnpm what it says to npm of install scripts that are not needed", () => {
  const npm = Object.entries(packageOf("quickstart", "npm").allowScripts ?? {});
  const { ignoredBuiltDependencies } = parse(filesOf("quickstart", "pnpm").get("pnpm-workspace.yaml") ?? "");
  expect(ignoredBuiltDependencies).toEqual(npm.map(([name]) => name));
  expect(npm.every(([, allowed]) => String(allowed) === "false")).toBe(true);
});

describe("the name of a project", () => {
  test("is one that npm and Pulumi take, whatever the folder is called", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (folder) => {
        expect(projectName(folder)).toMatch(/^[a-z](?:[a-z0-9-]{0,66}[a-z0-9])?$/);
      }),
    );
  });

  test("is the folder's where that can be, and never that of a dependency", () => {
    expect(["shop", "Oslo Production", "2026", "meshground", "vitest", "node"].map(projectName)).toEqual([
      "shop",
      "oslo-production",
      "mesh",
      "meshground-project",
      "vitest-project",
      "node",
    ]);
  });
});
