import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectedOf, type KernelKey } from "../../lib/nodes/kernel-key";
import { kernelKeyNames, kernelKeys, kubeletKeys, moduleOf, tryKernelKey } from "../../lib/nodes/kernel-keys";

const settingsSource = readFileSync(join(__dirname, "../../lib/nodes/kernel-settings.ts"), "utf8");

describe("the table", () => {
  test("begins with the reference profile's six keys, in its order", () => {
    expect(kernelKeyNames.slice(0, 6)).toEqual([
      "fs.file-max",
      "net.netfilter.nf_conntrack_max",
      "net.core.somaxconn",
      "net.ipv4.tcp_max_syn_backlog",
      "net.ipv4.tcp_tw_reuse",
      "net.ipv4.ip_local_port_range",
    ]);
  });

  test.each(kernelKeyNames)("%s stands in the docstrings with its unit, range, scope, stock value and source", (name) => {
    const { first, last } = docOf(kernelKeys[name]);
    const [before = ""] = settingsSource.split(`  readonly "${name}"?: `);
    const docstring = before.slice(before.lastIndexOf("  /**"));
    expect(docstring.slice(0, first.length)).toBe(first);
    expect(docstring.slice(-last.length)).toBe(last);
  });

  test("calls safe in pods what the kubelet calls safe, by minor", () => {
    const safe = kernelKeyNames.map((name) => [name, kernelKeys[name].safeInPodsSince] as const).filter(([, since]) => since !== undefined);
    expect(Object.fromEntries(safe)).toEqual({
      "net.ipv4.ip_local_port_range": 0,
      "net.ipv4.tcp_syncookies": 0,
      "net.ipv4.ip_unprivileged_port_start": 22,
      "net.ipv4.tcp_fin_timeout": 29,
      "net.ipv4.tcp_keepalive_time": 29,
      "net.ipv4.tcp_keepalive_intvl": 29,
      "net.ipv4.tcp_keepalive_probes": 29,
      "net.ipv4.tcp_rmem": 32,
      "net.ipv4.tcp_slow_start_after_idle": 37,
      "net.ipv4.tcp_wmem": 32,
    });
  });

  test("calls safe only what each pod has of its own", () => {
    const wrong = kernelKeyNames.filter((name) => kernelKeys[name].safeInPodsSince !== undefined && kernelKeys[name].scope === "node");
    expect(wrong).toEqual([]);
  });

  test("knows the six keys that the kubelet protects", () => {
    expect(kubeletKeys).toEqual({
      "vm.overcommit_memory": 1,
      "vm.panic_on_oom": 0,
      "kernel.panic": 10,
      "kernel.panic_on_oops": 1,
      "kernel.keys.root_maxkeys": 1_000_000,
      "kernel.keys.root_maxbytes": 25_000_000,
    });
  });

  test("knows what a node has that nobody tuned, as measured on 1 GiB and 24 GiB", () => {
    const stock = (name: keyof typeof kernelKeys, gibibytes: number): number | undefined =>
      kernelKeys[name].stockAmount?.(gibibytes * 2 ** 30);
    expect([stock("net.netfilter.nf_conntrack_max", 1), stock("net.netfilter.nf_conntrack_max", 24)]).toEqual([8_192, 262_144]);
    expect([stock("net.ipv4.tcp_max_syn_backlog", 1), stock("net.ipv4.tcp_max_syn_backlog", 24)]).toEqual([128, 2_048]);
    expect(stock("net.ipv4.tcp_max_tw_buckets", 24)).toBe(131_072);
    expect(stock("net.core.somaxconn", 24)).toBe(4_096);
    expect(stock("fs.nr_open", 24)).toBe(1_048_576);
  });

  test("takes retransmissions up to what the kernel takes, 256 being refused by it", () => {
    expect(expectedOf(kernelKeys["net.ipv4.tcp_retries2"])).toBe("whole retransmissions from 3 to 255");
  });
});

test("names the module without which a key does not exist", () => {
  expect(moduleOf("net.netfilter.nf_conntrack_max")).toBe("nf_conntrack");
  expect(moduleOf("net.bridge.bridge-nf-call-iptables")).toBe("br_netfilter");
  expect(moduleOf("net.core.somaxconn")).toBeUndefined();
});

test("finds nothing under the names that every object has", () => {
  expect([tryKernelKey("constructor"), tryKernelKey("__proto__"), tryKernelKey("fs.file-max")?.scope]).toEqual([
    undefined,
    undefined,
    "node",
  ]);
});

test("says in words what each kind of key expects", () => {
  expect(
    ["fs.nr_open", "vm.swappiness", "net.ipv4.tcp_tw_reuse", "net.ipv4.ip_forward", "net.ipv4.tcp_rmem"].map((name) =>
      expectedOf(tryKernelKey(name) as KernelKey),
    ),
  ).toMatchInlineSnapshot(`
    [
      "whole files from 8192 to 2147483584, as a number, { exact } or { atLeast }",
      "whole points from 0 to 100",
      "one of 0 (never), 1 (when the timestamps allow it), 2 (on loopback only)",
      "1 (passes packets on)",
      "[least, initial, largest] in bytes, rising: least from 4096 to 2147483647, initial from 4096 to 2147483647, largest from 4096 to 2147483647",
    ]
  `);
});

/** How a docstring begins and ends. What was seen of the key may stand between. */
function docOf({ summary, value, scope, stock, see }: KernelKey): { readonly first: string; readonly last: string } {
  return {
    first: `  /**\n   * ${summary}\n   *\n   * ${valueDoc(value)}. Each ${scope === "node" ? "node" : "network namespace"}.\n   *\n`,
    last: `   *\n   * @default - untouched: ${stock}\n   * @see ${see}\n   */\n`,
  };
}

function valueDoc(value: KernelKey["value"]): string {
  if (value.kind === "choice") {
    const choices = Object.entries(value.choices).map(([choice, meaning]) => `${choice}: ${meaning}`);
    return `Values: ${choices.join("; ")}`;
  }
  if (value.kind === "tuple")
    return `Unit: ${value.unit}; ${value.parts.map(({ name, min, max }) => `${name} ${min} to ${max}`).join(", ")}`;
  return `Unit: ${value.unit}, ${value.min} to ${value.max}`;
}
