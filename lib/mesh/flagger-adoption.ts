import { ApiObject } from "cdk8s";
import type { AdoptedDeployment } from "./adopted-deployment";
import { autoscalerOf } from "./autoscaler-of";
import { flaggerSelectorLabels } from "./flagger";

/** Why Flagger cannot take over a Deployment as it stands. Ask when the tree is complete. */
export function flaggerAdoptionProblems(adopted: AdoptedDeployment): string[] {
  return [...sleepProblems(adopted), ...selectorProblems(adopted), ...sizeProblems(adopted)];
}

/** Without one of the labels that Flagger rewrites on its copy the Canary never initializes, and there is no Service. */
function selectorProblems({ object: deployment, name }: AdoptedDeployment): string[] {
  if (!ApiObject.isApiObject(deployment)) return [];
  const { spec } = (deployment as ApiObject).toJson() as PodOwner;
  const labels = Object.keys(spec?.selector?.matchLabels ?? {});
  if (flaggerSelectorLabels.some((label) => labels.includes(label))) return [];
  return [
    `release.workload: ${name} selects its pods by ${labels.join(", ") || "nothing"}, and Flagger needs one of ${flaggerSelectorLabels.join(", ")}. A selector cannot change: make a new Deployment, or use the controller argo-rollouts.`,
  ];
}

/** Flagger takes the primary's number of pods from the Deployment, or from a copy of its autoscaler. */
function sizeProblems(adopted: AdoptedDeployment): string[] {
  const autoscaler = autoscalerOf(adopted);
  if (autoscaler?.kind === "ScaledObject")
    return [
      `release.workload: ScaledObject ${autoscaler.name} scales ${adopted.name}, and is not carried to the primary here. Use a HorizontalPodAutoscaler.`,
    ];
  if (autoscaler !== undefined || adopted.replicas !== undefined) return [];
  return [
    `release.workload: ${adopted.name} does not say how many pods it has, and no autoscaler of the tree scales it: the primary would have one. Say spec.replicas, or put its HorizontalPodAutoscaler into the tree.`,
  ];
}

/** Flagger 1.36 copies Deployments as Kubernetes 1.27 had them: a hook that only sleeps would come out empty, and the API server refuses that. */
function sleepProblems({ object: deployment, name }: AdoptedDeployment): string[] {
  if (!ApiObject.isApiObject(deployment)) return [];
  const { spec } = (deployment as ApiObject).toJson() as PodOwner;
  const { containers = [], initContainers = [] } = spec?.template?.spec ?? {};
  const sleeping = [...initContainers, ...containers].some(({ lifecycle = {} }) =>
    Object.values(lifecycle).some((hook) => hook?.sleep !== undefined),
  );
  const fix = 'Use exec: { command: ["sleep", "10"] }, in an image that has it.';
  return sleeping
    ? [`release.workload: ${name} has a hook of kind sleep, which Flagger leaves out of its copy: its pods could not start. ${fix}`]
    : [];
}

interface PodOwner {
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template?: { readonly spec?: Partial<Record<"containers" | "initContainers", readonly HookedContainer[]>> };
  };
}

interface HookedContainer {
  readonly lifecycle?: Readonly<Record<string, { readonly sleep?: unknown } | undefined>>;
}
