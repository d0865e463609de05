import { ApiObject } from "cdk8s";
import { Construct } from "constructs";
import type { Resources } from "../core/quantity";
import type { Releases } from "../istio/release";
import type { AdoptedDeployment } from "./adopted-deployment";
import type { CanaryServiceProps } from "./canary-service-props";
import { deploymentSpec, type VersionDeployment } from "./deployment";
import type { Version, WeightedVersion } from "./release-strategy";
import { autoscalerSpec, defaultReplicas } from "./replicas";
import type { MeshNamespace } from "./tree";
import type { MeshWorkload } from "./workload";

/** A version with the user's own Deployment, where it has one. */
export interface VersionWorkload extends WeightedVersion {
  readonly adopted: AdoptedDeployment | undefined;
}

/** What the objects under a service are made from. */
export interface WorkloadObjectsProps {
  readonly service: Pick<MeshWorkload, "serviceName" | "serviceAccountName" | "ports" | "podSelector">;
  readonly props: CanaryServiceProps;
  readonly versions: readonly VersionWorkload[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly releases: Releases;
  readonly namespace: MeshNamespace | undefined;
}

/** The Kubernetes objects that make a service run: Service, Deployments, and what keeps them alive. */
export class WorkloadObjects extends Construct {
  constructor(scope: Construct, id: string, props: WorkloadObjectsProps) {
    super(scope, id);
    const { service, versions, annotations } = props;
    const rendered = versions.filter(({ version }) => version.image !== undefined);
    const here = versions.filter(({ version }) => version.deployed === undefined);
    if (here.length > 0) object(this, "service", { ...kinds.service, name: service.serviceName, spec: serviceSpec(service) });
    for (const { version } of rendered) addDeployment(this, version, props);
    if (rendered.length > 0 && props.props.defaults !== "none")
      addSafeguards(this, service, here.length === rendered.length && props.props.serviceAccountName === undefined);
    for (const { version, adopted } of here) adopted?.decorate({ ...service.podSelector, version: version.name }, annotations);
  }
}

/** Kinds of the objects under a service. */
export const kinds = {
  service: { apiVersion: "v1", kind: "Service" },
  serviceAccount: { apiVersion: "v1", kind: "ServiceAccount" },
  deployment: { apiVersion: "apps/v1", kind: "Deployment" },
  autoscaler: { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
  disruptionBudget: { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
} as const;

/** An object by its kind, its name and what it says. */
export interface ObjectProps {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly spec?: unknown;
  readonly automountServiceAccountToken?: boolean;
}

/** Adds an object. */
export function object(scope: Construct, id: string, { name, ...rest }: ObjectProps): ApiObject {
  return new ApiObject(scope, id, { ...rest, metadata: { name } });
}

/** The spec of the Service that all versions share. */
export function serviceSpec({ ports, podSelector }: Pick<MeshWorkload, "ports" | "podSelector">): object {
  return { selector: podSelector, ports: ports.map(({ name, port, targetPort }) => ({ name, port, targetPort })) };
}

function addDeployment(scope: Construct, version: Version, props: WorkloadObjectsProps): void {
  const deployment = { ...imagePods(version, props), version: version.name };
  const name = `${deployment.service}-${version.name}`;
  object(scope, `deployment-${version.name}`, { ...kinds.deployment, name, spec: deploymentSpec(deployment) });
  if (typeof deployment.replicas !== "object") return;
  object(scope, `autoscaler-${version.name}`, {
    ...kinds.autoscaler,
    name,
    spec: autoscalerSpec(name, deployment.replicas),
  });
}

/** The pods around an image, whatever makes them. */
export function imagePods(
  version: Pick<Version, "image" | "replicas">,
  { service, props, annotations, releases, namespace }: Omit<WorkloadObjectsProps, "versions">,
): Omit<VersionDeployment, "version"> {
  const safe = props.defaults !== "none";
  const { port, targetPort = port, protocol = "http" } = props;
  return {
    service: service.serviceName,
    image: version.image ?? "",
    replicas: version.replicas ?? props.replicas ?? (safe ? defaultReplicas : undefined),
    port: { name: protocol, containerPort: targetPort },
    serviceAccount: safe || props.serviceAccountName !== undefined ? service.serviceAccountName : undefined,
    annotations,
    env: props.env ?? {},
    pool: props.pool ?? namespace?.pool,
    nodeSelector: props.nodeSelector ?? {},
    health: props.health ?? (safe ? {} : undefined),
    resources: props.resources ?? (safe ? defaultResources : undefined),
    podSelector: service.podSelector,
    safe,
    kubeletSleeps: releases.kubernetes.minor >= 30,
  };
}

const defaultResources: Resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } };

/**
 * An account of its own, so that policies mean this service alone, unless the user's Deployments bring theirs; and at most one pod at a time
 * given up freely.
 */
export function addSafeguards(scope: Construct, service: WorkloadObjectsProps["service"], ownAccount: boolean): void {
  const { serviceName, serviceAccountName, podSelector } = service;
  if (ownAccount)
    object(scope, "service-account", { ...kinds.serviceAccount, name: serviceAccountName, automountServiceAccountToken: false });
  object(scope, "disruption-budget", {
    ...kinds.disruptionBudget,
    name: serviceName,
    spec: { selector: { matchLabels: podSelector }, maxUnavailable: 1 },
  });
}
