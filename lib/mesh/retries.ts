import { type Check, listOf, oneOf, satisfies, shape, when, wholeNumber } from "../core/check";
import { type DurationText, duration, milliseconds } from "../core/duration";
import type { Fault } from "../core/finding";
import { type HttpRetry, type RetryOn, retryWords } from "../istio/http-retry";
import { triesThatFit as fitting, isRepeatable, longestTry, seesSlowTry, servedWords, type Tries } from "../istio/retry-arithmetic";

const httpMethods = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH"] as const;

/** An HTTP request method (RFC 9110). */
export type HttpMethod = (typeof httpMethods)[number];

/** How often, when and for which requests a call is tried again. Nothing is implied: Istio's own defaults hardly ever retry. */
export interface RetryPolicy {
  /** Retries after the first try, so up to `attempts + 1` tries. Range: 0 to 10; 0 switches off Istio's two default retries. */
  readonly attempts: number;
  /** Time limit of one try, at least 1ms. All tries and the pauses between them must fit into the service's `timeout`. */
  readonly perTryTimeout: DurationText;
  /**
   * What is tried again; `"default"` leaves it to the Istio release. Only `5xx`, `gateway-error` and `reset` see a try that was too
   * slow, and since Istio 1.24 the default does not see a 503 either.
   */
  readonly on: "default" | readonly [RetryOn, ...RetryOn[]];
  /**
   * Methods whose requests are tried again; the others get one try. `"all"` repeats writes too: a POST that is repeated after the
   * server took it happens twice.
   */
  readonly methods: "all" | readonly [HttpMethod, ...HttpMethod[]];
}

/** A retry policy whose parts are well-formed. Whether it can run is for {@link retryFaults}. */
export const retryPolicy: Check = shape<RetryPolicy>({
  attempts: wholeNumber(0, 10),
  perTryTimeout: duration(),
  on: when(
    Array.isArray,
    listOf(oneOf(...retryWords), { min: 1 }),
    satisfies('"default", or a list such as ["gateway-error", "connect-failure"]', (value) => value === "default"),
  ),
  methods: when(
    Array.isArray,
    listOf(oneOf(...httpMethods), { min: 1 }),
    satisfies('a list such as ["GET", "HEAD"], or "all"', (value) => value === "all"),
  ),
});

/** The retry policy as a route of a VirtualService carries it. */
export function httpRetry({ attempts, perTryTimeout, on }: RetryPolicy): HttpRetry {
  if (attempts === 0) return { attempts };
  return { attempts, perTryTimeout, ...(on !== "default" && { retryOn: on.join(",") }) };
}

/** What retries depend on beside themselves. */
export interface RetrySurroundings {
  /** Time limit of the whole request; undefined when there is none. */
  readonly timeout: DurationText | undefined;
  /** Whether the release's default `retryOn` holds 503 (Istio up to 1.23). */
  readonly retries503ByDefault: boolean;
}

/** Why a retry policy cannot do what it says, or does more than anybody wants. */
export function retryFaults(policy: RetryPolicy, surroundings: RetrySurroundings): readonly Fault[] {
  if (policy.attempts === 0) return [];
  return [...fitFaults(policy, surroundings), ...blindFaults(policy, surroundings), ...repeatFaults(policy, surroundings)];
}

/** How many tries can start before the timeout when every one of them takes as long as it may. */
export function triesThatFit(policy: RetryPolicy, timeout: DurationText): number {
  return fitting(triesOf(policy), milliseconds(timeout));
}

function triesOf({ attempts, perTryTimeout }: RetryPolicy): Tries {
  return { attempts, perTry: milliseconds(perTryTimeout) };
}

function fitFaults(policy: RetryPolicy, { timeout }: RetrySurroundings): readonly Fault[] {
  if (timeout === undefined) return [];
  const runs = triesThatFit(policy, timeout);
  if (runs > policy.attempts) return [];
  const each = longestTry(policy.attempts, milliseconds(timeout));
  const fix = each >= 1 ? `Set perTryTimeout to at most "${each}ms", or lower attempts.` : "Lower attempts, or raise timeout.";
  return [
    {
      code: "MG0301",
      prop: "retries.perTryTimeout",
      message: `${policy.attempts + 1} tries of ${policy.perTryTimeout} and the pauses between them do not fit into the timeout of ${timeout}: when the service is slow, ${runs} of them can run.`,
      fix,
    },
  ];
}

function blindFaults({ on, perTryTimeout }: RetryPolicy, { timeout }: RetrySurroundings): readonly Fault[] {
  if (on !== "default" && seesSlowTry(on)) return [];
  const early = timeout === undefined || milliseconds(perTryTimeout) < milliseconds(timeout);
  return [
    {
      code: "MG0302",
      prop: "retries.on",
      message: `${on === "default" ? "Istio's default retryOn" : `retryOn ${on.join(",")}`} does not see a try that was too slow: it is never repeated${early ? `, and the caller gets a 504 after ${perTryTimeout}, earlier than without retries` : ""}.`,
      fix: 'Add "gateway-error" to on.',
    },
  ];
}

function repeatFaults({ on, methods }: RetryPolicy, { retries503ByDefault }: RetrySurroundings): readonly Fault[] {
  const writes = methods === "all" ? "writes too" : methods.filter((method) => !isRepeatable(method)).join(" and ");
  const words = on === "default" ? (retries503ByDefault ? ["retriable-status-codes (503)"] : []) : servedWords(on);
  if (writes === "" || words.length === 0) return [];
  return [
    {
      code: "MG0303",
      prop: "retries.methods",
      message: `${words.join(", ")} repeats ${writes}, though the service may have done the work already: a payment is charged twice.`,
      fix: 'Name the methods that may be repeated: methods: ["GET", "HEAD"].',
    },
  ];
}
