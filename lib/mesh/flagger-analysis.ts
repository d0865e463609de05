import { type DurationText, milliseconds } from "../core/duration";
import { type Destination, errorShare, latencyQuantile, requestCount, whereEnough } from "../prometheus/istio-metrics";
import type { FlaggerAnalysis, FlaggerMetric, FlaggerMetricTemplateSpec, FlaggerWebhook } from "./flagger-spec";
import { type FlaggerReleaseProps, type FlaggerWebhooks, pauseOf } from "./progressive-release";

/** What decides whether Flagger goes on. */
export interface FlaggerJudgement {
  /** Name of the Service. */
  readonly service: string;
  /** Its namespace; undefined where the chart names none. */
  readonly namespace: string | undefined;
  /** Name of the Deployment. */
  readonly deployment: string;
  readonly release: FlaggerReleaseProps;
  /** Address of Prometheus. */
  readonly prometheus: string;
  readonly protocol: "http" | "http2" | "grpc";
}

/** A MetricTemplate: its name, and its spec. */
export interface NamedMetricTemplate {
  readonly name: string;
  readonly spec: FlaggerMetricTemplateSpec;
}

/** A threshold in Flagger's form: the query whose answer may not be above it. */
interface Metric {
  readonly name: "errors" | "p99";
  readonly query: string;
  readonly max: number;
}

/**
 * What Flagger's controller is told to look at.
 *
 * The first failed look is enough, and Flagger takes the release back at the next one: the weight is 0 one interval later.
 *
 * @see https://github.com/fluxcd/flagger/blob/v1.36.1/pkg/controller/scheduler.go `advanceCanary`
 */
export function flaggerAnalysis(judgement: FlaggerJudgement): FlaggerAnalysis {
  const { release } = judgement;
  const webhooks = webhooksOf(release.webhooks ?? {});
  return {
    // One interval for both: Flagger looks once a step, and a look that finds nothing wrong is the next step.
    interval: wholeSeconds(pauseOf(release)),
    threshold: 1,
    stepWeights: release.steps,
    metrics: metricsOf(judgement).map((metric) => flaggerMetric(judgement, metric)),
    ...(webhooks.length > 0 && { webhooks }),
  };
}

/** The queries about the pods on trial. */
export function flaggerMetricTemplates(judgement: FlaggerJudgement): readonly NamedMetricTemplate[] {
  return metricsOf(judgement).map(({ name, query }) => ({
    name: templateName(judgement, name),
    spec: { provider: { type: "prometheus", address: judgement.prometheus }, query },
  }));
}

function flaggerMetric(judgement: FlaggerJudgement, { name, max }: Metric): FlaggerMetric {
  return {
    name,
    interval: wholeSeconds(judgement.release.abortWhen.over),
    thresholdRange: { max },
    templateRef: { name: templateName(judgement, name) },
  };
}

const templateName = ({ service }: FlaggerJudgement, metric: string): string => `${service}-${metric}`;

/** The Deployment's own name tells the pods on trial from the primary's. Flagger fills in the namespace where the program does not know it. */
function metricsOf({ namespace = "{{ namespace }}", deployment, release, protocol }: FlaggerJudgement): readonly Metric[] {
  const { p99Above, errorsAbove, over, atLeast = 10, noTraffic } = release.abortWhen;
  const pods: Destination = { namespace, workload: deployment };
  // No answer is a failure to Flagger: what may go on without traffic gets an answer that is below every threshold.
  const guarded = (query: string, of: "answered" | "all"): string =>
    `${whereEnough(query, requestCount(pods, over, of), atLeast)}${noTraffic === "abort" ? "" : " or vector(0)"}`;
  return [
    ...(errorsAbove === undefined
      ? []
      : [
          {
            name: "errors" as const,
            query: guarded(`100 * ${errorShare(pods, over, protocol === "grpc" ? "grpc" : "http")}`, "answered"),
            max: Number.parseFloat(errorsAbove),
          },
        ]),
    ...(p99Above === undefined
      ? []
      : [{ name: "p99" as const, query: guarded(latencyQuantile(pods, 0.99, over), "all"), max: milliseconds(p99Above) }]),
  ];
}

function webhooksOf({ confirmRollout, confirmTrafficIncrease, confirmPromotion, loadTest }: FlaggerWebhooks): readonly FlaggerWebhook[] {
  const asked = {
    "confirm-rollout": confirmRollout,
    "confirm-traffic-increase": confirmTrafficIncrease,
    "confirm-promotion": confirmPromotion,
  };
  return [
    ...Object.entries(asked).flatMap(([type, url]) => (url === undefined ? [] : [{ name: type, type: type as keyof typeof asked, url }])),
    ...(loadTest === undefined
      ? []
      : [{ name: "load-test", type: "rollout" as const, url: loadTest.url, metadata: { type: "cmd", cmd: loadTest.command } }]),
  ];
}

/** Flagger takes minutes and seconds; a part of a second is rounded up. */
function wholeSeconds(duration: DurationText): string {
  return `${Math.ceil(milliseconds(duration) / 1000)}s`;
}
