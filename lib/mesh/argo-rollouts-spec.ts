import type { DurationText } from "../core/duration";

/** Spec of a Rollout (argoproj.io/v1alpha1): what of it is used here. */
export type RolloutSpec = RolloutPods & {
  /** Number of pods. @default - an autoscaler's */
  readonly replicas?: number;
  readonly strategy: { readonly canary: CanaryStrategy };
};

/** Where a Rollout has its pods from. */
type RolloutPods =
  /** A template of its own. */
  | { readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }; readonly template: Readonly<Record<string, unknown>> }
  /** That of a Deployment, which is scaled down as the Rollout's pods come up. The selector is the Deployment's as well. */
  | { readonly workloadRef: WorkloadRef };

/** A Deployment that a Rollout takes over. */
export interface WorkloadRef {
  readonly apiVersion: "apps/v1";
  readonly kind: "Deployment";
  readonly name: string;
  readonly scaleDown: "never" | "onsuccess" | "progressively";
}

/** How a Rollout gets from one template to the next. */
interface CanaryStrategy {
  readonly trafficRouting: { readonly istio: IstioTrafficRouting };
  /** Runs beside the steps, from one of them on. */
  readonly analysis: AnalysisReference & { readonly startingStep: number };
  readonly steps: readonly CanaryStep[];
}

/** Whose weights and subsets the controller moves. */
export interface IstioTrafficRouting {
  /** VirtualServices of the Rollout's namespace, with the HTTP routes that are moved. */
  readonly virtualServices: readonly { readonly name: string; readonly routes: readonly string[] }[];
  /** The controller adds the label `rollouts-pod-template-hash` to both subsets. */
  readonly destinationRule: { readonly name: string; readonly canarySubsetName: string; readonly stableSubsetName: string };
}

/** One step; the next one begins when it is done. */
export type CanaryStep =
  | { readonly setWeight: number }
  | { readonly setCanaryScale: { readonly replicas: number } | { readonly weight: number } | { readonly matchTrafficWeight: true } }
  | { readonly pause: { readonly duration: DurationText } }
  | { readonly analysis: AnalysisReference };

/** Templates that make an AnalysisRun, and what they are told. */
export interface AnalysisReference {
  readonly templates: readonly { readonly templateName: string }[];
  readonly args: readonly { readonly name: string; readonly value: string }[];
}

/** Spec of an AnalysisTemplate (argoproj.io/v1alpha1): what of it is used here. */
export interface AnalysisTemplateSpec {
  readonly args: readonly { readonly name: string }[];
  readonly metrics: readonly AnalysisMetric[];
}

/** What is measured, how often, and when it is good. */
export interface AnalysisMetric {
  readonly name: string;
  readonly interval: DurationText;
  readonly initialDelay?: DurationText;
  /** Measurements after which it ends well. @default - it goes on for as long as the run */
  readonly count?: number;
  /** Expression over the list `result`. What does not hold is a failure. */
  readonly successCondition: string;
  /** Failures beyond which the run fails; -1 for any number. */
  readonly failureLimit: number;
  readonly consecutiveSuccessLimit?: number;
  /** Errors in a row beyond which the run ends: Prometheus did not answer. */
  readonly consecutiveErrorLimit: number;
  readonly provider: { readonly prometheus: PrometheusQuery };
}

/** A question to Prometheus. */
interface PrometheusQuery {
  readonly address: string;
  /** Unit: seconds. */
  readonly timeout: number;
  readonly query: string;
}
