import { listOf, mapOf, matching, oneOf, optional, port, satisfies, shape } from "../core/check";
import { duration } from "../core/duration";
import { suppressions } from "../core/finding";
import { dnsLabel, labels, portName } from "../core/name";
import { join, type Problem, problem } from "../core/problem";
import { resources } from "../core/quantity";
import { adoptionProblems, tryAdopt } from "./adopted-deployment";
import type { CanaryServiceProps } from "./canary-service-props";
import { circuitBreaker } from "./circuit-breaker";
import { health } from "./health";
import { nodePool } from "./node-pool-check";
import { type PinnedRelease, release, weightedVersions } from "./release-strategy";
import { replicas } from "./replicas";
import { retryPolicy } from "./retries";
import { sidecarResources } from "./sidecar-resources";
import { mirror, sessionAffinity, testers } from "./traffic";
import type { WorkloadPort } from "./workload";

const props = shape<CanaryServiceProps>({
  name: optional(dnsLabel),
  port,
  targetPort: optional(port),
  protocol: optional(oneOf("http", "http2", "grpc")),
  extraPorts: optional(listOf(shape<WorkloadPort>({ name: portName, port, targetPort: port }))),
  release,
  replicas: optional(replicas),
  pool: optional(nodePool),
  nodeSelector: optional(labels),
  timeout: optional(duration()),
  retries: optional(retryPolicy),
  circuitBreaker: optional(circuitBreaker),
  testers: optional(testers),
  mirror: optional(mirror),
  sessionAffinity: optional(sessionAffinity),
  sidecar: optional(sidecarResources),
  tls: optional(oneOf("by-stage", "ISTIO_MUTUAL", "unset")),
  env: optional(mapOf(matching(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable"), satisfies("text", isText))),
  resources: optional(resources),
  health: optional(health),
  defaults: optional(oneOf("safe", "none")),
  suppress: optional(suppressions),
});

/** Everything that is wrong with a service's props by themselves. */
export function canaryServiceProblems(id: string, value: CanaryServiceProps, namespace: string | undefined): readonly Problem[] {
  const problems = [...(value?.name === undefined ? dnsLabel("name", id) : []), ...props("", value)];
  return problems.length > 0 ? problems : relationProblems(value, namespace);
}

function relationProblems(value: CanaryServiceProps, namespace: string | undefined): readonly Problem[] {
  return [...versionReferenceProblems(value), ...workloadProblems(value, namespace), ...portProblems(value)];
}

function versionReferenceProblems({ release, testers, mirror }: CanaryServiceProps): readonly Problem[] {
  const names = weightedVersions(release as PinnedRelease).map(({ version }) => version.name);
  const known = (path: string, name: string | undefined): readonly Problem[] =>
    name === undefined || names.includes(name) ? [] : [problem(path, name, `a version of the release: ${names.join(", ")}`)];
  return [...known("testers.to", testers?.to), ...known("mirror.to", mirror?.to)];
}

function workloadProblems({ release }: CanaryServiceProps, namespace: string | undefined): readonly Problem[] {
  const { stable, canary } = release as PinnedRelease;
  const versions = [
    { path: "release.stable", version: stable },
    ...(Array.isArray(canary)
      ? canary.map((version, index) => ({ path: join("release.canary", index), version }))
      : [{ path: "release.canary", version: canary }]),
  ];
  const workloads = versions.flatMap(({ path, version }) =>
    version.workload === undefined ? [] : [{ path: join(path, "workload"), workload: version.workload }],
  );
  return workloads.flatMap(({ path, workload }, index) => [
    ...adoptionProblems(path, workload),
    ...namespaceProblems(path, workload, namespace),
    ...(workloads.findIndex((other) => other.workload === workload) === index
      ? []
      : [{ path, message: "is the Deployment of another version. Each version has pods of its own." }]),
  ]);
}

/** A Service selects pods of its own namespace only. */
function namespaceProblems(path: string, workload: object, namespace: string | undefined): readonly Problem[] {
  const adopted = tryAdopt(workload);
  if (adopted === undefined || adopted.namespaceName === namespace) return [];
  return [problem(join(path, "namespace"), adopted.namespaceName, `the service's own, ${namespace ?? "none"}`)];
}

function portProblems({ port, protocol = "http", extraPorts = [] }: CanaryServiceProps): readonly Problem[] {
  const numbers = [port, ...extraPorts.map((extra) => extra.port)];
  const names = [protocol as string, ...extraPorts.map(({ name }) => name)];
  return extraPorts.flatMap((extra, index) => [
    ...(numbers.indexOf(extra.port) === index + 1
      ? []
      : [problem(join(join("extraPorts", index), "port"), extra.port, "a port that no other port of the service has")]),
    ...(names.indexOf(extra.name) === index + 1
      ? []
      : [problem(join(join("extraPorts", index), "name"), extra.name, "a name that no other port of the service has")]),
  ]);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && !value.includes("\0") && value.isWellFormed();
}
