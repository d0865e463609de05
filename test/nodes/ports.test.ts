import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listenersOf, merged, type Ports, portRange, portsText, reservedPortsValue, taken } from "../../lib/nodes/ports";

const ports: fc.Arbitrary<Ports> = fc
  .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 30 }))
  .map(([low, length]) => ({ low, high: low + length }));
const each = (ranges: readonly Ports[]): number[] =>
  [...new Set(ranges.flatMap(({ low, high }) => Array.from({ length: high - low + 1 }, (_, index) => low + index)))].sort((a, b) => a - b);

test.each(["80", "1-", "-1", "5-4", "1-65536", "0-1", "1 - 2", "1-2\n", 0, 65_536, 1.5, Number.NaN, null, undefined])(
  "%j is no range of ports",
  (value) => {
    expect(portRange("", value)).toHaveLength(1);
  },
);

test.each([1, 65_535, "30000-32767", "1-1"])("%j is a range of ports", (value) => {
  expect(portRange("", value)).toEqual([]);
});

describe("merged", () => {
  test("keeps every port, and only those", () => {
    fc.assert(fc.property(fc.array(ports), (ranges) => void expect(each(merged(ranges))).toEqual(each(ranges))));
  });

  test("leaves a gap between any two ranges, as the kernel shows them", () => {
    fc.assert(
      fc.property(fc.array(ports), (ranges) => {
        const result = merged(ranges);
        expect(result.every(({ low }, index) => index === 0 || low > (result[index - 1]?.high ?? 0) + 1)).toBe(true);
      }),
    );
  });
});

test("reserved ports are written as the kernel reads them back", () => {
  expect(reservedPortsValue(["30000-32767", 10_250, 10_249, "2379-2380", 6443, "2380-2380"])).toBe(
    "2379-2380,6443,10249-10250,30000-32767",
  );
});

test("taken ports are those of listeners, in the range, and not reserved", () => {
  fc.assert(
    fc.property(fc.array(ports, { maxLength: 5 }), ports, fc.array(ports, { maxLength: 5 }), (listeners, range, reserved) => {
      const found = taken(
        listeners.map((listener) => ({ ...listener, what: "x" })),
        range,
        reserved,
      );
      const expected = each(listeners).filter((port) => port >= range.low && port <= range.high && !each(reserved).includes(port));
      expect(each(found)).toEqual(expected);
    }),
  );
});

test("nothing listens in the kernel's own range of local ports", () => {
  expect([
    ...taken(listenersOf("kubeadm"), { low: 32_768, high: 60_999 }, []),
    ...taken(listenersOf("k3s"), { low: 32_768, high: 60_999 }, []),
  ]).toEqual([]);
});

test("the NodePorts of the cluster are looked at, whatever they are", () => {
  expect(taken(listenersOf("kubeadm", "40000-40100"), { low: 32_768, high: 60_999 }, []).map(portsText)).toEqual(["40000-40100"]);
});
