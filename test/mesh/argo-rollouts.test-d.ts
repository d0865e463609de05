/**
 * Our types of Argo Rollouts' objects against those made from its own CRDs. Nothing here runs: the compiler is the test.
 *
 * Every spec of ours fits theirs, and every field of ours is one of theirs. Theirs have many that are not used.
 */
import type { IAnalysisTemplate } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/AnalysisTemplate" with {
  "resolution-mode": "import",
};
import type { IRollout } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1/Rollout" with { "resolution-mode": "import" };
import type { AnalysisTemplateSpec, RolloutSpec } from "../../lib/mesh/argo-rollouts-spec";
import type { Fits, Invented, Mutable, None } from "../support/conformance";

/** Each part of the union by itself, with what it does not look into left out: the pods' template is Kubernetes' own. */
type Without<T, Left extends PropertyKey> = T extends unknown ? Omit<T, Left> : never;
type TheirRollout = Omit<IRollout["spec"], "template">;
type OurRollout = Without<RolloutSpec, "template">;

type TheirCanary = NonNullable<NonNullable<TheirRollout["strategy"]>["canary"]>;
type OurCanary = RolloutSpec["strategy"]["canary"];
type Routed = "istio";
type TheirIstio = NonNullable<NonNullable<TheirCanary["trafficRouting"]>[Routed]>;

export type Rollouts = [
  Fits<Omit<TheirRollout, "strategy">, Mutable<Without<OurRollout, "strategy">>>,
  None<Invented<Omit<TheirRollout, "strategy">, Without<OurRollout, "strategy">>>,
  Fits<Omit<TheirCanary, "trafficRouting" | "steps">, Mutable<Omit<OurCanary, "trafficRouting" | "steps">>>,
  None<Invented<Omit<TheirCanary, "trafficRouting" | "steps">, Omit<OurCanary, "trafficRouting" | "steps">>>,
  Fits<TheirIstio, Mutable<OurCanary["trafficRouting"][Routed]>>,
  None<Invented<TheirIstio, OurCanary["trafficRouting"][Routed]>>,
  Fits<NonNullable<TheirCanary["steps"]>, Mutable<OurCanary["steps"]>>,
  None<Invented<NonNullable<TheirCanary["steps"]>, OurCanary["steps"]>>,
];

type TheirTemplate = NonNullable<IAnalysisTemplate["spec"]>;
type TheirMetric = NonNullable<TheirTemplate["metrics"]>[number];
type OurMetric = AnalysisTemplateSpec["metrics"][number];
type TheirQuery = NonNullable<TheirMetric["provider"]["prometheus"]>;

export type AnalysisTemplates = [
  Fits<TheirTemplate, Mutable<AnalysisTemplateSpec>>,
  None<Exclude<keyof AnalysisTemplateSpec, keyof TheirTemplate>>,
  None<Invented<NonNullable<TheirTemplate["args"]>, AnalysisTemplateSpec["args"]>>,
  None<Exclude<keyof OurMetric, keyof TheirMetric>>,
  None<Exclude<keyof OurMetric["provider"], keyof TheirMetric["provider"]>>,
  None<Exclude<keyof OurMetric["provider"]["prometheus"], keyof TheirQuery>>,
];

// These guards are seen failing: each line below must be an error.
// @ts-expect-error a field of ours that theirs lacks
export type Inventing = None<Invented<NonNullable<TheirCanary["steps"]>, readonly (OurCanary["steps"][number] | { setWeights: 1 })[]>>;
// @ts-expect-error a field of another type
export type Misfitting = Fits<TheirTemplate, Mutable<Omit<AnalysisTemplateSpec, "args"> & { readonly args: readonly string[] }>>;
