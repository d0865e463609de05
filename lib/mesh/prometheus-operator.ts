import type { RuleGroup } from "../prometheus/rule-group";

/** A step of relabeling. @see https://prometheus.io/docs/prometheus/2.42/configuration/configuration/#relabel_config */
export interface Relabeling {
  readonly action: "replace" | "keep" | "drop";
  readonly sourceLabels?: readonly string[];
  readonly regex?: string;
  readonly targetLabel?: string;
  readonly replacement?: string;
}

/** Spec of a PodMonitor: the fields that this library uses. @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitorSpec */
export interface PodMonitorSpec {
  readonly namespaceSelector: { readonly any?: boolean; readonly matchNames?: readonly string[] };
  readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly podMetricsEndpoints: readonly {
    readonly path: string;
    readonly interval: string;
    readonly filterRunning: boolean;
    readonly relabelings: readonly Relabeling[];
  }[];
}

/** Spec of a ScrapeConfig: the fields that this library uses. @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.ScrapeConfigSpec */
export interface ScrapeConfigSpec {
  readonly metricsPath: string;
  readonly scrapeInterval: string;
  readonly kubernetesSDConfigs: readonly { readonly role: "Node" }[];
  readonly relabelings: readonly Relabeling[];
}

/** Spec of a PrometheusRule. @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRuleSpec */
export interface PrometheusRuleSpec {
  readonly groups: readonly RuleGroup[];
}

/** Kinds of the operator that this library makes, and the API version of each. */
export const operatorKinds = {
  PrometheusRule: "monitoring.coreos.com/v1",
  PodMonitor: "monitoring.coreos.com/v1",
  ScrapeConfig: "monitoring.coreos.com/v1alpha1",
} as const;
