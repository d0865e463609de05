import { all, type Check, matching, oneOf, optional, satisfies, shape, wholeNumber } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import { problem } from "../core/problem";

/** What tells that a version misbehaves. At least one of `p99Above` and `errorsAbove` is needed. */
export interface Thresholds {
  /**
   * 99th percentile of the latency. Between two ends of Istio's buckets (…, 50, 100, 250, 500, 1000 ms, …) Prometheus takes a straight line:
   * of a version that answers in 110 ms it may say up to 249.
   *
   * @default - latency does not count
   */
  readonly p99Above?: DurationText;
  /**
   * Share of the requests that fail: with status 5xx, or for gRPC with a status that is the server's fault.
   *
   * @default - errors do not count
   */
  readonly errorsAbove?: `${number}%`;
  /** Window that both are measured over. At least 10s, and at least four times what Prometheus scrapes at, or it sees nothing. */
  readonly over: DurationText;
}

/** When a progressive release is cut. */
export interface AbortWhen extends Thresholds {
  /**
   * How often the canary is judged. At least 1s. Flagger judges once a step: there it is `pause`, and need not be said.
   *
   * @default - "10s"; for Flagger `pause`
   */
  readonly every?: DurationText;
  /**
   * Requests within `over` below which there is nothing to judge by: with fewer, one error is a large share. Range: 1 to 1000000.
   *
   * @default 10
   */
  readonly atLeast?: number;
  /**
   * What to do while there are fewer requests than `atLeast`. `"hold"` waits for them, for as long as it takes; `"promote"` goes on as if all
   * were well; `"abort"` takes the release back.
   */
  readonly noTraffic: "hold" | "promote" | "abort";
}

/** When an alert is raised about the canary of a pinned release, which nobody takes back but people. */
export interface AlertWhen extends Thresholds {
  /**
   * Requests within `over` below which nothing is said. Range: 1 to 1000000.
   *
   * @default 10
   */
  readonly atLeast?: number;
}

const percentage: Check = all(
  matching(/^\d{1,2}(?:\.\d{1,3})?%$/, 'a share below 100 percent, such as "1%" or "0.5%"', 8),
  satisfies("more than 0%", (value) => Number.parseFloat(String(value)) > 0),
);
const thresholds = {
  p99Above: optional(duration()),
  errorsAbove: optional(percentage),
  over: duration({ min: "10s" }),
  atLeast: optional(wholeNumber(1, 1_000_000)),
};

const oneThreshold: Check = (path, value) => {
  const { p99Above, errorsAbove } = value as Thresholds;
  return p99Above === undefined && errorsAbove === undefined ? [problem(path, value, "p99Above, errorsAbove or both")] : [];
};

/** When an alert is raised, well-formed. */
export const alertWhen: Check = all(shape<AlertWhen>(thresholds), oneThreshold);

/** When a release is cut, well-formed, judged no more often than the controller can. */
export function abortWhen(shortest: DurationText): Check {
  return all(
    shape<AbortWhen>({
      ...thresholds,
      every: optional(duration({ min: shortest })),
      noTraffic: oneOf("hold", "promote", "abort"),
    }),
    oneThreshold,
  );
}

/** What stands for the parts of `abortWhen` that were left out. */
export const abortDefaults = { every: "10s", atLeast: 10 } as const;
