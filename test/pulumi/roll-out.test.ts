import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { predecessors } from "../../lib/pulumi/roll-out";

const count = fc.integer({ min: 1, max: 60 });
const width = fc.integer({ min: 1, max: 12 });

/** The most that are under way at once when each takes as long as it likes, by waves. */
function atOnce(machines: number, atATime: number): number {
  const done = new Set<number>();
  let most = 0;
  while (done.size < machines) {
    const ready = Array.from({ length: machines }, (_, index) => index).filter(
      (index) => !done.has(index) && predecessors(index, atATime).every((other) => done.has(other)),
    );
    most = Math.max(most, ready.length);
    for (const index of ready) done.add(index);
  }
  return most;
}

describe("a roll-out over a pool", () => {
  test("begins with one machine, and never works on more at once than asked for", () => {
    fc.assert(
      fc.property(count, width, (machines, atATime) => {
        expect(atOnce(machines, atATime)).toBe(Math.min(Math.max(1, machines - 1), atATime));
      }),
    );
  });

  test("waits only for machines before", () => {
    fc.assert(
      fc.property(fc.nat(60), width, (index, atATime) => {
        const before = predecessors(index, atATime);
        expect(before.every((other) => other < index)).toBe(true);
        expect(new Set(before).size).toBe(before.length);
        expect(index === 0 || before.includes(0)).toBe(true);
      }),
    );
  });
});
