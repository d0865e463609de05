import { createHash } from "node:crypto";
import { versionArgument } from "./argo-analysis";
import type { AnalysisReference, CanaryStep, IstioTrafficRouting, RolloutSpec, WorkloadRef } from "./argo-rollouts-spec";
import { type PodTemplate, podTemplate, type VersionDeployment } from "./deployment";
import { type ArgoRolloutsReleaseProps, pauseOf } from "./progressive-release";

/** Group and version of Argo Rollouts' kinds. */
export const argoRolloutsVersion = "argoproj.io/v1alpha1";

/** Subsets between which Argo Rollouts moves the weights. */
export const argoSubsets = { stable: "stable", canary: "canary" } as const;

/** Fields that Argo Rollouts moves once they are there: weights, and the label with which it tells the subsets apart. */
export const argoMovedFields = {
  virtualService: "spec.http[*].route[*].weight",
  destinationRule: 'spec.subsets[*].labels["rollouts-pod-template-hash"]',
} as const;

/** All that decides a Rollout. */
export interface RolloutInput {
  readonly serviceName: string;
  readonly release: Pick<ArgoRolloutsReleaseProps, "steps" | "pause" | "abortWhen">;
  readonly pods: RolloutPods;
  /** Number of pods; undefined where an autoscaler sets it. */
  readonly replicas: number | undefined;
  /** VirtualServices with the routes that are moved. */
  readonly virtualServices: IstioTrafficRouting["virtualServices"];
}

/** Pods of a Rollout, and the value of their label `version`. */
export type RolloutPods = { readonly version: string } & (
  | { readonly template: PodTemplate; readonly selector: Readonly<Record<string, string>> }
  | { readonly deployment: string }
);

/** Name of the AnalysisTemplate that judges the canary. */
export function analysisName(serviceName: string): string {
  return serviceName;
}

/** Name of the AnalysisTemplate that waits for traffic. */
export function trafficName(serviceName: string): string {
  return `${serviceName}-traffic`;
}

/** The spec of a Rollout. The stable version keeps all its pods throughout, so that taking a release back is a change of weights only. */
export function rolloutSpec(input: RolloutInput): RolloutSpec {
  const { serviceName, replicas, virtualServices } = input;
  const steps = stepsOf(input);
  const startingStep = steps.findIndex((step) => "setWeight" in step && step.setWeight > 0);
  const destinationRule = { name: serviceName, canarySubsetName: argoSubsets.canary, stableSubsetName: argoSubsets.stable };
  return {
    ...(replicas !== undefined && { replicas }),
    ...podsOf(input.pods),
    strategy: {
      canary: {
        trafficRouting: { istio: { virtualServices, destinationRule } },
        analysis: { ...analysis(analysisName(serviceName), input), startingStep },
        steps,
      },
    },
  };
}

function podsOf(
  pods: RolloutPods,
):
  | { readonly workloadRef: WorkloadRef }
  | { readonly selector: { matchLabels: Readonly<Record<string, string>> }; readonly template: Record<string, unknown> } {
  if ("deployment" in pods)
    return { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: pods.deployment, scaleDown: "progressively" } };
  return { selector: { matchLabels: pods.selector }, template: { ...pods.template } };
}

/** A weight, the time it lasts, and where the release holds without traffic the wait for it. */
function stepsOf(input: RolloutInput): readonly CanaryStep[] {
  const { steps, abortWhen } = input.release;
  const pause: CanaryStep = { pause: { duration: pauseOf(input.release) } };
  const hold: readonly CanaryStep[] = abortWhen.noTraffic === "hold" ? [{ analysis: analysis(trafficName(input.serviceName), input) }] : [];
  return steps.flatMap((weight, index) => {
    if (weight === 0) return [{ setCanaryScale: { replicas: 1 } }, { setWeight: 0 }, pause];
    return [...weightSteps(weight, steps[index - 1] === 0), pause, ...hold];
  });
}

/**
 * By its weight 0 the canary would have no pod, so that step gives it one. The pods for the next weight come before the weight: matching it
 * first would take that one away, and setting the weight first would send all of it to that one.
 */
function weightSteps(weight: number, afterZero: boolean): readonly CanaryStep[] {
  if (!afterZero) return [{ setWeight: weight }];
  return [{ setCanaryScale: { weight } }, { setWeight: weight }, { setCanaryScale: { matchTrafficWeight: true } }];
}

function analysis(templateName: string, { pods }: RolloutInput): AnalysisReference {
  return { templates: [{ templateName }], args: [{ name: versionArgument, value: pods.version }] };
}

/**
 * Pods around an image, with a label `version` that is another one whenever anything of the pods changes: the image's tag, and a digest of the
 * whole template. Istio's metrics carry the label as it was when the pod started, so that two templates are never one version to them.
 */
export function versionedPods(deployment: Omit<VersionDeployment, "version">): Extract<RolloutPods, { template: unknown }> {
  const { metadata, spec } = podTemplate({ ...deployment, version: "" });
  const digest = createHash("sha256")
    .update(JSON.stringify(sorted({ metadata, spec })))
    .digest("hex")
    .slice(0, 10);
  const tag = tagOf(deployment.image);
  const version = tag === "" ? digest : `${tag}-${digest}`;
  const template = { metadata: { ...metadata, labels: { ...metadata.labels, version } }, spec };
  return { version, template, selector: deployment.podSelector };
}

/** The tag of an image as a label's value may begin; empty where there is none. */
function tagOf(image: string): string {
  const [name = ""] = image.split("@");
  const [, tag = ""] = /:([\w][-\w.]*)$/.exec(name) ?? [];
  return tag.replace(/^[^A-Za-z0-9]+/, "").slice(0, 50);
}

/** A digest must not depend on the order of keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}
