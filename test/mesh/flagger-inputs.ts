import fc from "fast-check";
import type { FlaggerInput } from "../../lib/mesh/flagger";
import type { FlaggerReleaseProps } from "../../lib/mesh/progressive-release";
import type { RetryPolicy } from "../../lib/mesh/retries";
import type { SessionAffinity } from "../../lib/mesh/traffic";

const some = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(values, { nil: undefined });
const dnsName = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const port = fc.integer({ min: 1, max: 65_535 });
const count = fc.integer({ min: 1, max: 1000 });
const duration = fc.constantFrom("500ms", "10.5s", "10s", "30s", "1.5m", "1h", "26h") as fc.Arbitrary<"10s">;
const longDuration = fc.constantFrom("10s", "10.5s", "30s", "90s", "1.5m", "5m", "1h", "26h") as fc.Arbitrary<"10s">;
const url = dnsName.map((name) => `http://${name}.test/`);

const retries: fc.Arbitrary<RetryPolicy> = fc.record({
  attempts: fc.integer({ min: 0, max: 10 }),
  perTryTimeout: duration,
  on: fc.constantFrom<RetryPolicy["on"]>("default", ["gateway-error"], ["connect-failure", "refused-stream"]),
  methods: fc.constant("all" as const),
});
const circuitBreaker = fc.record(
  {
    maxPendingRequests: count,
    maxRequests: count,
    maxRequestsPerConnection: count,
    maxRetries: count,
    eject: fc.record({ after5xx: count, for: duration, interval: duration, keepAtLeast: count }, { requiredKeys: ["after5xx", "for"] }),
  },
  { requiredKeys: [] },
);
const sessionAffinity: fc.Arbitrary<SessionAffinity> = fc.oneof(
  fc.record({ by: fc.constant("cookie" as const), name: dnsName, ttl: duration }),
  fc.record({ by: fc.constant("header" as const), name: dnsName }),
  fc.record({ by: fc.constant("source-ip" as const) }),
);
const steps = fc
  .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 })
  .map((weights) => weights.sort((one, other) => one - other) as [number, ...number[]]);
const abortWhen = fc
  .record({
    p99Above: some(duration),
    errorsAbove: some(fc.constantFrom("1%", "0.5%", "12.125%") as fc.Arbitrary<"1%">),
    over: longDuration,
    atLeast: some(count),
    noTraffic: fc.constantFrom("hold", "promote", "abort"),
  })
  .filter(({ p99Above, errorsAbove }) => p99Above !== undefined || errorsAbove !== undefined);
const webhooks = fc.record(
  { confirmRollout: url, confirmTrafficIncrease: url, confirmPromotion: url, loadTest: fc.record({ url, command: dnsName }) },
  { requiredKeys: [] },
);
const release = fc.record({
  controller: fc.constant("flagger" as const),
  image: fc.constant("registry.example.no/pricing:2.0.0"),
  steps,
  pause: some(longDuration),
  abortWhen,
  webhooks: some(webhooks),
}) as fc.Arbitrary<FlaggerReleaseProps>;

/** Every kind of release that Flagger can carry. */
export const flaggerInputs: fc.Arbitrary<FlaggerInput> = fc
  .record({
    serviceName: dnsName,
    port,
    targetPort: port,
    namespace: some(dnsName),
    release,
    traffic: fc.record({
      istioMutual: fc.boolean(),
      timeout: some(duration),
      retries: some(retries),
      circuitBreaker: some(circuitBreaker),
      sessionAffinity: some(sessionAffinity),
      replicas: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant({ min: 2, max: 9 })),
    }),
    autoscaler: some(dnsName),
    protocol: fc.constantFrom("http" as const, "http2" as const, "grpc" as const),
    gateways: fc.array(dnsName, { maxLength: 2 }),
    hosts: fc.array(dnsName, { maxLength: 2 }),
  })
  .map(({ serviceName, port, targetPort, protocol, ...rest }) => ({
    ...rest,
    protocol,
    service: { serviceName, ports: [{ name: protocol, port, targetPort }] },
    deployment: serviceName,
    prometheus: "http://prometheus.monitoring:9090",
  }));
