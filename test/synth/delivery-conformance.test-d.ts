/**
 * Our types against those made from the CRDs of Argo CD (3.x) and of the Prometheus Operator. Nothing here runs: the compiler is the test.
 *
 * Of these kinds only what the library writes has a type here, so ours must fit theirs and invent nothing; what theirs have beside is no fault.
 */
import type { IApplication } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1/Application" with { "resolution-mode": "import" };
import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor" with {
  "resolution-mode": "import",
};
import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule" with {
  "resolution-mode": "import",
};
import type { IScrapeConfig } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1/ScrapeConfig" with {
  "resolution-mode": "import",
};
import type { PodMonitorSpec, PrometheusRuleSpec, ScrapeConfigSpec } from "../../lib/mesh/prometheus-operator";
import type { ArgoCdApplication } from "../../lib/synth/argo-cd-application";

type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** The path of every field, `[]` for the items of a list and `{}` for the values of a map. Distributes over unions. */
type Paths<T> = T extends readonly (infer Item)[]
  ? "" | `[]${Paths<Item>}`
  : T extends object
    ? string extends keyof T
      ? ""
      : "" | Fields<T>
    : "";
type Fields<T> = { [Key in keyof T & string]-?: `.${Key}${Paths<NonNullable<T[Key]>>}` }[keyof T & string];

/** Refuses any member, and so names what is invented. */
type None<T extends never> = T;
type Fits<Theirs, Ours extends Theirs> = Ours;
type Invented<Theirs, Ours> = Exclude<Paths<Ours>, Paths<Theirs>>;

export type Applications = [
  Fits<IApplication["spec"], Mutable<ArgoCdApplication["spec"]>>,
  None<Invented<IApplication["spec"], ArgoCdApplication["spec"]>>,
  Fits<Pick<IApplication, "apiVersion" | "kind">, Pick<ArgoCdApplication, "apiVersion" | "kind">>,
];
export type PodMonitors = [Fits<IPodMonitor["spec"], Mutable<PodMonitorSpec>>, None<Invented<IPodMonitor["spec"], PodMonitorSpec>>];
export type PrometheusRules = [
  Fits<IPrometheusRule["spec"], Mutable<PrometheusRuleSpec>>,
  None<Invented<IPrometheusRule["spec"], PrometheusRuleSpec>>,
];
export type ScrapeConfigs = [
  Fits<IScrapeConfig["spec"], Mutable<ScrapeConfigSpec>>,
  None<Invented<IScrapeConfig["spec"], ScrapeConfigSpec>>,
];
