import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Waits, waitingOrder } from "../../lib/pulumi/waiting-order";

const size = 8;
const links = (back: boolean): fc.Arbitrary<Waits> =>
  fc
    .array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 20 })
    .map((pairs) =>
      Array.from(
        { length: size },
        (_, own) => new Set(pairs.filter(([from, to]) => from === own && (back ? to < from : to !== from)).map(([, to]) => to)),
      ),
    );

describe("the order in which objects wait for each other", () => {
  test("has each once, after everything that it waits for", () => {
    fc.assert(
      fc.property(links(true), links(false), (declared, derived) => {
        const { order, waits } = waitingOrder(declared, derived);
        expect([...order].sort()).toEqual(declared.map((_, index) => index));
        for (const [index, others] of waits.entries())
          for (const other of others) expect(order.indexOf(other)).toBeLessThan(order.indexOf(index));
      }),
    );
  });

  test("keeps all that was declared, and invents nothing", () => {
    fc.assert(
      fc.property(links(true), links(false), (declared, derived) => {
        for (const [index, waits] of waitingOrder(declared, derived).waits.entries()) {
          expect([...(declared[index] ?? [])].filter((other) => !waits.has(other))).toEqual([]);
          expect([...waits].filter((other) => !declared[index]?.has(other) && !derived[index]?.has(other))).toEqual([]);
        }
      }),
    );
  });

  test("keeps all that was derived where nothing runs in a circle", () => {
    fc.assert(
      fc.property(links(true), links(true), (declared, derived) => {
        const { waits } = waitingOrder(declared, derived);
        expect(waits.map((others) => [...others].sort())).toEqual(
          declared.map((others, index) => [...new Set([...others, ...(derived[index] ?? [])])].sort()),
        );
      }),
    );
  });

  test("drops what was derived inside a circle, and nowhere else", () => {
    const derived = [new Set([1]), new Set([0]), new Set([0])];
    expect(waitingOrder([new Set(), new Set([0]), new Set()], derived)).toEqual({
      order: [0, 1, 2],
      waits: [new Set(), new Set([0]), new Set([0])],
    });
  });

  test("refuses a circle that somebody declared", () => {
    expect(() => waitingOrder([new Set([1]), new Set([0])], [new Set(), new Set()])).toThrow("Dependency cycle");
  });
});
