import { packageManifest } from "./package-manifest";

/** Version of this package. */
export function packageVersion(): string {
  return packageManifest().version;
}
