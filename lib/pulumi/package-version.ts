import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Version of this package. Program and provider come from one package, so that they always match. */
export const packageVersion: string = versionIn(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8"));

function versionIn(manifest: string): string {
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return version;
}
