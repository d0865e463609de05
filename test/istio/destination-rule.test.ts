import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DestinationRule, type DestinationRuleSpec, type LoadBalancerSettings, type TrafficPolicy } from "../../lib/istio/destination-rule";
import { destinationRuleKind } from "../../lib/istio/destination-rule-spec";
import { chartFor, lines } from "./samples";

const ofSpec = (spec: DestinationRuleSpec): readonly string[] => lines(destinationRuleKind.spec("spec", spec));
const ofPolicy = (trafficPolicy: TrafficPolicy): readonly string[] => ofSpec({ host: "pricing", trafficPolicy });
const ofBalancer = (loadBalancer: LoadBalancerSettings): readonly string[] => ofPolicy({ loadBalancer });

test("names every problem at once", () => {
  const trafficPolicy = {
    connectionPool: { http: { http1MaxPendingRequests: -1 }, tcp: { maxConnectionz: 5 } },
    outlierDetection: { maxEjectionPercent: 101, interval: "1us" },
  } as unknown as TrafficPolicy;
  expect(
    () => new DestinationRule(chartFor("1.30.3", "1.36"), "Pricing", { spec: { host: "pricing", trafficPolicy } }),
  ).toThrowErrorMatchingInlineSnapshot(`
    [InvalidInput: shop/Pricing: 4 invalid props
      spec.trafficPolicy.connectionPool.http.http1MaxPendingRequests: got -1, expected a whole number from 0 to 2147483647.
      spec.trafficPolicy.connectionPool.tcp.maxConnectionz: unknown prop. Did you mean "maxConnections"?
      spec.trafficPolicy.outlierDetection.interval: got "1us", expected a duration of at least 1ms, such as "500ms", "2s" or "1m".
      spec.trafficPolicy.outlierDetection.maxEjectionPercent: got 101, expected a whole number from 0 to 100.]
  `);
});

describe("subsets", () => {
  test("have different names", () => {
    expect(ofSpec({ host: "pricing", subsets: [{ name: "v1" }, { name: "v2" }, { name: "v1" }] })).toMatchInlineSnapshot(`
      [
        "spec.subsets[2].name: got "v1", expected a value that occurs once in the list.",
      ]
    `);
  });

  test("have names that routes can use", () => {
    for (const name of ["", "v1.0", "-v"]) expect(ofSpec({ host: "pricing", subsets: [{ name }] })).toHaveLength(1);
  });
});

describe("a policy", () => {
  test("says something", () => {
    expect(ofPolicy({})).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy: got none, expected at least one of loadBalancer, connectionPool, outlierDetection, tls, portLevelSettings, tunnel, proxyProtocol, retryBudget.",
      ]
    `);
    expect(ofPolicy({ connectionPool: {} })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.connectionPool: got none, expected at least one of tcp, http.",
      ]
    `);
  });

  test("names each port once", () => {
    const port = { port: { number: 8080 }, connectionPool: { tcp: {} } };
    expect(ofPolicy({ portLevelSettings: [port, port] })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.portLevelSettings[1].port.number: got 8080, expected a value that occurs once in the list.",
      ]
    `);
    expect(ofPolicy({ portLevelSettings: [{ port: { number: 0 }, tls: { mode: "DISABLE" } }] })).toHaveLength(1);
  });

  test("takes certificates from a secret or from files", () => {
    expect(ofPolicy({ tls: { mode: "MUTUAL" } })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.tls.clientCertificate: got nothing, expected a file, because the mode is MUTUAL and there is no credentialName.",
        "spec.trafficPolicy.tls.privateKey: got nothing, expected a file, because the mode is MUTUAL and there is no credentialName.",
      ]
    `);
    expect(ofPolicy({ tls: { mode: "MUTUAL", credentialName: "bank", privateKey: "/k" } })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.tls.privateKey: got "/k", expected nothing, because credentialName holds it.",
      ]
    `);
    expect(ofPolicy({ tls: { mode: "SIMPLE", insecureSkipVerify: true, subjectAltNames: ["bank"] } })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.tls.subjectAltNames: got ["bank"], expected nothing, because insecureSkipVerify looks at no certificate.",
      ]
    `);
    expect(ofPolicy({ tls: { mode: "ISTIO_MUTUAL" } })).toEqual([]);
  });

  test("counts failed connections apart only where they are split off", () => {
    expect(ofPolicy({ outlierDetection: { consecutiveLocalOriginFailures: 5 } })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.outlierDetection.consecutiveLocalOriginFailures: got 5, expected nothing, because splitExternalLocalOriginErrors is not true.",
      ]
    `);
    expect(ofPolicy({ outlierDetection: { consecutiveLocalOriginFailures: 0 } })).toEqual([]);
  });

  test("does not keep the caller's HTTP version and upgrade it", () => {
    expect(ofPolicy({ connectionPool: { http: { useClientProtocol: true, h2UpgradePolicy: "UPGRADE" } } })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.connectionPool.http.useClientProtocol: got true, expected nothing, because UPGRADE does not keep what the caller speaks.",
      ]
    `);
  });

  test("lets a TCP connection be silent for ever", () => {
    expect(ofPolicy({ connectionPool: { tcp: { idleTimeout: "0s" } } })).toEqual([]);
    expect(ofPolicy({ connectionPool: { http: { idleTimeout: "0s" } } })).toHaveLength(1);
  });
});

