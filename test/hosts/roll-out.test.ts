import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rollOut, tryEach } from "../../lib/hosts/roll-out";

/** Works for as many turns of the event loop as a target's number says, and keeps count. */
async function counted(turns: readonly number[], atATime: number, fails: (index: number) => boolean = () => false) {
  const begun: number[] = [];
  let [running, most, first] = [0, 0, true];
  const work = async (index: number): Promise<string> => {
    if (first) expect(running).toBe(0);
    begun.push(index);
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < (turns[index] ?? 0); turn++) await setImmediate();
    expect(index > 0 || begun.length === 1).toBe(true);
    first = false;
    running -= 1;
    if (fails(index)) throw new Error(`${index} failed`);
    return `did ${index}`;
  };
  const steps = await rollOut([...turns.keys()], work, { atATime });
  return { begun, most, steps };
}

const turns = fc.array(fc.nat(4), { maxLength: 12 });

describe("a roll-out", () => {
  test("begins alone, then works on so many at most, and comes to the end of all", () =>
    fc.assert(
      fc.asyncProperty(turns, fc.integer({ min: 1, max: 5 }), async (each, atATime) => {
        const { begun, most, steps } = await counted(each, atATime);
        expect(begun).toEqual([...each.keys()]);
        expect(most).toBeLessThanOrEqual(atATime);
        expect(steps).toEqual(each.map((_, index) => ({ state: "done", target: index, result: `did ${index}` })));
      }),
    ));

  test("begins nothing after the first failure, and says for each what happened", () =>
    fc.assert(
      fc.asyncProperty(turns, fc.integer({ min: 1, max: 5 }), fc.nat(11), async (each, atATime, bad) => {
        const { begun, steps } = await counted(each, atATime, (index) => index === bad);
        expect(steps.map(({ state }, index) => (state === "not-begun" ? undefined : index)).filter((index) => index !== undefined)).toEqual(
          begun,
        );
        expect(steps.flatMap((step) => (step.state === "failed" ? [String(step.error)] : []))).toEqual(
          bad < each.length ? [`Error: ${bad} failed`] : [],
        );
        if (bad === 0) expect(begun.length).toBeLessThanOrEqual(1);
        if (bad < each.length) expect(begun.length).toBeLessThan(each.length + 1);
      }),
    ));

  test("the first failure leaves the others alone", async () => {
    const { steps } = await counted([1, 1, 1], 2, (index) => index === 0);
    expect(steps.map(({ state }) => state)).toEqual(["failed", "not-begun", "not-begun"]);
  });

  test("what is under way comes to its end", async () => {
    const { steps } = await counted([0, 1, 4, 1, 1], 2, (index) => index === 1);
    expect(steps.map(({ state }) => state)).toEqual(["done", "failed", "done", "not-begun", "not-begun"]);
  });

  test.each([0, 1.5, -1, Number.NaN])("refuses to work on %s at a time", async (atATime) => {
    await expect(rollOut([1], async () => 1, { atATime })).rejects.toThrow("atATime");
  });
});

describe("trying each", () => {
  test("comes to the end of all, whatever becomes of some, and says for each in its order", () =>
    fc.assert(
      fc.asyncProperty(turns, fc.integer({ min: 1, max: 5 }), fc.nat(11), async (each, atATime, bad) => {
        let [running, most] = [0, 0];
        const work = async (index: number): Promise<number> => {
          running += 1;
          most = Math.max(most, running);
          for (let turn = 0; turn < (each[index] ?? 0); turn++) await setImmediate();
          running -= 1;
          if (index === bad) throw new Error("bad");
          return index;
        };
        const steps = await tryEach([...each.keys()], work, atATime);
        expect(most).toBeLessThanOrEqual(atATime);
        expect(steps.map(({ state, target }) => [state, target])).toEqual(
          [...each.keys()].map((index) => [index === bad ? "failed" : "done", index]),
        );
      }),
    ));
});
