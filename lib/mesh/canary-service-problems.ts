import { all, listOf, mapOf, matching, oneOf, optional, port, satisfies, shape } from "../core/check";
import { duration } from "../core/duration";
import { suppressionsOf } from "../core/finding";
import { dnsLabel, dnsSubdomain, labels, portName } from "../core/name";
import { join, type Problem, problem } from "../core/problem";
import { resources } from "../core/quantity";
import { adoptionProblems, tryAdopt } from "./adopted-deployment";
import { accountProblems, namespaceProblems } from "./adoption-problems";
import type { CanaryServiceProps } from "./canary-service-props";
import { circuitBreaker } from "./circuit-breaker";
import { health } from "./health";
import { nodePool } from "./node-pool-check";
import { progressiveProblems } from "./progressive-problems";
import { type PinnedRelease, release, type Version, weightedVersions } from "./release-strategy";
import { defaultReplicas, fewest, type Replicas, replicas } from "./replicas";
import { retryPolicy } from "./retries";
import { sidecarResources } from "./sidecar-resources";
import { mirror, sessionAffinity, testers } from "./traffic";
import { isSidecarPort, type MeshIdentity, type WorkloadPort } from "./workload";

/** Names that the sidecar's own containers have. */
const sidecarContainers: readonly string[] = ["istio-proxy", "istio-init", "istio-validation"];

/** A service's name is also that of its container, and a label's value. */
const serviceName = all(
  dnsLabel,
  satisfies(
    "a name that starts with a letter and is not one of the sidecar's containers",
    (value) => /^[a-z]/.test(String(value)) && !sidecarContainers.includes(String(value)),
  ),
);

const workloadPort = all(
  port,
  satisfies("a port that the sidecar does not use itself (15000 to 15090)", (value) => !isSidecarPort(Number(value))),
);

/** Istio takes the protocol from the first word of a port's name; without one it guesses by the first bytes, or treats it as TCP. */
const protocolName = all(
  portName,
  matching(
    /^(?:https?|http2|grpc|grpc-web|tcp|tls|mongo|mysql|redis|udp)(?:-|$)/,
    "a name that begins with the protocol, such as http-metrics or tcp-db",
    15,
  ),
);

const props = shape<CanaryServiceProps>({
  name: optional(serviceName),
  port,
  targetPort: optional(workloadPort),
  protocol: optional(oneOf("http", "http2", "grpc")),
  extraPorts: optional(listOf(shape<WorkloadPort>({ name: protocolName, port, targetPort: workloadPort }))),
  podSelector: optional(
    all(
      labels,
      satisfies("at least one label", (value) => Object.keys(value as object).length > 0),
    ),
  ),
  serviceAccountName: optional(dnsSubdomain),
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
  suppress: optional(suppressionsOf("MG0301", "MG0302", "MG0303", "MG0304", "MG0305", "MG0306", "MG0307")),
});

/** Everything that is wrong with a service's props by themselves. */
export function canaryServiceProblems(id: string, value: CanaryServiceProps, namespace: string | undefined): readonly Problem[] {
  const problems = [...(value?.name === undefined ? serviceName("name", id) : []), ...props("", value)];
  return problems.length > 0 ? problems : relationProblems(id, value, namespace);
}

function relationProblems(id: string, value: CanaryServiceProps, namespace: string | undefined): readonly Problem[] {
  const { release, name = id } = value;
  return [
    ...(release.kind === "pinned"
      ? pinnedProblems(value, release, namespace)
      : progressiveProblems({ props: value, release, name, namespace })),
    ...portProblems(value),
    ...grpcProblems(value),
  ];
}

function pinnedProblems(value: CanaryServiceProps, release: PinnedRelease, namespace: string | undefined): readonly Problem[] {
  return [
    ...versionReferenceProblems(value, release),
    ...workloadProblems(value, release, namespace),
    ...podProblems(value, release),
    ...(release.alertWhen !== undefined && namespace === undefined
      ? [problem("release.alertWhen", undefined, "a chart with a namespace: metrics are told apart by it")]
      : []),
  ];
}

function versionReferenceProblems({ testers, mirror }: CanaryServiceProps, release: PinnedRelease): readonly Problem[] {
  const names = weightedVersions(release).map(({ version }) => version.name);
  const known = (path: string, name: string | undefined): readonly Problem[] =>
    name === undefined || names.includes(name) ? [] : [problem(path, name, `a version of the release: ${names.join(", ")}`)];
  return [...known("testers.to", testers?.to), ...known("mirror.to", mirror?.to)];
}

