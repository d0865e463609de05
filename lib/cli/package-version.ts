import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { readonly version: string };
  return version;
}
