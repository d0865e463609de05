import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ExpectedNamespace } from "../../lib/prometheus/mtls-expectation";
import { isSafe, type MtlsQuestion, mtlsStatus, type NamespaceStatus } from "../../lib/prometheus/mtls-status";
import type { PlaintextCounts, PortCount } from "../../lib/prometheus/plaintext";

const shop: ExpectedNamespace = {
  name: "shop",
  stage: "permissive",
  services: [{ name: "pricing", workloads: ["pricing-v1", "pricing-v2"], ports: [8080] }],
  plaintext: [{ workloads: ["pricing-v1", "pricing-v2"], port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor" }],
};

function count(props: Partial<PortCount> = {}): PortCount {
  const none = { plaintext: 0, mutualTls: 0, tcpPlaintext: 0, tcpMutualTls: 0 };
  return { namespace: "shop", workload: "pricing-v1", port: "8080", ...none, ...props };
}

const busy = count({ mutualTls: 500 });

function judged(ports: readonly PortCount[], counts: Partial<PlaintextCounts> = {}, question: Partial<MtlsQuestion> = {}): NamespaceStatus {
  const seen = { ports, watched: new Set(["shop"]), down: new Map<string, number>(), anyMetric: true, ...counts };
  const [status] = mtlsStatus(seen, { over: "24h", atLeast: 100, expectation: { namespaces: [shop] }, namespaces: [], ...question });
  if (status === undefined) throw new Error("no namespace was judged");
  return status;
}

describe("STRICT", () => {
  test("is safe when everything came over mTLS", () => {
    expect(judged([busy])).toMatchObject({ verdict: "safe" });
  });

  test("is safe when plaintext came to declared ports only, and says why they are", () => {
    const status = judged([busy, count({ port: "9090", plaintext: 7 })]);
    expect(status).toMatchObject({ verdict: "safe-with-declared", ports: [{ declared: undefined }, { declared: "the old monitor" }] });
  });

  test.each([
    ["a request to another port of the same workload", { plaintext: 1 }],
    ["a request to the declared port of another workload", { workload: "payment-v1", port: "9090", plaintext: 1 }],
    ["a TCP connection", { tcpPlaintext: 1 }],
    ["a request to a workload of which nothing is declared, whatever its port", { workload: "payment-v1", port: "", plaintext: 1 }],
  ])("breaks a caller when there was %s", (_, props) => {
    expect(judged([busy, count(props)])).toMatchObject({ verdict: "plaintext" });
  });

  test("breaks every plaintext caller when nobody says what is declared", () => {
    const declared = count({ port: "9090", plaintext: 7 });
    expect(judged([busy, declared], {}, { expectation: undefined })).toMatchObject({ verdict: "plaintext", name: "shop" });
  });
});

describe("nothing can be said", () => {
  test.each([
    ["a service had too few requests", [count({ mutualTls: 99 })], {}, "pricing: 99 requests within 24h, of at least 100."],
    [
      "one of two services had none",
      [count({ mutualTls: 500, workload: "payment-v1" })],
      {},
      "pricing: 0 requests within 24h, of at least 100.",
    ],
    [
      "Prometheus has not watched for the whole window",
      [busy],
      { watched: new Set<string>() },
      "Prometheus has no metric of it from 24h ago: it has not been watched for that long.",
    ],
    [
      "sidecars do not answer Prometheus",
      [busy],
      { down: new Map([["shop", 2]]) },
      "2 of its sidecars do not answer Prometheus: what comes to them is not seen.",
    ],
  ])("when %s", (_, ports, counts, why) => {
    const status = judged(ports, counts);
    expect(status.verdict).toBe("too-little");
    expect(status.why).toContain(why);
  });

  test("when the metric is not there, or says of no port to which plaintext came", () => {
    expect(judged([], { anyMetric: false }).verdict).toBe("no-metric");
    expect(judged([busy, count({ port: "", plaintext: 3 })]).verdict).toBe("no-metric");
  });

  test("when there is nothing at all", () => {
    expect(judged([], { watched: new Set() }).verdict).toBe("too-little");
  });
});

test("a TCP connection is enough where there are no requests: a caller of a database may hold one for days", () => {
  expect(judged([count({ tcpMutualTls: 1 })]).verdict).toBe("safe");
});

test("plaintext that nobody declared is never safe, whatever else was seen", () => {
  const amount = fc.nat(1_000);
  const port = fc.record({
    namespace: fc.constantFrom("shop", "other"),
    workload: fc.constantFrom("pricing-v1", "payment-v1"),
    port: fc.constantFrom("", "8080", "9090"),
    plaintext: amount,
    mutualTls: amount,
    tcpPlaintext: amount,
    tcpMutualTls: amount,
  });
  fc.assert(
    fc.property(fc.array(port), fc.boolean(), fc.boolean(), (ports, watched, anyMetric) => {
      const status = judged(ports, { anyMetric, watched: new Set(watched ? ["shop"] : []) });
      const undeclared = ports.some(
        (one) =>
          one.namespace === "shop" && one.plaintext + one.tcpPlaintext > 0 && !(one.workload === "pricing-v1" && one.port === "9090"),
      );
      expect(isSafe(status) && undeclared).toBe(false);
      if (isSafe(status)) expect([watched, anyMetric]).toEqual([true, true]);
    }),
  );
});
