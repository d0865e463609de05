import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DurationText } from "../../lib/core/duration";
import { milliseconds } from "../../lib/core/duration";
import { httpRetry, type RetryPolicy, retryFaults, triesThatFit } from "../../lib/mesh/retries";

const careful: RetryPolicy = { attempts: 3, perTryTimeout: "400ms", on: ["gateway-error"], methods: ["GET"] };
const codesOf = (policy: RetryPolicy, timeout: DurationText | undefined, retries503ByDefault = false): readonly string[] =>
  retryFaults(policy, { timeout, retries503ByDefault }).map(({ code }) => code);

describe("a retry policy", () => {
  test("that fits, sees slow tries and repeats only reads has no fault", () => {
    expect(codesOf(careful, "2s")).toEqual([]);
  });

  test("counts the first try and the pauses: 4 tries of 500ms do not fit into 2s", () => {
    expect(retryFaults({ ...careful, perTryTimeout: "500ms" }, { timeout: "2s", retries503ByDefault: false })).toMatchInlineSnapshot(`
      [
        {
          "code": "MG0301",
          "fix": "Set perTryTimeout to at most "431ms", or lower attempts.",
          "message": "4 tries of 500ms and the pauses between them do not fit into the timeout of 2s: when the service is slow, 3 of them can run.",
          "prop": "retries.perTryTimeout",
        },
      ]
    `);
  });

  test("of the reference's file 04 has both faults, and repeats writes on the releases that retry a 503 by default", () => {
    const file04: RetryPolicy = { attempts: 3, perTryTimeout: "2s", on: "default", methods: "all" };
    expect(triesThatFit(file04, "2s")).toBe(1);
    expect(codesOf(file04, "2s", true)).toEqual(["MG0301", "MG0302", "MG0303"]);
    expect(codesOf(file04, "2s", false)).toEqual(["MG0301", "MG0302"]);
  });

  test("is blind to slow tries unless one of 5xx, gateway-error and reset is there", () => {
    for (const word of ["5xx", "gateway-error", "reset"] as const) expect(codesOf({ ...careful, on: [word] }, "2s")).toEqual([]);
    for (const word of ["connect-failure", "retriable-status-codes", "refused-stream"] as const) {
      expect(codesOf({ ...careful, on: [word] }, "2s")).toEqual(["MG0302"]);
    }
  });

  test("may repeat writes that the service cannot have seen", () => {
    expect(codesOf({ ...careful, on: ["connect-failure", "gateway-error"], methods: ["POST"] }, "2s")).toEqual(["MG0303"]);
    expect(codesOf({ ...careful, on: ["connect-failure"], methods: ["POST"] }, "2s")).toEqual(["MG0302"]);
    expect(codesOf({ ...careful, methods: ["PUT", "DELETE"] }, "2s")).toEqual([]);
  });

  test("of no attempts switches Istio's own retries off", () => {
    expect(httpRetry({ ...careful, attempts: 0 })).toEqual({ attempts: 0 });
    expect(codesOf({ ...careful, attempts: 0, perTryTimeout: "9s" }, "2s")).toEqual([]);
  });
});

test("the fix that an error names is right", () => {
  const policies = fc.record({
    attempts: fc.integer({ min: 1, max: 10 }),
    each: fc.integer({ min: 1, max: 5_000 }),
    total: fc.integer({ min: 1, max: 60_000 }),
  });
  fc.assert(
    fc.property(policies, ({ attempts, each, total }) => {
      const policy: RetryPolicy = { ...careful, attempts, perTryTimeout: `${each}ms` };
      const [fault] = retryFaults(policy, { timeout: `${total}ms`, retries503ByDefault: false });
      const better = /at most "(\d+)ms"/.exec(fault?.fix ?? "")?.[1];
      fc.pre(better !== undefined);
      expect(codesOf({ ...policy, perTryTimeout: `${Number(better)}ms` }, `${total}ms`)).toEqual([]);
    }),
  );
});

test("more time never lets fewer tries run", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 0, max: 10 }),
      (total, each, attempts) => {
        const policy: RetryPolicy = { ...careful, attempts, perTryTimeout: `${each}ms` };
        const tries = triesThatFit(policy, `${total}ms`);
        expect(tries).toBeGreaterThanOrEqual(1);
        expect(tries).toBeLessThanOrEqual(attempts + 1);
        expect(triesThatFit(policy, `${total + 100}ms`)).toBeGreaterThanOrEqual(tries);
        expect((tries - 1) * milliseconds(policy.perTryTimeout)).toBeLessThanOrEqual(Math.max(total, milliseconds(policy.perTryTimeout)));
      },
    ),
  );
});
