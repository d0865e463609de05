import { setTimeout as pause } from "node:timers/promises";
import type { Answer } from "../mesh/load.mts";
import type { Pod } from "../mesh/pod";

/**
 * Sends some fifty requests a second to each of the services for as long as something takes, and a second before and after. Gives the answers by
 * service. Unit of `every`, the time between an answer and the next request of each of the four senders: milliseconds.
 */
export async function underLoad(
  web: Pod,
  services: readonly string[],
  during: () => Promise<void>,
  every: number = 70,
): Promise<Readonly<Record<string, readonly Answer[]>>> {
  const work = pause(1_000).then(during);
  // Every load waits for the same work and ends with it.
  const done = work.then(() => pause(1_000));
  const answers = await Promise.all(
    services.map(async (service) => {
      const load = { url: `http://${service}:8080/`, concurrency: 4, pause: every };
      return [service, await web.sendWhile([load], () => done)] as const;
    }),
  );
  return Object.fromEntries(answers);
}

/** What became of requests while a version had some of them. Times are Unix time, in milliseconds. */
interface Suffered {
  /** When the first answer that should not be was there. */
  readonly firstBad: number;
  /** When the last request was sent that the version answered. */
  readonly lastSent: number;
  /** Requests to the service from the first to the last that the version answered. */
  readonly requests: number;
  /** Requests to the service that failed or were answered late. */
  readonly bad: number;
}

/** What callers have suffered of a version, whose answers are told by a function: answers other than 200, or later than 300 ms. */
export function sufferedOf(answers: readonly Answer[], isTheirs: (answer: Answer) => boolean): Suffered {
  const bad = answers.filter(isBad);
  const [at = 0, took = 0] = bad[0] ?? [];
  const sent = answers.filter(isTheirs).map(([time]) => time);
  const [begin, lastSent] = [Math.min(...sent), Math.max(...sent)];
  const during = answers.filter(([time]) => time >= begin && time <= lastSent);
  return { firstBad: at + took, lastSent, requests: during.length, bad: bad.length };
}

/** An answer that a caller would complain of. */
export function isBad([, took, status]: Answer): boolean {
  return status !== 200 || took > 300;
}
