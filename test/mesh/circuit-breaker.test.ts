import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionPool, ejectionFaults, maxEjectionPercent, outlierDetection } from "../../lib/mesh/circuit-breaker";

/** Pods that Envoy would eject: one more as long as the share, that pod included, is not above the percentage. */
function ejectable(pods: number, percent: number): number {
  let ejected = 0;
  while (ejected < pods && (100 * (ejected + 1)) / pods <= percent) ejected += 1;
  return ejected;
}

describe("the ejection of failing pods", () => {
  test("never takes out a pod of the stable version that is to be kept", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20 }), (pods, keep) => {
        expect(pods - ejectable(pods, maxEjectionPercent(pods, keep))).toBeGreaterThanOrEqual(Math.min(keep, pods));
      }),
    );
  });

  test("can take out at least one pod as soon as there is one more than is kept", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), (pods) => {
        expect(ejectable(pods, maxEjectionPercent(pods, 1))).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test("keeps one of two, which Istio's own 10 percent would not even begin with", () => {
    expect(outlierDetection({ after5xx: 5, for: "30s" }, "carries", 2)).toEqual({
      consecutive5xxErrors: 5,
      baseEjectionTime: "30s",
      maxEjectionPercent: 50,
    });
  });

  test("may take out a whole canary: the stable version is there", () => {
    expect(outlierDetection({ after5xx: 5, for: "30s", interval: "5s" }, "tries", 1)).toMatchObject({
      maxEjectionPercent: 100,
      interval: "5s",
    });
  });

  test("is a fault where it can never happen", () => {
    const eject = { after5xx: 5, for: "30s" } as const;
    expect(ejectionFaults({ eject }, 1).map(({ code, message }) => [code, message])).toEqual([
      ["MG0304", "the stable version has 1 pod and keeps at least 1: a failing one is never taken out."],
    ]);
    expect(ejectionFaults({ eject }, 2)).toEqual([]);
    expect(ejectionFaults({}, 1)).toEqual([]);
  });
});

test("limits that nobody set are not written", () => {
  expect(connectionPool({})).toBeUndefined();
  expect(connectionPool({ maxPendingRequests: 100 })).toEqual({ http: { http1MaxPendingRequests: 100 } });
  expect(connectionPool({ maxConnections: 10 })).toEqual({ tcp: { maxConnections: 10 } });
});
