import { defaultAttempts, defaultBackoff, longestTime } from "../../istio/retry-arithmetic";
import { tryGoMilliseconds } from "../../istio/text";
import { type Data, text } from "../fields";

/** What a route of HTTP says of time and of retries. Unit of every time: milliseconds. */
export interface HttpLimits {
  /** Time limit of the whole request; undefined for none. */
  readonly timeout: number | undefined;
  /** Retries after the first try. */
  readonly attempts: number;
  /** Time limit of one try; undefined where the request's is the only one. */
  readonly perTry: number | undefined;
  /** Pause that the first repeated try is counted from. */
  readonly backoff: number;
  /** Conditions under which a try is repeated; undefined for Istio's own. */
  readonly words: readonly string[] | undefined;
  /** Who says how often: the route itself, the mesh's configuration, or nobody, so that Istio's own number holds. */
  readonly said: "route" | "mesh" | "nobody";
}

/** Where nothing is said: no time limit, and Istio's own two retries. */
export const silentLimits: HttpLimits = {
  timeout: undefined,
  attempts: defaultAttempts,
  perTry: undefined,
  backoff: defaultBackoff,
  words: undefined,
  said: "nobody",
};

/**
 * Reads the limits of a route. Undefined where one of them cannot be read: nobody can say then what holds.
 *
 * @param policy - the mesh's own `defaultHttpRetryPolicy`, for routes without retries
 */
export function httpLimits(route: Data, policy: unknown): HttpLimits | undefined {
  const timeout = milliseconds(route.timeout);
  const said = isSet(route.retries) ? "route" : isSet(policy) ? "mesh" : "nobody";
  const retries = retriesOf(said === "route" ? route.retries : policy);
  if (timeout === "unreadable" || retries === undefined) return undefined;
  return { ...retries, timeout, said };
}

/** Longest time that a caller waits. Unit: milliseconds; Infinity without a limit. */
export function longestWait({ timeout, attempts, perTry, backoff }: HttpLimits): number {
  return Math.min(
    timeout ?? Number.POSITIVE_INFINITY,
    perTry === undefined ? Number.POSITIVE_INFINITY : longestTime({ attempts, perTry, backoff }),
  );
}

/** Time that the service has for its answer to one try. Unit: milliseconds; Infinity without a limit. */
export function timeForATry({ timeout, perTry }: HttpLimits): number {
  return Math.min(timeout ?? Number.POSITIVE_INFINITY, perTry ?? Number.POSITIVE_INFINITY);
}

type Retries = Omit<HttpLimits, "timeout" | "said">;

/** Retries that are written without a number, or with 0, are none. */
function retriesOf(value: unknown): Retries | undefined {
  if (!isSet(value)) return silentLimits;
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  const { attempts = 0, perTryTimeout, retryOn, backoff } = value as Data;
  const [perTry, base] = [milliseconds(perTryTimeout), milliseconds(backoff)];
  if (!isCount(attempts) || perTry === "unreadable" || base === "unreadable" || (isSet(retryOn) && text(retryOn) === undefined))
    return undefined;
  const repeats = attempts > 0;
  return { attempts, perTry: repeats ? perTry : undefined, backoff: base ?? defaultBackoff, words: wordsOf(text(retryOn) ?? "") };
}

function wordsOf(retryOn: string): readonly string[] | undefined {
  const words = retryOn.split(",").map((word) => word.trim());
  const some = words.filter((word) => word !== "");
  return some.length === 0 ? undefined : some;
}

/** A limit of zero is none. */
function milliseconds(value: unknown): number | "unreadable" | undefined {
  if (!isSet(value)) return undefined;
  const ms = tryGoMilliseconds(value);
  return ms === undefined ? "unreadable" : ms === 0 ? undefined : ms;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
