import { type DurationText, milliseconds } from "../core/duration";
import { addFinding } from "../core/finding";
import type { NodePool } from "../core/pool";
import { type Problem, problem } from "../core/problem";
import { type PrometheusServer, prometheusOf } from "../prometheus/prometheus-server";
import type { CanaryService } from "./canary-service";
import type { CanaryServiceProps } from "./canary-service-props";
import type { Release } from "./release-strategy";
import { controlPlaneOf, namespaceNamed, namespaceOf, servicesOf } from "./tree";
import type { VersionWorkload } from "./workload-objects";

/** Says that callers change versions all the same. */
export function noteBrokenAffinity(service: CanaryService, props: CanaryServiceProps, versions: readonly VersionWorkload[]): void {
  const fixed = props.release.kind === "pinned" && versions.filter(({ weight }) => weight > 0).length < 2;
  if (props.sessionAffinity === undefined || fixed) return;
  const finding = {
    code: "MG0305",
    severity: "warning",
    message:
      "weights are drawn anew for each request, so a caller changes between versions in spite of sessionAffinity; sessions kept in a pod are lost.",
    fix: "Keep sessions outside the pods while a release is under way, or send testers by header instead of by weight.",
  } as const;
  addFinding(service, finding, props.suppress);
}

/** What is wrong with a service in the tree that it stands in. */
export function treeProblems(service: CanaryService, isCaller: boolean, { pool, release }: CanaryServiceProps): string[] {
  const sharers = isCaller ? servicesOf(service, service).filter((name) => name !== service.serviceName) : [];
  const { namespaceName } = service;
  const stranger =
    namespaceName !== undefined && namespaceOf(service) === undefined && namespaceNamed(service, namespaceName) !== undefined;
  return [
    ...(sharers.length > 0
      ? [
          `serviceAccountName: got ${JSON.stringify(service.serviceAccountName)}, which ${sharers.join(" and ")} runs as too: a policy that lets this service in would let that in as well. Give each an account of its own.`,
        ]
      : []),
    ...(stranger
      ? [
          `stands outside the StrictMtlsNamespace ${namespaceName} but in its Kubernetes namespace: its policies would deny every caller. Create the service below it.`,
        ]
      : []),
    ...refusedSysctls(service, pool ?? namespaceOf(service)?.pool),
    ...releaseProblems(service, release),
  ];
}

/** What is wrong between a release and the Prometheus that measures it. */
function releaseProblems(service: CanaryService, release: Release): string[] {
  const server = prometheusOf(service);
  const problems =
    release.kind === "pinned"
      ? windowProblems("release.alertWhen.over", release.alertWhen?.over, server)
      : [
          ...(release.prometheus === undefined && server === undefined ? [noPrometheus] : []),
          ...(release.prometheus === undefined ? windowProblems("release.abortWhen.over", release.abortWhen.over, server) : []),
        ];
  return problems.map(({ path, message }) => `${path}: ${message}`);
}

const noPrometheus: Problem = problem(
  "release.prometheus",
  undefined,
  "the address of Prometheus, as the controller reaches it",
  'Say prometheus: "http://prometheus.monitoring:9090", or add an Observability to the tree.',
);

/** A rate needs two scrapes within its window, and one may be late or lost. */
function windowProblems(path: string, over: DurationText | undefined, server: PrometheusServer | undefined): readonly Problem[] {
  if (over === undefined || server === undefined || milliseconds(over) >= 4 * milliseconds(server.interval)) return [];
  const hint = `Prometheus scrapes every ${server.interval}: in a shorter window it may see nothing. Lengthen it, or set the Observability's interval.`;
  return [problem(path, over, "at least four times the time between two scrapes", hint)];
}

/** Kernel settings that the pool gives its pods, and the namespace's Pod Security level refuses. */
function refusedSysctls(service: CanaryService, pool: NodePool | undefined): string[] {
  const unsafe = pool?.unsafePodSysctls ?? [];
  const namespace = namespaceOf(service);
  if (unsafe.length === 0 || namespace === undefined) return [];
  const level = namespace.podSecurity ?? (controlPlaneOf(service)?.cni === true ? "baseline" : "privileged");
  if (level === "privileged") return [];
  return [
    `pool: ${pool?.poolName} gives its pods ${unsafe.join(", ")}, which Pod Security level ${level} refuses: no pod would start. Set podSecurity: "privileged" on the namespace, or leave them out of the pool's podSysctls.`,
  ];
}

/** Pods that are deployed elsewhere are found by their labels and account only, and nobody here can see them. */
export function noteElsewhere(service: CanaryService, props: CanaryServiceProps, versions: readonly VersionWorkload[]): void {
  const elsewhere = versions.filter(({ version }) => version.deployed !== undefined).map(({ version }) => version.name);
  if (elsewhere.length === 0) return;
  const labels = Object.entries(service.podSelector).map(([key, value]) => `${key}=${value}`);
  const finding = {
    code: "MG0306",
    severity: "note",
    message: `pods of ${elsewhere.join(" and ")} are deployed elsewhere: without the labels ${labels.join(", ")} and version, and the account ${service.serviceAccountName}, no Service, subset or policy finds them.`,
    fix: "Give them these labels and this account, or say podSelector and serviceAccountName.",
  } as const;
  addFinding(service, finding, props.suppress);
}

/** A load tester that a policy refuses gets a 403, at once: to the metrics a fast answer that is no error. */
export function noteLoadTester(service: CanaryService, { release, suppress }: CanaryServiceProps): void {
  if (release.kind === "pinned" || release.controller !== "flagger" || release.webhooks?.loadTest === undefined) return;
  if (namespaceOf(service)?.access !== "declared") return;
  const finding = {
    code: "MG0307",
    severity: "warning",
    message: `only declared callers get through to ${service.serviceName}, and a load tester that is refused makes every version look fast and without errors.`,
    fix: "Give the load tester a sidecar and an AuthorizationPolicy that lets its account in, then accept this with the reason.",
  } as const;
  addFinding(service, finding, suppress);
}
