import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allTexts } from "../../lib/checks/rules/all-rules";
import { kernelKeyNames } from "../../lib/nodes/kernel-keys";
import { meshground } from "./meshground";

const pages = join(__dirname, "../../docs");
const explain = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await meshground(["explain", ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
};

describe("a code", () => {
  test("is explained by its page, in capitals or not", async () => {
    const page = readFileSync(join(pages, "rules/MG0301.md"), "utf8");
    expect([await explain("MG0301"), await explain("mg0301")]).toEqual([page, page]);
  });

  test("is explained as JSON", async () => {
    expect(JSON.parse(await explain("MG0301", "--json"))).toMatchObject({ code: "MG0301", severity: "error", fix: expect.any(String) });
  });
});

describe("a kernel key", () => {
  test("is explained with what it is, whether pods have it, and who sets it to what", async () => {
    expect(await explain("net.netfilter.nf_conntrack_max")).toMatchInlineSnapshot(`
      "# net.netfilter.nf_conntrack_max

      Connections the node tracks at once; above it new packets are dropped.

      - Values: connections from 16384 to 16777216; exactly so many, or { atLeast }, which only ever raises. Range: own bounds: 5 MiB to 5 GiB of kernel memory
      - The kernel's own: as many as the table has buckets: 262144 above 4 GiB of memory, 65536 above 1 GiB; with 1, 8 and 32 GiB: 8192, 262144, 262144
      - Pods: one value for the whole machine: its pods have it too
      - KernelProfile.mesh: sets 262144, as the published system does that it follows. With sidecars each call is two connections or more on its way, and a full table drops new ones.
      - Overwritten by: kube-proxy and k3s, at their start
      - Mind: kube-proxy asks for 32768 a core and at least 131072, unless its configuration says conntrack: { maxPerCore: 0, min: 0 }. A TunedNodePool writes that for k3s and kubeadm (MG0608), loads the module at boot and sizes its hash table.
      - Needs: the kernel module nf_conntrack: without it the key does not exist, and sysctl passes it over in silence
      - Source: <https://docs.kernel.org/networking/nf_conntrack-sysctl.html>
      "
    `);
  });

  test("is found with slashes, and by its path", async () => {
    const dotted = await explain("net.core.somaxconn");
    expect(await explain("net/core/somaxconn")).toBe(dotted);
    expect(await explain("/proc/sys/net/core/somaxconn")).toBe(dotted);
  });

  test("is explained as JSON", async () => {
    expect(JSON.parse(await explain("net/core/somaxconn", "--json"))).toMatchObject({
      key: "net.core.somaxconn",
      scope: "network-namespace",
      mesh: { value: "32768" },
    });
  });
});

describe("without a name", () => {
  test("everything that can be explained is listed", async () => {
    const list = await explain();
    for (const name of [...allTexts.map(({ code }) => code), ...kernelKeyNames]) expect(list).toContain(`  ${name} `);
  });

  test("so it is as JSON", async () => {
    const { codes, kernelKeys } = JSON.parse(await explain("--json"));
    expect([codes.length, kernelKeys.length]).toEqual([allTexts.length, kernelKeyNames.length]);
  });
});

test.each([
  ["IST112", "Did you mean"],
  ["net.core.somaxcon", 'Did you mean "net.core.somaxconn"?'],
  ["somaxcon", 'Did you mean "net.core.somaxconn"?'],
  ["constructor", "What there is: meshground explain"],
  ["\u001b[2J", "\\x1b[2J"],
])("of %j nothing is known, and what comes nearest is named", async (name, message) => {
  expect(await meshground(["explain", name])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
});