function workloadProblems(
  { serviceAccountName }: CanaryServiceProps,
  { stable, canary }: PinnedRelease,
  namespace: string | undefined,
): readonly Problem[] {
  const versions = [
    { path: "release.stable", version: stable },
    ...(Array.isArray(canary)
      ? canary.map((version, index) => ({ path: join("release.canary", index), version }))
      : [{ path: "release.canary", version: canary }]),
  ];
  const workloads = versions.flatMap(({ path, version }) =>
    version.workload === undefined ? [] : [{ path: join(path, "workload"), workload: version.workload, name: version.name }],
  );
  return workloads.flatMap(({ path, workload, name }, index) => [
    ...adoptionProblems(path, workload),
    ...namespaceProblems(path, workload, namespace),
    ...versionLabelProblems(path, workload, name),
    ...accountProblems(path, workload, serviceAccountName),
    ...(workloads.findIndex((other) => other.workload === workload) === index
      ? []
      : [{ path, message: "is the Deployment of another version. Each version has pods of its own." }]),
  ]);
}

/** What is asked of pods that do not come from an image, or that there are not enough of. */
function podProblems(value: CanaryServiceProps, release: PinnedRelease): readonly Problem[] {
  const { replicas = defaultReplicas, resources, defaults } = value;
  const versions = weightedVersions(release);
  const images = versions.filter(({ version }) => version.image !== undefined);
  const forImages =
    images.length > 0 ? [] : (["env", "resources", "health", "nodeSelector", "pool"] as const).filter((prop) => value[prop] !== undefined);
  const empty = versions.filter(({ version, weight }) => weight > 0 && version.deployed === undefined && podsOf(version, replicas) === 0);
  const scaled = images.some(({ version }) => typeof (version.replicas ?? replicas) === "object");
  const blind = scaled && resources?.requests?.cpu === undefined && (resources !== undefined || defaults === "none");
  return [
    ...forImages.map((path) => ({ path, message: "is for versions with an image: a Deployment of one's own says it itself." })),
    ...empty.map(({ version, weight }) => ({
      path: "replicas",
      message: `version ${version.name} gets ${weight} percent of the traffic and has no pods: its callers get a 503.`,
    })),
    ...(images.length === 0 && typeof replicas === "object" ? [ownAutoscaler] : []),
    ...(blind
      ? [problem("resources.requests.cpu", resources?.requests?.cpu, "an amount of cpu: the autoscaler measures use against it")]
      : []),
  ];
}

function podsOf({ workload, replicas }: Version, fallback: Replicas): number {
  return fewest(replicas ?? (workload === undefined ? undefined : tryAdopt(workload)?.replicas) ?? fallback);
}

const ownAutoscaler: Problem = {
  path: "replicas",
  message: "are bounds for an autoscaler of versions with an image: a Deployment of one's own has an autoscaler of its own.",
};

/** Every gRPC call is a POST. */
function grpcProblems({ protocol, retries }: CanaryServiceProps): readonly Problem[] {
  if (protocol !== "grpc" || retries === undefined || retries.methods === "all" || retries.methods.includes("POST")) return [];
  return [problem("retries.methods", retries.methods, '"all" or a list with "POST": every gRPC call is a POST, so no retry could run')];
}

/** The label may be part of the Deployment's own selector, which cannot change. */
function versionLabelProblems(path: string, workload: object, name: string): readonly Problem[] {
  const label = tryAdopt(workload)?.label("version");
  if (label === undefined || label === name) return [];
  return [problem(join(path, "version"), label, `"${name}", the name of the version: name the version after the label that its pods have`)];
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

/** Why a policy cannot name a caller. */
export function identityProblems({ namespaceName, serviceAccountName }: MeshIdentity, target: string): readonly Problem[] {
  const shared = `${target} lets callers in by their service account, and "default" is shared by every pod that names none.`;
  const homeless = `${target} lets callers in by namespace and service account, and this caller has no namespace.`;
  return [
    ...(serviceAccountName === "default"
      ? [{ path: "serviceAccountName", message: `${shared} Give the Deployment an account of its own.` }]
      : []),
    ...(namespaceName === undefined ? [{ path: "namespace", message: `${homeless} Put it into a StrictMtlsNamespace.` }] : []),
  ];
}
