import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpRoute } from "../../lib/istio/virtual-service";
import { weightedVersions } from "../../lib/mesh/release-strategy";
import { destinationRuleSpec, type Traffic, virtualServiceSpec } from "../../lib/mesh/traffic";

const versions = weightedVersions({
  stable: { name: "v1", deployed: "elsewhere" },
  canary: { name: "v2", deployed: "elsewhere", weight: 5 },
});
const traffic: Traffic = { host: "pricing", port: 8080, otherHttpPorts: [], manyPorts: false, versions, replicas: 2, istioMutual: false };

describe("the weights", () => {
  const canaries = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 4 });

  test("add to 100, and the stable version gets what is left", () => {
    fc.assert(
      fc.property(canaries, fc.boolean(), (weights, rollBack) => {
        const [first, ...rest] = weights.map((weight, index) => ({ name: `c${index}`, deployed: "elsewhere" as const, weight }));
        if (first === undefined) return;
        const weighted = weightedVersions({ stable: { name: "v1", deployed: "elsewhere" }, canary: [first, ...rest], rollBack });
        expect(weighted.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
        expect(weighted[0]).toMatchObject({ role: "stable", version: { name: "v1" } });
        if (rollBack) expect(weighted.map(({ weight }) => weight)).toEqual([100, ...weights.map(() => 0)]);
      }),
    );
  });

  test("are written from 0 on", () => {
    const from0 = {
      ...traffic,
      versions: weightedVersions({
        stable: { name: "v1", deployed: "elsewhere" },
        canary: { name: "v2", deployed: "elsewhere", weight: 0 },
      }),
    };
    expect(virtualServiceSpec(from0).http?.[0]?.route?.map(({ weight }) => weight)).toEqual([100, 0]);
  });
});

describe("the routes", () => {
  test("are one, with nothing that was not asked for", () => {
    expect(virtualServiceSpec(traffic)).toEqual({
      hosts: ["pricing"],
      http: [
        {
          route: [
            { destination: { host: "pricing", subset: "v1" }, weight: 95 },
            { destination: { host: "pricing", subset: "v2" }, weight: 5 },
          ],
        },
      ],
    });
  });

  test("give methods that must not be repeated one try", () => {
    const retries = { attempts: 2, perTryTimeout: "400ms", on: ["gateway-error"], methods: ["GET", "HEAD"] } as const;
    expect(virtualServiceSpec({ ...traffic, retries }).http?.map(({ match, retries }) => ({ match, retries }))).toEqual([
      {
        match: [{ method: { exact: "GET" } }, { method: { exact: "HEAD" } }],
        retries: { attempts: 2, perTryTimeout: "400ms", retryOn: "gateway-error" },
      },
      { match: undefined, retries: { attempts: 0 } },
    ]);
  });

  test("let testers past the weights, without copying their requests", () => {
    const testers = { header: "x-release", value: "v2", to: "v2" };
    const [first, second] = virtualServiceSpec({ ...traffic, testers, mirror: { to: "v2", percent: 10 } }).http ?? [];
    expect(first).toEqual({
      match: [{ headers: { "x-release": { exact: "v2" } } }],
      route: [{ destination: { host: "pricing", subset: "v2" } }],
    });
    expect(second).toMatchObject({ mirror: { host: "pricing", subset: "v2" }, mirrorPercentage: { value: 10 } });
  });

  test("name the port where the service has several, and answer on each of them", () => {
    const spec = virtualServiceSpec({ ...traffic, manyPorts: true, otherHttpPorts: [9090] });
    expect(spec.http?.map(({ match, route }) => [match, route?.[0]?.destination.port])).toEqual([
      [[{ port: 8080 }], { number: 8080 }],
      [[{ port: 9090 }], { number: 9090 }],
    ]);
  });

  const combinations = fc.record({
    timeout: fc.option(fc.constant("2s" as const), { nil: undefined }),
    methods: fc.constantFrom("all" as const, ["GET"] as const),
    attempts: fc.integer({ min: 0, max: 2 }),
    testers: fc.option(fc.constant({ header: "x", value: "y", to: "v2" }), { nil: undefined }),
    manyPorts: fc.boolean(),
  });
  const routesOf = ({ methods, attempts, ...rest }: ReturnType<typeof combinations.generate>["value"]): readonly HttpRoute[] => {
    const retries = { attempts, perTryTimeout: "1s", on: ["5xx"], methods } as const;
    return virtualServiceSpec({ ...traffic, ...rest, retries, otherHttpPorts: rest.manyPorts ? [9090] : [] }).http ?? [];
  };
  const weightOf = ({ route = [] }: HttpRoute): number =>
    route.length === 1 ? 100 : route.reduce((sum, { weight = 0 }) => sum + weight, 0);

  test("each send 100 percent somewhere, and take every request between them", () => {
    fc.assert(
      fc.property(combinations, (combination) => {
        const routes = routesOf(combination);
        expect(routes.map(weightOf)).toEqual(routes.map(() => 100));
        expect(routes.filter(({ match }) => match === undefined)).toHaveLength(combination.manyPorts ? 0 : 1);
      }),
    );
  });
});

describe("the DestinationRule", () => {
  test("has the versions as subsets, and no policy that was not asked for", () => {
    expect(destinationRuleSpec(traffic)).toEqual({
      host: "pricing",
      subsets: [
        { name: "v1", labels: { version: "v1" } },
        { name: "v2", labels: { version: "v2" } },
      ],
    });
  });

  test("switches locality failover off where it ejects, because ejection would switch it on", () => {
    const spec = destinationRuleSpec({ ...traffic, circuitBreaker: { eject: { after5xx: 5, for: "30s" } } });
    expect(spec.trafficPolicy).toEqual({ loadBalancer: { localityLbSetting: { enabled: false } } });
    expect(spec.subsets?.map(({ trafficPolicy }) => trafficPolicy?.outlierDetection?.maxEjectionPercent)).toEqual([50, 100]);
  });

  test("ties callers to pods in each of the three ways", () => {
    const hash = (affinity: Traffic["sessionAffinity"]): unknown =>
      destinationRuleSpec({ ...traffic, sessionAffinity: affinity }).trafficPolicy?.loadBalancer?.consistentHash;
    expect(hash({ by: "cookie", name: "session", ttl: "1h" })).toEqual({ httpCookie: { name: "session", ttl: "1h" } });
    expect(hash({ by: "header", name: "x-user" })).toEqual({ httpHeaderName: "x-user" });
    expect(hash({ by: "source-ip" })).toEqual({ useSourceIp: true });
  });
});
