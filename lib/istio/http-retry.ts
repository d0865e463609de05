import { bool, type Check, didYouMean, optional, satisfies } from "../core/check";
import type { DurationText } from "../core/duration";
import { isDeferred, noneOf, part, type Rule } from "./part";
import { count31, duration } from "./text";
import { tolerated } from "./tolerated";

/** How failed tries of a request are repeated. */
export interface HttpRetry {
  /** Further tries after the first: 3 makes up to 4 tries. 0 switches retries off, also Istio's default of 2. */
  readonly attempts?: number;
  /**
   * Time limit of one try. Unit: duration text, at least 1ms.
   *
   * A try that exceeds it is only repeated under `5xx`, `gateway-error` or `reset`.
   *
   * @default - the time limit of the route
   */
  readonly perTryTimeout?: DurationText;
  /**
   * What counts as failed: words of Envoy and HTTP status codes, with commas and without spaces.
   *
   * @default "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes", up to Istio 1.23 with 503
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
   */
  readonly retryOn?: string;
  /** Whether a repeated try may go to another locality. @default - as the mesh is configured */
  readonly retryRemoteLocalities?: boolean;
  /** Whether a repeated try avoids pods that failed before. From Istio 1.26. @default true */
  readonly retryIgnorePreviousHosts?: boolean;
  /** Pause before the first repeated try; it grows from there. From Istio 1.26. Unit: duration text, at least 1ms. @default "25ms" */
  readonly backoff?: DurationText;
}

/** Words that `retryOn` knows, beside HTTP status codes. */
export const retryWords = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "retriable-4xx",
  "refused-stream",
  "retriable-status-codes",
  "retriable-headers",
  "envoy-ratelimited",
  "http3-post-connect-failure",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
] as const;

/**
 * A condition under which a try is repeated.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
export type RetryOn = (typeof retryWords)[number];

/** Status codes that IANA has registered: Istio refuses any other number. */
const statusRanges: readonly (readonly [number, number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

const isRetryWord = (word: string): boolean =>
  (retryWords as readonly string[]).includes(word) ||
  (/^\d{3}$/.test(word) && statusRanges.some(([first, last]) => Number(word) >= first && Number(word) <= last));

const unknownWords = (value: unknown): readonly string[] =>
  typeof value === "string" && value !== "" ? value.split(",").filter((word) => !isRetryWord(word)) : [];

const retryOn: Check = satisfies(
  `words with commas between and without spaces: ${retryWords.join(", ")} or HTTP status codes`,
  (value) => typeof value === "string" && unknownWords(value).length === 0,
  (value) => unknownWords(value).map((word) => didYouMean(word.trim(), retryWords) ?? `${JSON.stringify(word)} is unknown.`)[0],
);

/** Istio reads 0503 as 503. */
const isOnButForZeros = (value: unknown): boolean =>
  typeof value === "string" && unknownWords(value.replaceAll(/(?<=^|,)[-+]?0+(?=\d)/g, "")).length === 0;

/** Istio refuses details of retries that do not happen. */
const noDetailsWithout: Rule<HttpRetry> = (retries, path) =>
  (retries.attempts ?? 0) === 0 && !isDeferred(retries.attempts)
    ? noneOf(retries, path, "attempts is 0 and nothing is repeated", "perTryTimeout", "retryOn", "retryRemoteLocalities")
    : [];

/** Retries that Istio takes. */
export const httpRetry: Check = part<HttpRetry>(
  {
    attempts: optional(count31),
    perTryTimeout: optional(duration),
    retryOn: optional(tolerated(retryOn, isOnButForZeros)),
    retryRemoteLocalities: optional(bool),
    retryIgnorePreviousHosts: optional(bool),
    backoff: optional(duration),
  },
  noDetailsWithout,
);
