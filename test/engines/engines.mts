import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A program that judges what the library renders. */
export interface Engine {
  readonly name: string;
  /** What it is built from. Changing it builds anew. */
  readonly version: string;
  readonly source:
    | { readonly kind: "go"; readonly module: "istio" | "helm"; readonly package: string }
    | { readonly kind: "npm"; readonly package: string; readonly bin: string };
}

/** Every engine, the most telling first: a budget that runs out leaves the last ones out. */
export const engines = {
  istioctl: {
    name: "istioctl",
    version: "1.31-eed52ebb66ad",
    source: { kind: "go", module: "istio", package: "istio.io/istio/istioctl/cmd/istioctl" },
  },
  helm: { name: "helm", version: "3.22.0", source: { kind: "go", module: "helm", package: "helm.sh/helm/v3/cmd/helm" } },
  cdk8s: { name: "cdk8s", version: "2.207.60", source: { kind: "npm", package: "cdk8s-cli", bin: "cdk8s" } },
} as const satisfies Record<string, Engine>;

/** Folder outside the tree that keeps engines between runs. */
export const cacheFolder: string =
  process.env.MESHGROUND_ENGINES ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "meshground", "engines");

/** Folder of an engine in the cache. */
export function folderOf({ name, version }: Engine): string {
  return join(cacheFolder, `${name}-${version}`);
}

/** The program of an engine; undefined when it was not built here. */
export function tryProgram(engine: Engine): string | undefined {
  const { name, source } = engine;
  const program = join(folderOf(engine), source.kind === "go" ? name : join("node_modules", ".bin", source.bin));
  return existsSync(program) ? program : undefined;
}
