import { type DurationText, milliseconds } from "../core/duration";
import { promDuration } from "../prometheus/duration";
import { type Destination, errorShare, latencyQuantile, matcher, requestCount, whereEnough } from "../prometheus/istio-metrics";
import type { AlertingRule, RecordingRule, RuleGroup } from "../prometheus/rule-group";
import { type RoutedService, rollBackCommand } from "./release-roll-back";
import type { WeightedVersion } from "./release-strategy";
import type { AlertWhen } from "./release-thresholds";

/** All that decides the alerts about a pinned release. */
export interface ReleaseAlertsInput {
  /** Namespace of the service. Metrics are told apart by it: where the chart names none, there can be no alerts. */
  readonly namespace: string;
  /** Name of the Service. */
  readonly serviceName: string;
  /** What its port speaks. */
  readonly protocol: "http" | "http2" | "grpc";
  /** Its versions, as `traffic.versions` of a `CanaryService` has them. */
  readonly versions: readonly WeightedVersion[];
  /** What Istio's metrics call each version. @default - its name */
  readonly revisions?: Readonly<Record<string, string>>;
  /** When to raise them, checked. */
  readonly alertWhen: AlertWhen;
  /** Every VirtualService that holds the weights, as it is rendered: the service's own first, then those of gateways that expose it. */
  readonly virtualServices: readonly RoutedService[];
}

/** Series that the rules record for each version on trial, by window, with the labels `namespace`, `service` and `version`. */
export const releaseSeries = {
  /** Share of the requests that failed, 0 to 1. */
  errorShare: (over: DurationText): string => `meshground:release_error_share:${promDuration(over)}`,
  /** Requests within the window that were answered. */
  requests: (over: DurationText): string => `meshground:release_requests:${promDuration(over)}`,
  /** 99th percentile of the latency. Unit: milliseconds. */
  p99: (over: DurationText): string => `meshground:release_p99_milliseconds:${promDuration(over)}`,
} as const;

/** Two windows that must both be above a share: the long one says that it lasts, the short one that it has not stopped. */
interface Burn {
  readonly short: DurationText;
  readonly long: DurationText;
  /** Speed at which the budget is spent: 1 spends it within the 30 days that it is for. */
  readonly rate: number;
  readonly severity: "critical" | "warning";
}

/**
 * The two pairs of windows of the SRE workbook that wake somebody up. `errorsAbove` is the share that burns at the first one's rate: so the
 * budget of 30 days is `errorsAbove` / 14.4, and the slow pair looks for 5/12 of `errorsAbove`.
 *
 * @see https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
const burns: readonly [Burn, Burn] = [
  { short: "5m", long: "1h", rate: 14.4, severity: "critical" },
  { short: "30m", long: "6h", rate: 6, severity: "warning" },
];

/**
 * The rules of a pinned release with `alertWhen`, for each version but the stable one: what is recorded, the plain thresholds, and for errors two
 * pairs of windows beside, which find what stays below the threshold, or above it for moments only, for hours. Each alert names the one line that
 * takes the release back.
 *
 * For `declareRuleGroups` of a service, called when the tree is complete.
 */
export function releaseAlerts(input: ReleaseAlertsInput): RuleGroup {
  const canaries = input.versions.filter(({ role }) => role === "canary").map(({ version }) => version.name);
  return {
    name: `meshground-release-${input.namespace}-${input.serviceName}`,
    rules: canaries.flatMap((version) => {
      const trial = { ...input, version };
      return [...recordings(trial), ...plainAlerts(trial), ...burnAlerts(trial)];
    }),
  };
}

/** A version on trial. */
type Trial = ReleaseAlertsInput & { readonly version: string };

const labelsOf = ({ namespace, serviceName, version }: Trial): Readonly<Record<string, string>> => ({
  namespace,
  service: serviceName,
  version,
});

/** The version's pods, by what Istio's metrics carry. */
function podsOf({ namespace, serviceName, version, revisions = {} }: Trial): Destination {
  return { namespace, service: serviceName, version: revisions[version] ?? version };
}

