import { tryAdopt } from "./adopted-deployment";
import type { CanaryServiceProps } from "./canary-service-props";
import { progressiveVersions } from "./progressive-workload";
import { type PinnedRelease, type Release, weightedVersions } from "./release-strategy";
import { defaultReplicas } from "./replicas";
import type { Traffic } from "./traffic";
import type { MeshNamespace } from "./tree";
import type { MeshWorkload } from "./workload";
import type { VersionWorkload } from "./workload-objects";

/** Whether a controller moves the release. */
export function moves(release: Release, controller: "argo-rollouts" | "flagger"): boolean {
  return release.kind === "progressive" && release.controller === controller;
}

/** The versions of a release, with the Deployments that were given. */
export function versionsOf(release: Release): readonly VersionWorkload[] {
  if (release.kind === "pinned") return workloadsOf(release);
  return progressiveVersions(release, release.workload === undefined ? undefined : tryAdopt(release.workload));
}

function workloadsOf(release: PinnedRelease): readonly VersionWorkload[] {
  return weightedVersions(release).map((weighted) => {
    const { workload, replicas } = weighted.version;
    const adopted = workload === undefined ? undefined : tryAdopt(workload);
    const pods = replicas ?? adopted?.replicas;
    return { ...weighted, version: { ...weighted.version, ...(pods !== undefined && { replicas: pods }) }, adopted };
  });
}

/** The account of the user's own Deployments, else one of the service's own. */
export function accountOf(
  service: string,
  { defaults, serviceAccountName }: CanaryServiceProps,
  versions: readonly VersionWorkload[],
): string {
  if (serviceAccountName !== undefined) return serviceAccountName;
  const accounts = new Set(versions.flatMap(({ adopted }) => (adopted === undefined ? [] : [adopted.serviceAccountName ?? "default"])));
  const [first] = accounts;
  if (first !== undefined) return accounts.size === 1 ? first : "default";
  return defaults === "none" && versions.some(({ version }) => version.image !== undefined) ? "default" : service;
}

/** How requests reach the versions of a service. */
export function trafficOf(
  { serviceName: host, podSelector }: Pick<MeshWorkload, "serviceName" | "podSelector">,
  props: CanaryServiceProps,
  versions: readonly VersionWorkload[],
  namespace: MeshNamespace | undefined,
): Traffic {
  const { port, extraPorts = [], replicas = defaultReplicas, tls = "by-stage" } = props;
  const { timeout, retries, circuitBreaker, sessionAffinity } = props;
  // Rolled back means that nobody meets the version on trial, testers and copies included.
  const { testers, mirror } = props.release.kind === "pinned" && props.release.rollBack === true ? {} : props;
  const otherHttpPorts = extraPorts.filter(({ name }) => /^(?:http|grpc)/.test(name)).map((extra) => extra.port);
  const istioMutual = tls === "ISTIO_MUTUAL" || (tls === "by-stage" && namespace?.stage === "strict");
  const ports = { port, otherHttpPorts, manyPorts: extraPorts.length > 0 };
  const movedSubsets = moves(props.release, "argo-rollouts") ? podSelector : undefined;
  return {
    host,
    ...ports,
    versions,
    movedSubsets,
    replicas,
    timeout,
    retries,
    circuitBreaker,
    testers,
    mirror,
    sessionAffinity,
    istioMutual,
  };
}

/** What Istio's metrics call the versions whose pods say something other than their name. */
export function revisionsOf(versions: readonly VersionWorkload[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    versions.flatMap(({ version, adopted }) => (adopted?.revision === undefined ? [] : [[version.name, adopted.revision]])),
  );
}
