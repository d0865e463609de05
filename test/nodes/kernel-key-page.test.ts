import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kernelKeyFacts } from "../../lib/nodes/kernel-key-facts";
import { kernelKeyNotes } from "../../lib/nodes/kernel-key-notes";
import { kernelKeysPage } from "../../lib/nodes/kernel-key-page";
import { kernelKeyNames, kernelKeys } from "../../lib/nodes/kernel-keys";

const root = join(__dirname, "../..");
const docstrings = readFileSync(join(root, "lib/nodes/kernel-settings.ts"), "utf8").replaceAll(/\s*\n\s*\* ?/g, " ");

test("the page of all keys says what is known of them", async () => {
  await expect(kernelKeysPage()).toMatchFileSnapshot(join(root, "docs/kernel-keys.md"));
});

describe("what is said of a key", () => {
  test("was measured as its docstring says", () => {
    const seen = Object.values(kernelKeyNotes).flatMap((notes) => notes.seen ?? []);
    expect(seen.filter((text) => !docstrings.includes(text))).toEqual([]);
    expect(seen.length).toBeGreaterThan(3);
  });

  test("is a reason wherever the profile sets it, and the reference system's value", () => {
    const conf = readFileSync(join(root, "test/golden/reference/07-99-k8s-mesh.conf"), "utf8");
    const set = kernelKeyNames.map(kernelKeyFacts).filter(({ mesh }) => mesh !== undefined);
    expect(set.map(({ key, mesh }) => `${key} = ${mesh?.value}`)).toEqual(conf.trim().split("\n"));
    expect(set.filter(({ mesh }) => mesh?.reason === "")).toEqual([]);
  });

  test("tells pods that have it from pods that have their own", () => {
    for (const key of kernelKeyNames) expect(kernelKeyFacts(key).pods.startsWith("one value")).toBe(kernelKeys[key].scope === "node");
    expect(kernelKeyFacts("net.ipv4.tcp_rmem").pods).toContain("from Kubernetes 1.32");
    expect(kernelKeyFacts("net.core.somaxconn").pods).toContain("podSysctls.unsafe");
  });

  test("tells what small nodes have where the kernel follows the memory", () => {
    expect(kernelKeyFacts("net.netfilter.nf_conntrack_max").stock).toMatch(/; with 1, 8 and 32 GiB: 8192, 262144, 262144$/);
    expect(kernelKeyFacts("net.core.somaxconn").stock).not.toContain("GiB");
  });

  test("names no rule that there is none of", () => {
    const codes = [...JSON.stringify(kernelKeyNotes).matchAll(/MG\d{4}/g)].map(([code]) => code);
    for (const code of codes) expect(readFileSync(join(root, `docs/rules/${code}.md`), "utf8")).toContain(code);
    expect(codes.length).toBeGreaterThan(2);
  });
});
