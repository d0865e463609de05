/** Pause that Envoy counts from. Unit: milliseconds. */
export const defaultBackoff = 25;

/** Retries of a request where nobody says how many. */
export const defaultAttempts = 2;

/** Tries of a request. Unit of every time: milliseconds. */
export interface Tries {
  /** Retries after the first try. */
  readonly attempts: number;
  /** Time limit of one try. */
  readonly perTry: number;
  /** Pause that the first repeated try is counted from. @default 25 */
  readonly backoff?: number;
}

/**
 * Longest pauses between so many tries, in sum. Unit: milliseconds.
 *
 * Envoy draws the n-th pause from 0 to (2^n - 1) times the base, and never above ten times the base.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-max-retries
 */
export function longestPauses(tries: number, backoff: number = defaultBackoff): number {
  const retries = Math.max(0, tries - 1);
  return backoff * (retries <= 3 ? 2 ** (retries + 1) - 2 - retries : 11 + 10 * (retries - 3));
}

/** Longest time that so many tries take, with the pauses between them. Unit: milliseconds. */
export function longestTime({ attempts, perTry, backoff }: Tries): number {
  return (attempts + 1) * perTry + longestPauses(attempts + 1, backoff);
}

/** How many tries can run before the time is over when every one of them takes as long as it may. At least the first one. */
export function triesThatFit({ attempts, perTry, backoff = defaultBackoff }: Tries, total: number): number {
  const fits = (tries: number): boolean => longestTime({ attempts: tries - 1, perTry, backoff }) <= total;
  if (fits(attempts + 1)) return attempts + 1;
  // From the fifth try on each costs the same: its own time and ten times the base.
  const many = Math.floor((total + 29 * backoff) / (perTry + 10 * backoff));
  const fitting = many > 4 ? many : [4, 3, 2].find(fits);
  return Math.max(1, Math.min(fitting ?? 1, attempts));
}

/** Longest limit of one try with which all of them fit. Unit: whole milliseconds; below 1 when nothing fits. */
export function longestTry(attempts: number, total: number, backoff: number = defaultBackoff): number {
  return Math.floor((total - longestPauses(attempts + 1, backoff)) / (attempts + 1));
}

/** Conditions that see a try which ran into its time limit. */
const slowWords: readonly string[] = ["5xx", "gateway-error", "reset"];

/** Whether a try that ran into its time limit is repeated under these conditions. */
export function seesSlowTry(words: readonly string[]): boolean {
  return words.some((word) => slowWords.includes(word));
}

/** Conditions that hold for requests which the service may have served already. */
const lateWords: readonly string[] = ["5xx", "gateway-error", "reset", "http3-post-connect-failure", "deadline-exceeded", "internal"];

/**
 * The conditions under which a request is repeated that the service may have served already, status codes from 500 among them.
 *
 * A connection that never stood, a stream or a rate that was refused, and an answer that says why it did nothing are safe. So is what Istio
 * repeats by itself.
 */
export function servedWords(words: readonly string[]): readonly string[] {
  return words.filter((word) => lateWords.includes(word) || /^5\d\d$/.test(word));
}

/** Methods that may be repeated: to do them twice is to do them once. */
const repeatableMethods: readonly string[] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

/** Whether a request of this method may be repeated after it was served. */
export function isRepeatable(method: string): boolean {
  return repeatableMethods.includes(method);
}
