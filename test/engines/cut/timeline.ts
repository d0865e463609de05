import { setTimeout as pause } from "node:timers/promises";
import { until } from "../processes";

/** What was looked at had a value from this time on. */
interface Seen {
  /** Unix time. Unit: milliseconds. */
  readonly at: number;
  readonly value: unknown;
}

/** Values that are looked at ten times a second, each with the times at which it became another one. */
export class Timeline {
  readonly #look: () => Promise<Readonly<Record<string, unknown>>>;
  readonly #seen = new Map<string, Seen[]>();
  readonly #loop: Promise<void>;
  #error: unknown;
  #over = false;

  constructor(look: () => Promise<Readonly<Record<string, unknown>>>) {
    this.#look = look;
    this.#loop = this.#run();
  }

  /** What a value is now. */
  now(key: string): unknown {
    return this.#seen.get(key)?.at(-1)?.value;
  }

  /** When a value was first seen to be such, not before a time. Unix time, in milliseconds; undefined when it never was. */
  first(key: string, holds: (value: unknown) => boolean, after: number = 0): number | undefined {
    const changes = this.#seen.get(key) ?? [];
    const found = changes.find(({ value }, index) => holds(value) && (changes[index + 1]?.at ?? Number.POSITIVE_INFINITY) > after);
    return found === undefined ? undefined : Math.max(found.at, after);
  }

  /** Waits until a value is such, or was at some time not before the one given. */
  async until(key: string, holds: (value: unknown) => boolean, { after = 0, within = 90_000 } = {}): Promise<number> {
    await until(
      () => {
        if (this.#error !== undefined) throw this.#error;
        return this.first(key, holds, after) !== undefined;
      },
      () => `${key}: ${this.told(key)}`,
      { within },
    );
    return this.first(key, holds, after) ?? 0;
  }

  /** All that a value has been, with the seconds since the first. */
  told(key: string): string {
    const changes = this.#seen.get(key) ?? [];
    return changes.map(({ at, value }) => `${((at - (changes[0]?.at ?? 0)) / 1_000).toFixed(1)} s ${JSON.stringify(value)}`).join(", ");
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      try {
        this.#note(await this.#look(), Date.now());
      } catch (error) {
        this.#error = error;
        return;
      }
      await pause(100);
    }
  }

  #note(values: Readonly<Record<string, unknown>>, at: number): void {
    for (const [key, value] of Object.entries(values)) {
      const changes = this.#seen.get(key) ?? [];
      if (changes.length === 0 || JSON.stringify(changes.at(-1)?.value) !== JSON.stringify(value))
        this.#seen.set(key, [...changes, { at, value }]);
    }
  }
}

/** Time between two times, as evidence says it. */
export function seconds(from: number, to: number): string {
  return `${((to - from) / 1_000).toFixed(1)} s`;
}
