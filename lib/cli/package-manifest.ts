import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of this package, from `lib` as from `dist`. */
export const packageRoot: string = join(__dirname, "..", "..");

/** What the command reads of the package's own package.json. */
export interface PackageManifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  /** Exact versions that the package is tested with. */
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The package's own package.json. */
export function packageManifest(): PackageManifest {
  return JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as PackageManifest;
}
