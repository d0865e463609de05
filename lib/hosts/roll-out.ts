import { wholeNumber } from "../core/check";
import { refuse } from "../core/problem";

/** How many are worked on at once. */
export interface RollOutOptions {
  /**
   * Most that are worked on at once, once the first has gone well. Range: 1 to 1000.
   *
   * @default 5
   */
  readonly atATime?: number;
}

/** What became of one target of a roll-out. */
export type RollOutStep<Target, Result> =
  | {
      readonly state: "done";
      /** What was worked on. */
      readonly target: Target;
      /** What the work returned. */
      readonly result: Result;
    }
  | {
      readonly state: "failed";
      /** What was worked on. */
      readonly target: Target;
      /** What the work threw. */
      readonly error: unknown;
    }
  | {
      readonly state: "not-begun";
      /** What was left as it was, because another one had failed before. */
      readonly target: Target;
    };

/**
 * Works on the first target alone, then on the others, at most so many at once. The first failure stops the roll-out: what is under way comes to
 * its end, and nothing more is begun.
 *
 * Returns one step for each target, in their order; failures are steps too, so it does not throw for them.
 *
 * @throws InvalidInput when `atATime` is not a whole number from 1 to 1000.
 */
export async function rollOut<Target, Result>(
  targets: readonly Target[],
  work: (target: Target) => Promise<Result>,
  { atATime = 5 }: RollOutOptions = {},
): Promise<readonly RollOutStep<Target, Result>[]> {
  refuse("rollOut", wholeNumber(1, 1_000)("atATime", atATime));
  const steps = targets.map((target): RollOutStep<Target, Result> => ({ state: "not-begun", target }));
  const waiting = targets.map((target, index) => ({ target, index }));
  let stopped = false;
  const next = async (): Promise<boolean> => {
    const turn = stopped ? undefined : waiting.shift();
    if (turn === undefined) return false;
    const { target, index } = turn;
    try {
      steps[index] = { state: "done", target, result: await work(target) };
    } catch (error) {
      stopped = true;
      steps[index] = { state: "failed", target, error };
    }
    return true;
  };
  const untilDone = async (): Promise<void> => {
    while (await next());
  };
  await next();
  await Promise.all(Array.from({ length: atATime }, untilDone));
  return steps;
}

/** Most targets that are looked at at once; looking changes nothing. */
const looksAtATime = 20;

/**
 * Works on all targets, at most so many at once, whatever becomes of some of them: so one run names every host that cannot be asked.
 *
 * Returns one step for each target, in their order. None is `not-begun`.
 */
export async function tryEach<Target, Result>(
  targets: readonly Target[],
  work: (target: Target) => Promise<Result>,
  atATime: number = looksAtATime,
): Promise<readonly RollOutStep<Target, Result>[]> {
  const tried = async (target: Target): Promise<RollOutStep<Target, Result>> => {
    try {
      return { state: "done", target, result: await work(target) };
    } catch (error) {
      return { state: "failed", target, error };
    }
  };
  const steps: RollOutStep<Target, Result>[] = [];
  const waiting = [...targets.entries()];
  const untilDone = async (): Promise<void> => {
    for (let turn = waiting.shift(); turn !== undefined; turn = waiting.shift()) steps[turn[0]] = await tried(turn[1]);
  };
  await Promise.all(Array.from({ length: atATime }, untilDone));
  return steps;
}
