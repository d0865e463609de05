import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { kernelProfile } from "../../lib/nodes/kernel-setting";
import type { KernelSettings, UnknownSetting } from "../../lib/nodes/kernel-settings";
import { anySettings, hostile } from "./settings";

const known = (settings: object): string[] => texts(KernelProfile.of(settings as KernelSettings));
const unknown = (settings: object): string[] => texts(KernelProfile.of({}).withUnknown(settings as Record<string, UnknownSetting>));
const texts = (profile: unknown): string[] => kernelProfile("kernel", profile).map(({ path, message }) => `${path}: ${message}`);

describe("known keys", () => {
  test("pass with every value in range", () => {
    fc.assert(fc.property(anySettings, (settings) => void expect(known(settings)).toEqual([])));
  });

  test.each([
    ["an amount below its range", { "fs.file-max": 8_191 }],
    ["an amount above its range", { "net.core.somaxconn": { exact: 3_240_001 } }],
    ["a floor below its range", { "net.netfilter.nf_conntrack_max": { atLeast: 1 } }],
    ["text for a number", { "vm.swappiness": "10" }],
    ["half a file", { "fs.nr_open": 10_000.5 }],
    ["infinity", { "fs.file-max": Number.POSITIVE_INFINITY }],
    ["a floor where more is not better", { "vm.swappiness": { atLeast: 1 } }],
    ["both forms at once", { "fs.file-max": { exact: 10_000, atLeast: 10_000 } }],
    ["an empty form", { "fs.file-max": {} }],
    ["a form that does not exist", { "fs.file-max": { atMost: 10_000 } }],
    ["a range that falls", { "net.ipv4.ip_local_port_range": [60_000, 40_000] }],
    ["a range with three ends", { "net.ipv4.ip_local_port_range": [32_768, 40_000, 50_000] }],
    ["buffers that fall", { "net.ipv4.tcp_rmem": [8_192, 4_096, 16_384] }],
    ["a mode that does not exist", { "net.ipv4.tcp_tw_reuse": 3 }],
    ["a mode as text", { "net.ipv4.tcp_tw_reuse": "1" }],
    ["what the kubelet would overwrite", { "kernel.panic": 0 }],
    ["a switch that cuts pods off", { "net.ipv4.ip_forward": 0 }],
    ["nothing", { "fs.file-max": null }],
  ])("%s is refused", (_, settings) => {
    expect(known(settings)).toHaveLength(1);
  });

  test("a name that is near a known one is named", () => {
    expect(known({ "net.ipv4.tcp_max_syn_backlogs": 128 })).toMatchInlineSnapshot(`
      [
        "kernel["net.ipv4.tcp_max_syn_backlogs"]: unknown kernel key. Did you mean "net.ipv4.tcp_max_syn_backlog"?",
      ]
    `);
  });

  test.each([
    ["net.ipv4.somaxconn", "net.core.somaxconn"],
    ["fs.filemax", "fs.file-max"],
    ["vm.max_map_counts", "vm.max_map_count"],
  ])("%s means %s", (key, meant) => {
    expect(known({ [key]: 1 })[0]).toContain(`Did you mean "${meant}"?`);
  });

  test.each(["net.ipv4.tcp_congestion_control", "net.ipv4.tcp_ecn", "kernel.threads-max"])(
    "%s means none of ours, so the way out is named",
    (key) => {
      expect(known({ [key]: 1 })[0]).toContain("profile.withUnknown");
    },
  );

  test("keys that props of the pool set point there", () => {
    expect(known({ "net.ipv4.ip_local_reserved_ports": "1", "net.netfilter.nf_conntrack_buckets": 1 })).toMatchInlineSnapshot(`
      [
        "kernel["net.ipv4.ip_local_reserved_ports"]: unknown kernel key. Set it with the pool's reservedPorts.",
        "kernel["net.netfilter.nf_conntrack_buckets"]: unknown kernel key. Set it with the pool's conntrack.hashSize.",
      ]
    `);
  });

  test("the names that every object has are no keys", () => {
    expect(known(JSON.parse('{"__proto__": 1, "constructor": 2}'))).toHaveLength(2);
  });
});

describe("unknown keys", () => {
  const reason = "tried on a node";

  test("pass with a name, a value and a reason", () => {
    expect(
      unknown({ "net.ipv4.tcp_congestion_control": { exact: "bbr", reason }, "kernel.threads-max": { atLeast: 100_000, reason } }),
    ).toEqual([]);
  });

  test.each([
    ["no reason", { "a.b": { exact: 1 } }],
    ["an empty reason", { "a.b": { exact: 1, reason: " " } }],
    ["a reason of two lines", { "a.b": { exact: 1, reason: "a\nb" } }],
    ["no value", { "a.b": { reason } }],
    ["two values", { "a.b": { exact: 1, atLeast: 1, reason } }],
    ["a floor that is no number", { "a.b": { atLeast: "1", reason } }],
    ["a bare value", { "a.b": 1 }],
    ["a slash in the key", { "a/b": { exact: 1, reason } }],
    ["a way up in the key", { "a..b": { exact: 1, reason } }],
    ["a glob in the key", { "net.*": { exact: 1, reason } }],
    ["a minus before the key, which means ignore", { "-a.b": { exact: 1, reason } }],
    ["a comment in the key", { "#a.b": { exact: 1, reason } }],
    ["a key of the table", { "fs.file-max": { exact: 1, reason } }],
    ["a key that a prop sets", { "net.ipv4.ip_local_reserved_ports": { exact: "1", reason } }],
    ["a line break in the value", { "a.b": { exact: "1\n2", reason } }],
    ["a command in the value", { "a.b": { exact: "$(id)", reason } }],
    ["quotes in the value", { "a.b": { exact: '"1"', reason } }],
    ["a value of spaces", { "a.b": { exact: "  ", reason } }],
    ["no value at all", { "a.b": { exact: null, reason } }],
  ])("%s is refused", (_, settings) => {
    expect(unknown(settings)).toHaveLength(1);
  });

  test("no string that passes can end its line or its word", () => {
    fc.assert(
      fc.property(hostile, hostile, (key, value) => {
        if (unknown({ [key]: { exact: value, reason } }).length > 0) return;
        expect(`${key} = ${value}`).toMatch(/^[A-Za-z0-9_.,:+ =-]+$/);
      }),
      { numRuns: 500 },
    );
    expect(unknown({ "ok.ok": { exact: "ok", reason } })).toEqual([]);
  });
});

test("what is no profile is refused", () => {
  expect([undefined, null, {}, { settings: {} }, "mesh"].map((value) => texts(value).length)).toEqual([1, 1, 1, 1, 1]);
});
