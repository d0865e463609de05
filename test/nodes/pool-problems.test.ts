import { expect, test } from "vitest";
import { kubeletKeys } from "../../lib/nodes/kernel-keys";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import type { KernelSettings } from "../../lib/nodes/kernel-settings";
import { poolProblems } from "../../lib/nodes/pool-problems";
import type { TunedNodePoolProps } from "../../lib/nodes/pool-props";
import { nodes } from "./pool";

const problemsOf = (props: object, minor = 36): string[] =>
  poolProblems("oslo", { nodes, distribution: "k3s", ...props } as TunedNodePoolProps, { text: `1.${minor}`, minor }).map(
    ({ path, message }) => `${path}: ${message}`,
  );

test("nothing is wrong with the least that a pool must have", () => {
  expect(problemsOf({})).toEqual([]);
});

test("a table is sized only together with its limit", () => {
  expect(problemsOf({ kernel: KernelProfile.of({}), conntrack: { hashSize: 65_536 } })).toMatchInlineSnapshot(`
    [
      "conntrack: the kernel profile does not set net.netfilter.nf_conntrack_max, whose table this sizes.",
    ]
  `);
});

test.each([32_768, 262_144])("a table for 262144 connections may have %i buckets", (hashSize) => {
  expect(problemsOf({ conntrack: { hashSize } })).toEqual([]);
});

test.each([32_767, 262_145, 0, 1.5])("a table for 262144 connections may not have %j buckets", (hashSize) => {
  expect(problemsOf({ conntrack: { hashSize } })).toHaveLength(1);
});

test("the kubelet protects the kernel's defaults only where all six are set as it wants them", () => {
  const five = KernelProfile.mesh(kubeletKeys as KernelSettings).without("kernel.panic");
  expect(problemsOf({ kernel: five, protectKernelDefaults: true })).toMatchInlineSnapshot(`
    [
      "protectKernelDefaults: the kubelet would not start. Add to the kernel profile: { "kernel.panic": 10 }.",
    ]
  `);
  expect(problemsOf({ kernel: five.with({ "kernel.panic": 10 }), protectKernelDefaults: true })).toEqual([]);
});

test("what one prop breaks does not hide what is wrong with another", () => {
  expect(
    problemsOf({ nodes: { ...nodes, cpu: 0 }, kernel: KernelProfile.mesh({ "net.ipv4.ip_local_port_range": [1_024, 65_535] }) }),
  ).toHaveLength(2);
});

test("a broken prop is not looked at twice", () => {
  expect(
    problemsOf({ kernel: KernelProfile.mesh({ "net.netfilter.nf_conntrack_max": -1 } as never), conntrack: { hashSize: 1 } }),
  ).toHaveLength(1);
});

test("podSysctls of the wrong form are one problem", () => {
  expect(
    [true, { all: true }, { unsafe: "net.core.somaxconn" }, { safe: 1 }].map((podSysctls) => problemsOf({ podSysctls }).length),
  ).toEqual([1, 1, 1, 1]);
});
