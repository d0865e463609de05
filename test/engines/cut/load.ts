import { setTimeout as pause } from "node:timers/promises";
import type { Answer } from "../mesh/load.mts";
import type { Pod } from "../mesh/pod";

/** Sends some fifty requests a second to each of the services for as long as something takes, and a second before and after. Gives the answers by service. */
export async function underLoad(
  web: Pod,
  services: readonly string[],
  during: () => Promise<void>,
): Promise<Readonly<Record<string, readonly Answer[]>>> {
  const work = pause(1_000).then(during);
  // Every load waits for the same work and ends with it.
  const done = work.then(() => pause(1_000));
  const answers = await Promise.all(
    services.map(async (service) => {
      const load = { url: `http://${service}:8080/`, concurrency: 4, pause: 70 };
      return [service, await web.sendWhile([load], () => done)] as const;
    }),
  );
  return Object.fromEntries(answers);
}

/** What became of the requests of which pods answered whose names begin so. */
export interface Suffered {
  /** When the first answer that should not be was there, and when the last request that got any answer of these pods was sent. Unix time. */
  readonly firstBad: number;
  readonly lastSent: number;
  /** Requests while these pods had traffic, and those of them that failed or were answered late. */
  readonly requests: number;
  readonly bad: number;
}

/** What callers have suffered of a version: answers other than 200, or later than 300 ms. */
export function sufferedOf(answers: readonly Answer[], pods: string): Suffered {
  const theirs = answers.filter(([, , , body]) => body.startsWith(pods));
  const bad = answers.filter(isBad);
  const [at = 0, took = 0] = bad[0] ?? [];
  const lastSent = Math.max(...theirs.map(([sent]) => sent));
  const begin = Math.min(...theirs.map(([sent]) => sent));
  const during = answers.filter(([sent]) => sent >= begin && sent <= lastSent);
  return { firstBad: at + took, lastSent, requests: during.length, bad: bad.length };
}

/** An answer that a caller would complain of. */
export function isBad([, took, status]: Answer): boolean {
  return status !== 200 || took > 300;
}