function recordings(trial: Trial): readonly RecordingRule[] {
  const { alertWhen, protocol } = trial;
  const pods = podsOf(trial);
  const labels = labelsOf(trial);
  const { over, errorsAbove, p99Above } = alertWhen;
  const burning = errorsAbove === undefined ? [] : burns;
  const counted = distinct([over, ...burning.map(({ short }) => short)]);
  const shared = errorsAbove === undefined ? [] : distinct([over, ...burning.flatMap(({ short, long }) => [short, long])]);
  return [
    ...counted.map((window) => ({ record: releaseSeries.requests(window), expr: requestCount(pods, window), labels })),
    ...shared.map((window) => ({
      record: releaseSeries.errorShare(window),
      expr: errorShare(pods, window, protocol === "grpc" ? "grpc" : "http"),
      labels,
    })),
    ...(p99Above === undefined ? [] : [{ record: releaseSeries.p99(over), expr: latencyQuantile(pods, 0.99, over), labels }]),
  ];
}

/** The same window twice would be the same series twice: `"300s"` is `"5m"`. */
function distinct(windows: readonly DurationText[]): readonly DurationText[] {
  return [...new Map(windows.map((window) => [promDuration(window), window])).values()];
}

function plainAlerts(trial: Trial): readonly AlertingRule[] {
  const { over, errorsAbove, p99Above } = trial.alertWhen;
  const window = promDuration(over);
  return [
    ...(errorsAbove === undefined
      ? []
      : [
          alert(trial, {
            name: "ReleaseErrors",
            severity: "critical",
            expr: `${above(trial, releaseSeries.errorShare(over), share(errorsAbove))} and ${enough(trial, over)}`,
            summary: "fails too many requests",
            description: `{{ $value | humanizePercentage }} of its requests failed within ${window}, and ${errorsAbove} are allowed.`,
          }),
        ]),
    ...(p99Above === undefined
      ? []
      : [
          alert(trial, {
            name: "ReleaseLatency",
            severity: "critical",
            expr: whereEnough(
              above(trial, releaseSeries.p99(over), milliseconds(p99Above)),
              requestCount(podsOf(trial), over, "all"),
              leastOf(trial),
            ),
            summary: "is too slow",
            description: `Of a hundred requests within ${window} one took longer than {{ $value | printf "%.0f" }} ms, and ${p99Above} are allowed.`,
          }),
        ]),
  ];
}

function burnAlerts(trial: Trial): readonly AlertingRule[] {
  const { errorsAbove } = trial.alertWhen;
  if (errorsAbove === undefined) return [];
  return burns.map(({ short, long, rate, severity }) => {
    const limit = rounded((share(errorsAbove) * rate) / burns[0].rate);
    const windows = [long, short].map((window) => above(trial, releaseSeries.errorShare(window), limit));
    return alert(trial, {
      name: severity === "critical" ? "ReleaseErrorsLasting" : "ReleaseErrorsSlow",
      severity,
      expr: `${windows.join(" and ")} and ${enough(trial, short)}`,
      // A version that is minutes old has no hours behind it: its long window is no longer than the short one.
      for: promDuration(short),
      summary: "keeps failing requests",
      description: `{{ $value | humanizePercentage }} of its requests failed within ${long}, and it goes on: a budget of ${errorsAbove} / ${burns[0].rate} for 30 days burns ${rate} times as fast as it may.`,
    });
  });
}

interface Alert {
  readonly name: string;
  readonly severity: "critical" | "warning";
  readonly expr: string;
  readonly for?: string;
  readonly summary: string;
  readonly description: string;
}

function alert(trial: Trial, { name, severity, expr, for: lasting, summary, description }: Alert): AlertingRule {
  const { namespace, serviceName, version } = trial;
  return {
    alert: name,
    expr,
    ...(lasting !== undefined && { for: lasting }),
    // The series bring the others too. Said here, alerts of two services are no duplicates to promtool.
    labels: { severity, ...labelsOf(trial) },
    annotations: {
      summary: `Version ${version} of ${serviceName} in ${namespace} ${summary}`,
      description: `${description} The line in rollback sends all requests to the stable version; rollBack: true in the release keeps it so.`,
      rollback: rollBackCommand(trial),
    },
  };
}

function above(trial: Trial, series: string, limit: number): string {
  return `${selected(trial, series)} > ${limit}`;
}

function enough(trial: Trial, over: DurationText): string {
  return `${selected(trial, releaseSeries.requests(over))} >= ${leastOf(trial)}`;
}

function leastOf({ alertWhen }: Trial): number {
  return alertWhen.atLeast ?? 10;
}

function selected(trial: Trial, series: string): string {
  return `${series}{${Object.entries(labelsOf(trial))
    .map(([label, value]) => matcher(label, "=", value))
    .join(",")}}`;
}

function share(percentage: `${number}%`): number {
  return rounded(Number.parseFloat(percentage) / 100);
}

/** Without the ends that binary fractions get: 0.07 and not 0.07000000000000001. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
