import { milliseconds } from "../core/duration";
import { type Destination, errorShare, latencyQuantile, requestCount, whereEnough } from "../prometheus/istio-metrics";
import type { AnalysisMetric, AnalysisTemplateSpec } from "./argo-rollouts-spec";
import { type ArgoRolloutsReleaseProps, pauseOf } from "./progressive-release";
import { abortDefaults } from "./release-thresholds";

/** What an analysis is made from. */
export interface AnalysisInput {
  readonly namespace: string;
  readonly serviceName: string;
  readonly protocol: "http" | "grpc";
  readonly release: Pick<ArgoRolloutsReleaseProps, "abortWhen" | "pause">;
  /** Address of Prometheus, as the controller reaches it. */
  readonly prometheus: string;
}

/** Argument of every template: version of the canary's pods as Istio's metrics carry it, which the Rollout gives. */
export const versionArgument = "version";

/**
 * What judges the canary all along: its latency, its errors, and with `noTraffic: "abort"` whether it has requests at all.
 *
 * A query whose answer is empty found too few requests to judge by.
 */
export function analysisTemplateSpec(input: AnalysisInput): AnalysisTemplateSpec {
  const { abortWhen } = input.release;
  const { p99Above, errorsAbove, over, every = abortDefaults.every, noTraffic } = abortWhen;
  const pods = canary(input);
  const judged = (name: string, query: string, count: string, limit: number): AnalysisMetric => ({
    name,
    interval: every,
    successCondition: `len(result) == 0 || isNaN(result[0]) || result[0] <= ${limit}`,
    failureLimit: 0,
    ...asked(input, whereEnough(query, count, leastOf(input))),
  });
  return {
    args: [{ name: versionArgument }],
    metrics: [
      ...(p99Above === undefined
        ? []
        : [judged("p99", latencyQuantile(pods, 0.99, over), requestCount(pods, over, "all"), milliseconds(p99Above))]),
      ...(errorsAbove === undefined
        ? []
        : [judged("errors", errorShare(pods, over, input.protocol), requestCount(pods, over), shareOf(errorsAbove))]),
      ...(noTraffic === "abort"
        ? // Before `over` has passed there cannot be as many requests as are asked for.
          [
            {
              name: "traffic",
              interval: every,
              initialDelay: over,
              successCondition: enough(input),
              failureLimit: 0,
              ...asked(input, requestsOf(input)),
            },
          ]
        : []),
    ],
  };
}

/** Measurements in three hundred years: Argo Rollouts refuses a step without an end. */
const endless = 1_000_000_000;

/**
 * What a step of `noTraffic: "hold"` waits for: as many requests as are needed to judge by, two measurements in a row, so that the analysis
 * beside it has judged them once before the next step.
 */
export function trafficTemplateSpec(input: AnalysisInput): AnalysisTemplateSpec {
  const { every = abortDefaults.every } = input.release.abortWhen;
  const metric: AnalysisMetric = {
    name: "traffic",
    interval: every,
    count: endless,
    successCondition: enough(input),
    // Too few requests are a failed measurement, and any number of them is fine.
    failureLimit: -1,
    consecutiveSuccessLimit: 2,
    ...asked(input, requestsOf(input)),
  };
  return { args: [{ name: versionArgument }], metrics: [metric] };
}

/** The canary's pods, by what Istio's metrics carry. The version is filled in by Argo Rollouts. */
function canary({ namespace, serviceName }: AnalysisInput): Destination {
  return { namespace, service: serviceName, version: `{{args.${versionArgument}}}` };
}

function requestsOf(input: AnalysisInput): string {
  return requestCount(canary(input), input.release.abortWhen.over);
}

function leastOf({ release }: AnalysisInput): number {
  return release.abortWhen.atLeast ?? abortDefaults.atLeast;
}

function enough(input: AnalysisInput): string {
  return `len(result) > 0 && result[0] >= ${leastOf(input)}`;
}

/** Unit: seconds. */
const patience = { answer: 5, retry: 10 } as const;

/**
 * Errors in a row that are borne. Argo Rollouts asks again after 10 s, and one error more takes the release back: before a whole step has
 * passed that nobody could judge, and within about a minute in any case.
 */
function errorLimit({ release }: AnalysisInput): number {
  const fit = Math.floor(milliseconds(pauseOf(release)) / 1_000 / (patience.answer + patience.retry));
  return Math.min(Math.max(fit - 1, 0), 4);
}

function asked(input: AnalysisInput, query: string): Pick<AnalysisMetric, "consecutiveErrorLimit" | "provider"> {
  return {
    consecutiveErrorLimit: errorLimit(input),
    provider: { prometheus: { address: input.prometheus, timeout: patience.answer, query } },
  };
}

/** `1%` is 0.01; by powers of ten, because 0.07 is not 7 / 100 in binary everywhere. */
function shareOf(percent: `${number}%`): number {
  return Number(`${percent.slice(0, -1)}e-2`);
}
