import { isIPv4 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstOfRange, isCidr } from "../../lib/core/cidr";

test.each([
  ["10.0.5.7/24", "10.0.5.0/24"],
  ["10.0.5.7/32", "10.0.5.7/32"],
  ["10.255.255.255/9", "10.128.0.0/9"],
  ["10.0.5.7/0", "0.0.0.0/0"],
  ["2001:db8::ff:1/120", "2001:db8::ff:0/120"],
  ["::0:0:0:1/1", "::/1"],
  ["fe80:1:2:3:4:5:6:7/17", "fe80::/17"],
  ["::ffff:10.0.5.7/120", "::ffff:a00:500/120"],
])("%s begins with %s", (range, first) => {
  expect(firstOfRange(range)).toBe(first);
});

test("the first of a range is a range, and begins with itself", () => {
  const range = fc
    .oneof(fc.ipV4(), fc.ipV6())
    .chain((address) => fc.integer({ min: 0, max: isIPv4(address) ? 32 : 128 }).map((bits) => `${address}/${bits}`));
  fc.assert(
    fc.property(range, (text) => {
      const first = firstOfRange(text);
      expect(isCidr(first) && firstOfRange(first) === first).toBe(true);
      expect(first.split("/")[1]).toBe(text.split("/")[1]);
    }),
  );
});
