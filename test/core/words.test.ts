import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Check } from "../../lib/core/check";
import { cidr } from "../../lib/core/cidr";
import { type DurationText, duration, milliseconds, tryMilliseconds } from "../../lib/core/duration";
import { dnsLabel, dnsSubdomain, headerName, hostPattern, image, labelKey, labelValue, portName } from "../../lib/core/name";
import { nearest } from "../../lib/core/nearest";
import { cpuQuantity, memoryQuantity, quantity, resources } from "../../lib/core/quantity";

const takes = (check: Check, value: unknown): boolean => check("", value).length === 0;

/** Each word of the library, what it takes and what it refuses. */
const words: Readonly<Record<string, { check: Check; good: readonly unknown[]; bad: readonly unknown[] }>> = {
  dnsLabel: {
    check: dnsLabel,
    good: ["a", "shop-1", "1shop", "a".repeat(63)],
    bad: ["", "-a", "a-", "A", "a.b", "a_b", "a".repeat(64), "a\n", 1, null],
  },
  dnsSubdomain: { check: dnsSubdomain, good: ["a.b-c.d"], bad: ["a..b", ".a", "a.", "a b", "a/b"] },
  hostPattern: {
    check: hostPattern,
    good: ["shop.example.no", "*.example.no"],
    bad: ["*", "a.*.no", "https://x.no", "x.no:443", "x.no\n"],
  },
  portName: { check: portName, good: ["http", "grpc-api", "http2"], bad: ["", "HTTP", "80", "a--b", "-a", "a".repeat(16), "http\n"] },
  labelKey: { check: labelKey, good: ["app", "app.kubernetes.io/name"], bad: ["", "/x", "a/b/c", "-a", "a b", "a\n"] },
  labelValue: { check: labelValue, good: ["", "v1", "a.b_c-d"], bad: ["-", "a b", "é", "a".repeat(64), "v1\n"] },
  headerName: { check: headerName, good: ["x-canary"], bad: ["", "X-Canary", "a b", "a:b", "a\r\nb"] },
  image: {
    check: image,
    good: ["nginx", "r.example.no:5000/shop/pricing:2.0.0", `a/b@sha256:${"0".repeat(64)}`],
    bad: ["", "a b", "a:", 'a"b', "a\n", "$(x)", "../x"],
  },
  cidr: {
    check: cidr,
    good: ["10.0.5.0/24", "0.0.0.0/0", "2001:db8::/32"],
    bad: ["10.0.5.0", "10.0.5.0/33", "10.0.5/24", "10.0.5.0/24/1", "::/129", "a/1", "10.0.0.0/08"],
  },
  duration: { check: duration(), good: ["1ms", "2s", "1.5m", "1h"], bad: ["0s", "0.5ms", "2", "2 s", "-1s", "1e3s", "3sec", 2, "2s\n"] },
  cpuQuantity: { check: cpuQuantity, good: ["1", "500m", "0.5"], bad: ["0", "1Mi", "", "1e3", "-1", 1] },
  memoryQuantity: { check: memoryQuantity, good: ["128Mi", "1G", "1024"], bad: ["0", "100m", "1 Gi", "1gb", 128] },
};

describe.each(Object.entries(words))("%s", (_name, { check, good, bad }) => {
  test.each(good.map((value) => [value]))("takes %j", (value) => {
    expect(takes(check, value)).toBe(true);
  });
  test.each(bad.map((value) => [value]))("refuses %j", (value) => {
    expect(takes(check, value)).toBe(false);
  });
});

test("no word lets a control character, a quote or a blank through", () => {
  const strict = [
    dnsLabel,
    dnsSubdomain,
    hostPattern,
    portName,
    labelKey,
    labelValue,
    headerName,
    image,
    cidr,
    duration(),
    cpuQuantity,
    memoryQuantity,
  ];
  const hostile = fc.tuple(
    fc.string({ maxLength: 5 }),
    fc.constantFrom("\n", "\r", "\0", '"', " ", "\u2028", "$(", "\u0085"),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...strict), hostile, (check, parts) => {
      expect(takes(check, parts.join(""))).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

describe("a duration", () => {
  test("is the same span in every unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (seconds) => {
        expect(milliseconds(`${seconds}s`)).toBe(milliseconds(`${seconds * 1_000}ms`));
        expect(milliseconds(`${seconds}m`)).toBe(milliseconds(`${seconds * 60}s`));
      }),
    );
  });

  test("without a unit gets a hint", () => {
    expect(duration()("timeout", 5)[0]?.message).toContain('"5ms" or "5s"');
  });

  test("holds its bounds", () => {
    const check = duration({ min: "1s", max: "1m" });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 120_000 }), (ms) => {
        const text: DurationText = `${ms}ms`;
        expect(takes(check, text)).toBe(ms >= 1_000 && ms <= 60_000);
        expect(tryMilliseconds(text)).toBe(ms);
      }),
    );
  });
});

describe("resources", () => {
  test("refuse a request above its limit", () => {
    expect(resources("r", { requests: { cpu: "2" }, limits: { cpu: "500m" } })[0]).toEqual({
      path: "r.requests.cpu",
      message: 'got "2", expected at most the limit, 500m.',
    });
  });

  test("know that 1Gi is 1024Mi", () => {
    expect(quantity("1Gi")).toBe(quantity("1024Mi"));
    expect(quantity("500m")).toBe(0.5);
  });
});

test("a bare address gets the range it means", () => {
  expect(cidr("from", "10.0.0.1")[0]?.message).toContain('Did you mean "10.0.0.1/32"?');
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
      expect(isIP(address)).toBe(4);
      expect(takes(cidr, `${address}/${prefix}`)).toBe(true);
    }),
  );
});

test("the nearest word is named only when it is near", () => {
  expect(nearest("perTryTimout", ["perTryTimeout", "timeout"])).toBe("perTryTimeout");
  expect(nearest("banana", ["perTryTimeout", "timeout"])).toBeUndefined();
});
