import { describe, expect, test } from "vitest";
import { conntrackBytes, kubeProxyConntrack, renderModprobe, renderModulesLoad } from "../../lib/nodes/conntrack";

test("a full table of the reference's size takes 82 MiB", () => {
  expect(Math.round(conntrackBytes(262_144, 262_144) / 2 ** 20)).toBe(82);
});

describe("kube-proxy left alone", () => {
  test.each([
    [1, 35, 131_072],
    [4, 35, 131_072],
    [8, 35, 262_144],
    [64, 35, 2_097_152],
    [64, 36, 1_048_576],
  ])("on %i cores of Kubernetes 1.%i sets %i", (cores, minor, expected) => {
    expect(kubeProxyConntrack(cores, minor)).toBe(expected);
  });
});

test("modules are loaded one a line", () => {
  expect(renderModulesLoad(["br_netfilter", "nf_conntrack"])).toMatch(/^#.*\nbr_netfilter\nnf_conntrack\n$/);
});

test("modprobe is told the buckets", () => {
  expect(renderModprobe(65_536)).toBe("options nf_conntrack hashsize=65536\n");
});
