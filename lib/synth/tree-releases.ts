import type { Construct } from "constructs";
import type { HelmRelease } from "../mesh/helm-values";
import { IstioControlPlane } from "../mesh/istio-control-plane";

/** Istio's Helm releases in a tree, in the order in which each control plane needs them. Control planes side by side share their CRDs. */
export function treeReleases(root: Construct): readonly HelmRelease[] {
  const controlPlanes = root.node.findAll().filter((construct) => construct instanceof IstioControlPlane);
  const releases = controlPlanes.flatMap((controlPlane) => controlPlane.helmReleases());
  const first = new Map<string, HelmRelease>();
  for (const release of releases) {
    const key = `${release.namespace}/${release.name}`;
    if (!first.has(key)) first.set(key, release);
  }
  return [...first.values()];
}
