import type { NodePool } from "../core/pool";
import type { Resources } from "../core/quantity";
import type { Health } from "./health";
import { probes } from "./health";
import type { Replicas } from "./replicas";

/** Label of ours that every selector uses. Delivery controllers rewrite `app` and `name`, never this one. */
const serviceLabel = "meshground.io/service";

/** All that decides the Deployment of one version. */
export interface VersionDeployment {
  readonly service: string;
  readonly version: string;
  readonly image: string;
  readonly replicas: Replicas | undefined;
  readonly port: { readonly name: string; readonly containerPort: number };
  readonly serviceAccount: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly pool: NodePool | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly health: Health | undefined;
  readonly resources: Resources | undefined;
  /** Labels that pick the pods of all versions. */
  readonly podSelector: Readonly<Record<string, string>>;
  /** Whether what a careful operator would add is added. */
  readonly safe: boolean;
  /** Whether the kubelet knows `preStop.sleep` (Kubernetes 1.30 and newer). */
  readonly kubeletSleeps: boolean;
}

/** Pods as a workload makes them. */
export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Labels that pick the pods of a service, unless others are asked for. */
export function servicePods(service: string): Readonly<Record<string, string>> {
  return { [serviceLabel]: service };
}

/** The spec of a version's Deployment. */
export function deploymentSpec(deployment: VersionDeployment): Record<string, unknown> {
  const { version, replicas, podSelector } = deployment;
  return {
    ...(typeof replicas === "number" && { replicas }),
    selector: { matchLabels: { ...podSelector, version } },
    template: podTemplate(deployment),
  };
}

/** The pods of a version. */
export function podTemplate(deployment: VersionDeployment): PodTemplate {
  const { service, version, annotations, podSelector } = deployment;
  return {
    metadata: {
      labels: { app: service, ...podSelector, version },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: podSpec(deployment),
  };
}

function podSpec(deployment: VersionDeployment): Record<string, unknown> {
  const { safe, serviceAccount } = deployment;
  return {
    ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
    ...(safe && podSafety(deployment)),
    ...placement(deployment),
    ...podSecurity(deployment),
    containers: [container(deployment)],
  };
}

function container(deployment: VersionDeployment): Record<string, unknown> {
  const { service, image, port, env, health, resources, safe } = deployment;
  const variables = Object.entries(env).map(([name, value]) => ({ name, value: literal(value) }));
  return {
    name: service,
    image,
    ports: [port],
    ...(variables.length > 0 && { env: variables }),
    ...(resources !== undefined && { resources }),
    ...(health !== undefined && probes(health, port.containerPort)),
    ...(safe && containerSafety(deployment)),
  };
}

/** The kubelet replaces `$(NAME)` in values by other variables, and a doubled dollar by one: doubled, each stands for itself. */
function literal(value: string): string {
  return value.replaceAll("$", "$$$$");
}

/** Where the pods run: the pool's nodes, tolerating its taints, or nodes with the given labels. */
export function placement({ pool, nodeSelector }: Pick<VersionDeployment, "pool" | "nodeSelector">): Record<string, unknown> {
  const labels = { ...pool?.nodeSelector, ...nodeSelector };
  const tolerations = (pool?.taints ?? []).map(({ key, value, effect }) =>
    value === undefined ? { key, operator: "Exists", effect } : { key, operator: "Equal", value, effect },
  );
  return {
    ...(Object.keys(labels).length > 0 && { nodeSelector: labels }),
    ...(tolerations.length > 0 && { tolerations }),
  };
}

/** The profile is set on the pod, because with Istio's CNI plugin the sidecar's own containers name none. */
function podSecurity({ safe, pool }: VersionDeployment): Record<string, unknown> {
  const sysctls = pool?.podSysctls ?? [];
  const securityContext = {
    ...(safe && { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }),
    ...(sysctls.length > 0 && { sysctls }),
  };
  return Object.keys(securityContext).length > 0 ? { securityContext } : {};
}

function podSafety({ podSelector }: VersionDeployment): Record<string, unknown> {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: stopSeconds.grace,
    topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: podSelector },
    })),
  };
}

function containerSafety({ kubeletSleeps }: VersionDeployment): Record<string, unknown> {
  const pause = kubeletSleeps ? { sleep: { seconds: stopSeconds.pause } } : { exec: { command: ["sleep", `${stopSeconds.pause}`] } };
  return { lifecycle: { preStop: pause }, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
}

/**
 * How a pod stops without losing a request: it goes on serving for `pause`, until every sidecar has heard that it is leaving. A sidecar among the
 * containers is told to end at the same time and drains for `drain`, longer than the application still answers; a native one begins to drain at once
 * and ends after the application, whatever `drain` says. The kubelet waits `grace`, longer than all. Unit: seconds.
 */
const stopSeconds = { pause: 10, drain: 25, grace: 45 } as const;

/** The proxy's own settings on a pod: it is ready before the application starts, and leaves after it. A native sidecar needs no telling. */
export const proxyConfigAnnotation: Readonly<Record<string, string>> = {
  "proxy.istio.io/config": JSON.stringify({ holdApplicationUntilProxyStarts: true, terminationDrainDuration: `${stopSeconds.drain}s` }),
};
