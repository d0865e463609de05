import type { Construct } from "constructs";
import { useReleases as nameReleases, type ReleaseProps, type Releases } from "../istio/release";
import { releasesInForce } from "./environment";

/**
 * Names the releases for a construct and everything below it. `MeshApp` does this by itself.
 *
 * A part of the tree may name others: two clusters in one app. Where the environment variables MESHGROUND_ISTIO and MESHGROUND_KUBERNETES are set,
 * they are in force instead: `meshground diff --istio` shows by them what an upgrade changes.
 *
 * @throws InvalidInput when Istio does not support the pair, or the construct has other releases already.
 *
 * @example
 * ```ts
 * import { App } from "cdk8s";
 * import { useReleases } from "meshground";
 *
 * const app = new App();
 * useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
 * ```
 */
export function useReleases(scope: Construct, props: ReleaseProps): Releases {
  return nameReleases(scope, releasesInForce(props));
}
