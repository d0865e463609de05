import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CallerCount, plaintextCall } from "../../lib/prometheus/access-log";

/** A line in Istio's default text. */
function line({
  remote = "10.0.5.7:40112",
  local = "10.244.1.11:9090",
  serverName = "-",
  cluster = "inbound|9090||",
  agent = "curl/8",
} = {}): string {
  return `[2026-11-27T10:00:00.000Z] "GET /metrics HTTP/1.1" 200 - via_upstream - "-" 0 12 3 2 "-" "${agent}" "a-b" "pricing:9090" "127.0.0.6:9090" ${cluster} 127.0.0.6:50001 ${local} ${remote} ${serverName} default`;
}

function entry(fields: object = {}): string {
  return JSON.stringify({
    start_time: "2026-11-27T10:00:00.000Z",
    upstream_cluster: "inbound|9090||",
    downstream_local_address: "10.244.1.11:9090",
    downstream_remote_address: "[fd00::5]:40112",
    requested_server_name: null,
    ...fields,
  });
}

describe("a line", () => {
  test.each(["api.example.no", "pricing.shop.svc.cluster.local", "-"])(
    "is a plaintext caller's to Istio when its server name is %s",
    (serverName) => {
      expect(plaintextCall(line({ serverName }))).toEqual({ address: "10.0.5.7", port: 9090 });
      expect(plaintextCall(entry({ requested_server_name: serverName }))).toEqual({ address: "fd00::5", port: 9090 });
    },
  );

  test("of either form names the caller and the port", () => {
    expect(plaintextCall(line())).toEqual({ address: "10.0.5.7", port: 9090 });
    expect(plaintextCall(entry())).toEqual({ address: "fd00::5", port: 9090 });
  });

  test.each([
    ["came with a server name, as mTLS does", line({ serverName: "outbound_.8080_._.pricing.shop.svc.cluster.local" })],
    ["came to a subset, as mTLS names it", line({ serverName: "outbound_.8080_.v1_.pricing.shop.svc.cluster.local" })],
    ["went out of the pod", line({ cluster: "outbound|80||bank.example" })],
    ["came with a server name, in JSON", entry({ requested_server_name: "outbound_.8080_._.pricing.shop.svc.cluster.local" })],
  ])("is no plaintext caller's when it %s", (_, text) => {
    expect(plaintextCall(text)).toBe("other");
  });

  test("with a server name of the caller's own is a plaintext caller's: Istio does not take its TLS for mTLS", () => {
    expect(plaintextCall(line({ serverName: "api.example.no" }))).toEqual({ address: "10.0.5.7", port: 9090 });
  });

  test("is read from its end: a caller writes what stands before as it likes", () => {
    const agent = `" "x" "y" "z" inbound|1|| 1.1.1.1:1 1.1.1.1:1 6.6.6.6:1 - default`;
    expect(plaintextCall(line({ agent }))).toEqual({ address: "10.0.5.7", port: 9090 });
  });

  test("of no known form is said to be none, whatever it holds", () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(plaintextCall(text)).toBeUndefined()));
    fc.assert(fc.property(fc.json(), (text) => void expect(plaintextCall(text)).toBeUndefined()));
  });
});

test("callers are counted, the ten with most calls named, and those known that an exception's addresses hold", () => {
  const count = new CallerCount();
  for (let caller = 1; caller <= 12; caller += 1)
    for (let call = 0; call <= caller; call += 1) count.add(line({ remote: `10.0.${caller === 12 ? 5 : 9}.${caller}:4${call}` }));
  count.add("2026-11-27T10:00:00.000Z\tinfo\tEnvoy proxy is ready");
  count.add("");
  const { most, others, undeclared, unread } = count.result([
    { workloads: ["pricing-v1"], port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor" },
  ]);
  expect(most).toHaveLength(10);
  expect(most.slice(0, 2)).toEqual([
    { address: "10.0.5.12", port: 9090, count: 13, declared: "the old monitor" },
    { address: "10.0.9.11", port: 9090, count: 12, declared: undefined },
  ]);
  expect({ others, undeclared, unread }).toEqual({ others: { callers: 2, count: 5 }, undeclared: 77, unread: 1 });
});

test("where an exception's addresses are not those that arrive, its port decides", () => {
  const count = new CallerCount();
  count.add(line());
  expect(count.result([{ workloads: [], port: 9090, from: [], reason: "behind a proxy" }]).most[0]?.declared).toBe("behind a proxy");
  expect(count.result([{ workloads: [], port: 8080, from: [], reason: "behind a proxy" }]).most[0]?.declared).toBeUndefined();
});
