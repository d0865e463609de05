import { InvalidInput } from "../core/problem";
import { catalogue, minorNumber } from "../istio/catalogue";
import { type Releases, resolveReleases } from "../istio/release";

/** Releases as the command line names them. */
export interface ReleaseOptions {
  readonly istio?: string;
  readonly kubernetes?: string;
}

/**
 * The releases that were asked for, or why they are none; where one is not named, the newest that goes with the other.
 *
 * Any pair is taken, supported or not: the mesh that runs is what it is.
 */
export function releasesFor({ istio, kubernetes }: ReleaseOptions): Releases | readonly string[] {
  try {
    const named = istio ?? newestIstioOn(kubernetes);
    const row =
      catalogue.find(({ minor }) => named === minor || named.startsWith(`${minor}.`) || named.startsWith(`${minor}-`)) ?? catalogue.at(-1);
    return resolveReleases("meshground", {
      istio: named,
      kubernetes: kubernetes ?? `1.${row?.kubernetes.newest}`,
      allowUnsupported: { reason: "named on the command line" },
    });
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map(({ path, message }) => `--${path}: ${message}`);
    throw error;
  }
}

function newestIstioOn(kubernetes: string | undefined): string {
  const number = kubernetes === undefined ? Number.NaN : minorNumber(kubernetes.replace(/^(\d+\.\d+).*$/, "$1"));
  const row = catalogue.findLast(({ kubernetes: { oldest, newest } }) => number >= oldest && number <= newest) ?? catalogue.at(-1);
  return row?.minor ?? "";
}