describe("a load balancer", () => {
  test("works one way", () => {
    expect(ofBalancer({ simple: "RANDOM", consistentHash: { useSourceIp: true } })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.loadBalancer: got simple and consistentHash, expected at most one of simple, consistentHash.",
      ]
    `);
    expect(ofBalancer({ consistentHash: { useSourceIp: true, httpHeaderName: "x" } })).toHaveLength(1);
    expect(ofBalancer({ localityLbSetting: {}, zoneAwareLbSetting: {} })).toHaveLength(1);
  });

  test("has a table of prime size", () => {
    const size = (tableSize: number): readonly string[] => ofBalancer({ consistentHash: { useSourceIp: true, maglev: { tableSize } } });
    expect([size(2), size(65537), size(4999999)].flat()).toEqual([]);
    expect(size(65536)).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize: got 65536, expected a prime number below 5000011.",
      ]
    `);
    expect(size(5000011)).toHaveLength(1);
  });

  test("shares out all requests, to localities that do not overlap", () => {
    const distribute = (to: Readonly<Record<string, number>>): readonly string[] =>
      ofBalancer({ localityLbSetting: { distribute: [{ from: "north/*", to }] } });
    expect(distribute({ "north/a": 80, "south/*": 20 })).toEqual([]);
    expect(distribute({ north: 80 })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to: got shares that sum to 80, expected 100.",
      ]
    `);
    expect(distribute({ "north/*": 50, "north/a": 50 })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to: names "north/a" and "north/*", which overlap.",
      ]
    `);
  });

  test("fails over to another region, in one order", () => {
    expect(ofBalancer({ localityLbSetting: { failover: [{ from: "north", to: "north" }] } })).toMatchInlineSnapshot(`
      [
        "spec.trafficPolicy.loadBalancer.localityLbSetting.failover[0].to: got "north", expected another region than in from.",
      ]
    `);
    expect(ofBalancer({ localityLbSetting: { failover: [{ from: "north/a", to: "*" }] } })).toHaveLength(2);
    const failoverPriority = ["topology.kubernetes.io/zone"];
    expect(ofBalancer({ localityLbSetting: { failover: [{ from: "a", to: "b" }], failoverPriority } })).toHaveLength(1);
    expect(ofBalancer({ localityLbSetting: { failoverPriority } })).toEqual([]);
    expect(ofBalancer({ zoneAwareLbSetting: { failoverPriority } })).toHaveLength(1);
  });

  test("takes any shares that sum to 100", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 5 }), (shares) => {
        const rest = 100 - shares.reduce((sum, share) => sum + share, 0);
        const to = Object.fromEntries([...shares, rest].map((share, index) => [`region-${index}`, share]));
        expect(ofBalancer({ localityLbSetting: { distribute: [{ from: "north", to }] } })).toEqual([]);
      }),
    );
  });
});

test("callers are picked in the rule's own namespace only", () => {
  const spec = { host: "pricing", workloadSelector: { matchLabels: { app: "payment" } } };
  expect(ofSpec({ ...spec, exportTo: ["."] })).toEqual([]);
  expect(ofSpec({ ...spec, exportTo: ["*"] })).toMatchInlineSnapshot(`
    [
      "spec.exportTo: got ["*"], expected only ".", because a workloadSelector holds in its own namespace.",
    ]
  `);
});
