import type { ServerResponse } from "node:http";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { plaintextCounts } from "../../lib/prometheus/plaintext";
import { instantQuery, prometheusProblems } from "../../lib/prometheus/prometheus-api";
import { type AnsweringServer, answering, serving, shopOf } from "./answering";

let server: AnsweringServer | undefined;
afterEach(() => server?.close());

async function said(answer: (response: ServerResponse) => void, timeout?: number): Promise<string> {
  server = await serving((_, response) => answer(response));
  const { url } = server;
  const outcome = await instantQuery({ url, ...(timeout !== undefined && { timeout }) }, "up").then(
    (samples) => JSON.stringify(samples),
    (error: Error) => `${error.name}: ${error.message.replaceAll(url, "URL")}`,
  );
  server.close();
  return outcome;
}

const json = (value: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(value));
const vector = (...result: readonly unknown[]): unknown => ({ status: "success", data: { resultType: "vector", result } });

describe("an answer", () => {
  test("is series with their labels, without the metric's name", async () => {
    server = await answering(() => [[{ __name__: "up", job: "a" }, 1]]);
    expect(await instantQuery({ url: `${server.url}/` }, "up")).toEqual([{ labels: { job: "a" }, value: 1 }]);
  });

  test.each([
    ["no JSON", (response: ServerResponse) => void response.end("<html>"), "URL is no Prometheus: its answer is another's."],
    ["JSON of another", json({ status: "ok" }), "URL is no Prometheus: its answer is another's."],
    [
      "no series",
      json({ status: "success", data: { resultType: "scalar", result: [0, "1"] } }),
      "URL answers with something else than series.",
    ],
    ["a value that is no number", json(vector({ metric: {}, value: [0, "NaN"] })), "URL answers with a series that is none."],
    ["a label that is no text", json(vector({ metric: { a: 1 }, value: [0, "1"] })), "URL answers with a series that is none."],
    [
      "a part of the whole",
      json({ ...(vector() as object), warnings: ["a store did not answer"] }),
      "URL answers in part: a store did not answer",
    ],
  ])("is refused when it is %s", async (_, answer, message) => {
    expect(await said(answer)).toBe(`PrometheusError: ${message}`);
  });

  test("that leads to a login is refused, and followed nowhere", async () => {
    const login = (response: ServerResponse): void => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    expect(await said(login)).toBe("PrometheusError: URL answers with status 302. It wants a login: give a token.");
  });

  test("says what is wrong with a query", async () => {
    const wrong = (response: ServerResponse): void =>
      void response.writeHead(400).end(JSON.stringify({ status: "error", error: "parse error" }));
    expect(await said(wrong)).toBe("PrometheusError: URL answers with status 400: parse error.");
  });

  test("that is too large, or does not come, is given up", async () => {
    const endless = (response: ServerResponse): void => void response.end(Buffer.alloc(17 * 1024 * 1024, " "));
    expect(await said(endless)).toContain("more than 16 MiB");
    expect(await said(() => undefined, 50)).toBe("PrometheusError: URL does not answer: not within 0.05 s.");
  });

  test("that nobody gives names the address", async () => {
    server = await answering(() => []);
    server.close();
    await expect(instantQuery(server, "up")).rejects.toThrow(`${server.url} does not answer: ECONNREFUSED.`);
  });

  test("of any form is series or a PrometheusError, and nothing else", async () => {
    let body: unknown;
    server = await serving((_, response) => json(body)(response));
    const { url } = server;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.jsonValue().map((one) => vector(one)),
        ),
        async (value) => {
          body = value;
          const outcome = await instantQuery({ url }, "up").catch((error: Error) => error.name);
          expect(Array.isArray(outcome) || outcome === "PrometheusError").toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("an address", () => {
  test.each(["ftp://prometheus", "http://admin:secret@prometheus", "http://prometheus?token=secret", "prometheus:9090", "", 1])(
    "is not %s, and what it holds is not shown",
    (url) => {
      const problems = prometheusProblems("--prometheus", url, undefined);
      expect(problems).toHaveLength(1);
      expect(JSON.stringify(problems)).not.toContain("secret");
    },
  );

  test("that is not encrypted gets no token, but for this machine's own", () => {
    expect(prometheusProblems("", "http://prometheus:9090", "token")).toHaveLength(1);
    expect(prometheusProblems("", "http://prometheus:9090", undefined)).toEqual([]);
    expect(prometheusProblems("", "http://127.0.0.1:9090", "token")).toEqual([]);
    expect(prometheusProblems("", "https://prometheus.example.no/path", "token")).toEqual([]);
  });
});

test("a token is a bearer token", async () => {
  server = await answering(() => []);
  await instantQuery({ url: server.url, token: "abc" }, "up");
  expect(server.asked[0]?.authorization).toBe("Bearer abc");
});

test("counts come together by port, whatever part of a plaintext request is one", async () => {
  const port = { destination_workload: "pricing-v1", destination_port: "8080" };
  server = await answering(
    shopOf(
      [{ ...port, connection_security_policy: "mutual_tls" }, 10.4],
      [{ ...port, connection_security_policy: "none" }, 0.2],
      [{ ...port, connection_security_policy: "unknown" }, 2],
    ),
  );
  expect(await plaintextCounts({ url: server.url }, { over: "24h", namespaces: ["shop"] })).toEqual({
    ports: [{ namespace: "shop", workload: "pricing-v1", port: "8080", plaintext: 3, mutualTls: 10, tcpPlaintext: 0, tcpMutualTls: 0 }],
    watched: new Set(["shop"]),
    down: expect.any(Map),
    anyMetric: true,
  });
});
