import type { PackageManifest } from "./package-manifest";

/** Programs that install a project's packages. */
export type PackageManager = "npm" | "pnpm";

/** What a project's package.json depends on. */
export interface ProjectPackageProps {
  /** Name of the project, as {@link projectName} makes it. */
  readonly name: string;
  readonly packageManager: PackageManager;
  /** This package: its version, and what it is tested with. */
  readonly manifest: PackageManifest;
}

const dependencies = ["@pulumi/kubernetes", "@pulumi/pulumi", "cdk8s", "constructs"] as const;
const devDependencies = ["@types/node", "typescript", "vitest"] as const;
/** Packages whose install scripts build or fetch what is not needed. npm tells of each that is not named; pnpm has a file for them. */
const needlessScripts = ["@pulumi/kubernetes", "backport", "cpu-features", "protobufjs", "ssh2"] as const;

/**
 * Releases that the templates name in their programs: the check of the files has to judge by the same.
 */
export const templateReleases = { istio: "1.31.4", kubernetes: "1.36" } as const;

/**
 * The package.json of a project, as text.
 *
 * Everything that a template imports is a dependency of its own, because pnpm hoists nothing. Programs are compiled, not run from their
 * source: Node strips types by itself from 22.18 only, and the compiler refuses a misspelt prop before a file is written.
 */
export function projectPackage({ name, packageManager, manifest }: ProjectPackageProps): string {
  const { istio, kubernetes } = templateReleases;
  const pins = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((dependency) => [dependency, pinOf(dependency, manifest)]));
  const content = {
    name,
    version: "0.0.0",
    private: true,
    type: "commonjs",
    engines: manifest.engines,
    ...(packageManager === "pnpm" && { packageManager: `pnpm@${pinOf("pnpm", manifest)}` }),
    scripts: {
      synth: "tsc && node build/main.js",
      test: "vitest run",
      accept: "vitest run --update",
      check: `meshground check --istio ${istio} --kubernetes ${kubernetes} manifests`,
      preview: "pulumi preview --refresh --diff",
      up: "pulumi up --refresh",
    },
    dependencies: { ...pins(dependencies), meshground: manifest.version },
    devDependencies: pins(devDependencies),
    ...(packageManager === "npm" && { allowScripts: Object.fromEntries(needlessScripts.map((dependency) => [dependency, false])) }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * A name for a project in a folder, which npm and Pulumi take: small letters, digits and hyphens, at most 60.
 *
 * @param folder - name of the folder, without what is above it
 */
export function projectName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^[-0-9]+|-+$/g, "");
  if (name === "") return "mesh";
  // npm refuses a package that depends on its own name.
  const taken: readonly string[] = [...dependencies, ...devDependencies, "meshground"];
  return taken.includes(name) ? `${name}-project` : name;
}

function pinOf(name: string, { devDependencies: pins }: PackageManifest): string {
  const pin = pins[name];
  if (pin === undefined) throw new Error(`package.json of meshground pins no ${name}`);
  return pin;
}
