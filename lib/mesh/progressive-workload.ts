import type { AdoptedDeployment } from "./adopted-deployment";
import { argoSubsets } from "./argo-rollouts";
import type { ProgressiveRelease } from "./release-strategy";
import type { VersionWorkload, WorkloadObjectsProps } from "./workload-objects";

/** What the objects of a progressive release are made from. */
export interface ProgressiveWorkloadProps extends Omit<WorkloadObjectsProps, "versions"> {
  /** Undefined when the chart names none. */
  readonly namespaceName: string | undefined;
  /** The user's own Deployment, where the release has one. */
  readonly adopted: AdoptedDeployment | undefined;
  /** Address of Prometheus, asked for when the tree is complete. */
  readonly prometheus: () => string;
}

/** The versions of a progressive release as it stands between two releases: the stable one has all the traffic. */
export function progressiveVersions(release: ProgressiveRelease, adopted: AdoptedDeployment | undefined): readonly VersionWorkload[] {
  const source = release.workload === undefined ? { image: release.image } : { workload: release.workload };
  return [
    { version: { ...source, name: argoSubsets.stable }, weight: 100, role: "stable", adopted },
    { version: { ...source, name: argoSubsets.canary }, weight: 0, role: "canary", adopted },
  ];
}
