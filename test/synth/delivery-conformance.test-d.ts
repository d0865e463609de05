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
import type { Fits, Invented, Mutable, None } from "../support/conformance";

/** A chart's values are its own: in the CRD any object. */
type FreeValues = ".source.helm.valuesObject{}";

export type Applications = [
  Fits<IApplication["spec"], Mutable<ArgoCdApplication["spec"]>>,
  None<Invented<IApplication["spec"], ArgoCdApplication["spec"], FreeValues>>,
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
