import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type AnsweringServer, answering, type Series, shopOf } from "../prometheus/answering";
import { temporaryFolder } from "../support/temporary";
import { meshground, type Outcome } from "./meshground";

const folder = temporaryFolder("mtls-status");
const [v1, mtls, none] = [
  { destination_workload: "pricing-v1", destination_port: "8080" },
  { connection_security_policy: "mutual_tls" },
  { connection_security_policy: "none" },
];
const busy: Series = [{ ...v1, ...mtls }, 3401];
const monitored: Series = [{ ...v1, destination_port: "9090", ...none }, 96];
const undeclared: Series = [{ ...v1, ...none }, 12];

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const expectation = file(
  "mtls.json",
  JSON.stringify({
    namespaces: [
      {
        name: "shop",
        stage: "permissive",
        services: [{ name: "pricing", workloads: ["pricing-v1"], ports: [8080] }],
        plaintext: [{ workloads: ["pricing-v1"], port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor" }],
      },
    ],
  }),
);

let server: AnsweringServer | undefined;
afterEach(() => server?.close());

const mtlsStatus = (...args: readonly string[]): Promise<Outcome> => meshground(["mtls", "status", ...args]);

/** Runs the command against a Prometheus that saw these requests. */
async function status(requests: readonly Series[], ...args: readonly string[]): Promise<Outcome> {
  server = await answering(shopOf(...requests));
  return mtlsStatus("--prometheus", server.url, "--expect", expectation, ...args);
}

describe("the exit code", () => {
  test.each([
    ["0 when everything came over mTLS", [busy], 0],
    ["0 when plaintext came to declared ports only", [busy, monitored], 0],
    ["1 when plaintext is left that nobody declared", [busy, undeclared], 1],
    ["3 when too little was seen", [], 3],
  ])("is %s", async (_, requests, code) => {
    expect(await status(requests)).toMatchObject({ code, stderr: "" });
  });

  test("is 3 when Prometheus does not answer, and when it knows no namespace", async () => {
    server = await answering(() => []);
    expect((await mtlsStatus("--prometheus", server.url)).code).toBe(3);
    server.close();
    const { code, stdout } = await mtlsStatus("--prometheus", server.url, "--expect", expectation);
    expect(code).toBe(3);
    expect(stdout).toContain("shop: unreachable. Whether STRICT is safe cannot be said.");
  });

  test.each([
    ["no address", []],
    ["an address that is none", ["--prometheus", "prometheus"]],
    ["a window that is none", ["--prometheus", "http://127.0.0.1:9", "--over", "1 day"]],
    ["a number that is none", ["--prometheus", "http://127.0.0.1:9", "--at-least", "0"]],
    ["a namespace that is none", ["--prometheus", "http://127.0.0.1:9", "--namespace", 'a"} or vector(1)']],
    ["an expectation that is none", ["--prometheus", "http://127.0.0.1:9", "--expect", file("other.json", '{"namespaces":1}')]],
    ["a file that is not there", ["--prometheus", "http://127.0.0.1:9", "--access-log", "nowhere.log"]],
    ["a token that is none", ["--prometheus", "http://127.0.0.1:9", "--token-file", file("token", "two words")]],
  ])("is 2 for %s", async (_, args) => {
    const { code, stdout, stderr } = await mtlsStatus(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^(?:meshground|error): /);
  });
});

test("callers in the access log whom nobody declared outweigh metrics that say it is safe", async () => {
  const log = file("outsiders.log", accessLine("192.168.7.7", 9090));
  const { code, stdout } = await status([busy, monitored], "--access-log", log);
  expect(code).toBe(1);
  expect(stdout).toContain("shop: plaintext. STRICT would break callers.");
  expect(stdout).toContain("The access logs show 1 call without mTLS that nobody declared.");
  expect(stdout).toContain("STRICT is safe in 0 of 1 namespace");
  expect((await status([busy, monitored], "--access-log", file("declared.log", accessLine("10.0.5.7", 9090)))).code).toBe(0);
});

test("such callers outweigh as well that too little was seen, and that nothing is known", async () => {
  const log = file("outsiders.log", accessLine("192.168.7.7", 9090));
  const { code, stdout } = await status([], "--access-log", log);
  expect(code).toBe(1);
  expect(stdout).toContain("shop: plaintext.");
  expect(stdout).toContain("pricing: 0 requests within 24h, of at least 100.");
  server?.close();
  server = await answering(() => []);
  expect((await mtlsStatus("--prometheus", server.url, "--access-log", log)).code).toBe(1);
  server.close();
  expect((await mtlsStatus("--prometheus", server.url, "--expect", expectation, "--access-log", log)).code).toBe(1);
});

function accessLine(remote: string, port: number): string {
  return `[2026-11-27T10:00:00.000Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 12 3 2 "-" "-" "a" "pricing" "127.0.0.1:${port}" inbound|${port}|| 127.0.0.6:5 10.244.1.1:${port} ${remote}:4 - default\n`;
}

test("the report lists each port with its plaintext, and who called", async () => {
  const log = file("calls.log", `${accessLine("10.0.5.7", 9090).repeat(3)}${accessLine("10.9.9.9", 8080)}nonsense\n`);
  const { stdout } = await status([busy, monitored, undeclared], "--access-log", log);
  expect(stdout).toMatchInlineSnapshot(`
    "shop: plaintext. STRICT would break callers. Give them sidecars, or declare them: allowPlaintext.
      A port takes plaintext that nobody declared: STRICT would refuse it.
      WORKLOAD    PORT  PLAINTEXT  MTLS  TCP PLAINTEXT  TCP MTLS
      pricing-v1  8080         12  3401              0         0  not declared
      pricing-v1  9090         96     0              0         0  declared: the old monitor

    Callers without mTLS, as the access logs name them:
      10.0.5.7  to port  9090  3 times, declared: the old monitor
      10.9.9.9  to port  8080  1 time, not declared
      1 line is of no form that Istio writes by default, and not counted.

    STRICT is safe in 0 of 1 namespace, by what was seen within 24h.
    "
  `);
});

test("the JSON says the same", async () => {
  const { stdout } = await status([busy, monitored], "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    safe: true,
    over: "24h",
    atLeast: 100,
    namespaces: [
      {
        name: "shop",
        verdict: "safe-with-declared",
        safe: true,
        ports: [{}, { port: "9090", plaintext: 96, declared: "the old monitor" }],
      },
    ],
  });
});

test("names that come from outside command no terminal", async () => {
  const hostile: Series = [{ destination_workload: "\u001b[2Jsafe\u202e", destination_port: "80\n80", ...none }, 1];
  for (const args of [[], ["--json"]]) expect((await status([hostile], ...args)).stdout).not.toMatch(/\p{Cf}|[^\P{Cc}\n]|80\n80/u);
});

test("the token goes to Prometheus, and nowhere else", async () => {
  const token = file("good-token", "abc.def\n");
  const { stdout, stderr } = await status([busy], "--token-file", token);
  expect(server?.asked[0]?.authorization).toBe("Bearer abc.def");
  expect(stdout + stderr).not.toContain("abc.def");
});

test("without an expectation every plaintext caller is undeclared, and every namespace that Prometheus knows is judged", async () => {
  server = await answering(shopOf(busy, monitored));
  const { code, stdout } = await mtlsStatus("--prometheus", server.url);
  expect(code).toBe(1);
  expect(stdout).toContain("shop: plaintext.");
});
