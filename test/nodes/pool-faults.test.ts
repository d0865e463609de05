import { describe, expect, test } from "vitest";
import { findings } from "../../lib/core/finding";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { appOn, nodes, poolOf } from "./pool";

const wide = KernelProfile.mesh({ "net.ipv4.ip_local_port_range": [15_000, 65_535] });

describe("MG0602: local ports that something listens on", () => {
  test("NodePorts in the range are refused, with the way out", () => {
    expect(() => poolOf({ kernel: wide })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: oslo: 1 invalid prop
        kernel["net.ipv4.ip_local_port_range"]: the node's outgoing connections may be given 30000-32767 (NodePort Services): what listens there may not start again. Start the range at 32768, or set reservedPorts: ["30000-32767"]. (MG0602; to accept it: suppress: { MG0602: "why" })]
    `);
  });

  test("reserved ports that cover them are the way out", () => {
    expect(() => poolOf({ kernel: wide, reservedPorts: ["30000-32767"] })).not.toThrow();
  });

  test("one port short is not covered", () => {
    expect(() => poolOf({ kernel: wide, reservedPorts: ["30000-32766"] })).toThrow(/32767 \(NodePort Services\)/);
  });

  test("a range from 32768 on is clear of everything", () => {
    expect(() => poolOf({ kernel: KernelProfile.of({ "net.ipv4.ip_local_port_range": [32_768, 65_535] }) })).not.toThrow();
  });

  test("NodePorts that lie in the kernel's own range are seen without a range in the profile", () => {
    expect(() => poolOf({ kernel: KernelProfile.of({}), nodePorts: "40000-40100" })).toThrow(/40000-40100 \(NodePort Services\)/);
  });

  test("a range that pods ask for must leave the sidecar's ports, too", () => {
    const props = { kernel: wide, reservedPorts: ["30000-32767"], podSysctls: { safe: true } } as const;
    expect(() => poolOf(props)).toThrow(/each pod's outgoing connections may be given 15000-15090 \(Istio's sidecar\)/);
    expect(() => poolOf({ ...props, reservedPorts: ["30000-32767", "15000-15090"] })).not.toThrow();
  });

  test("a pod whose kubelet does not let it reserve ports is not covered by the node's", () => {
    const props = { kernel: wide, reservedPorts: ["30000-32767", "15000-15090"], podSysctls: { safe: true } } as const;
    expect(() => poolOf(props, appOn(26))).toThrow(/Istio's sidecar/);
  });

  test("is accepted with a reason, which stays in the report", () => {
    const pool = poolOf({ kernel: wide, suppress: { MG0602: "no NodePorts here" } });
    expect(findings(pool).find(({ code }) => code === "MG0602")?.suppressed).toBe("no NodePorts here");
  });
});

describe("MG0603: memory of the connection table", () => {
  const small = { ...nodes, memory: "4Gi" } as const;
  const kernel = KernelProfile.mesh({ "net.netfilter.nf_conntrack_max": 2_097_152 });

  test("more than a tenth of the memory is refused, with the most that fits", () => {
    expect(() => poolOf({ nodes: small, kernel })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: oslo: 1 invalid prop
        kernel["net.netfilter.nf_conntrack_max"]: a full table of 2097152 connections takes 656 MiB of each node's 4096 MiB, more than a tenth, and nothing can reclaim it. Set at most 1309441. (MG0603; to accept it: suppress: { MG0603: "why" })]
    `);
  });

  test("what the error proposes fits", () => {
    expect(() => poolOf({ nodes: small, kernel: KernelProfile.mesh({ "net.netfilter.nf_conntrack_max": 1_309_440 }) })).not.toThrow();
    expect(() => poolOf({ nodes: small, kernel: KernelProfile.mesh({ "net.netfilter.nf_conntrack_max": 1_309_452 }) })).toThrow(/MG0603/);
  });

  test("a floor counts as the exact value does", () => {
    const floor = KernelProfile.mesh({ "net.netfilter.nf_conntrack_max": { atLeast: 2_097_152 } });
    expect(() => poolOf({ nodes: small, kernel: floor })).toThrow(/MG0603/);
  });

  test("is accepted with a reason", () => {
    expect(() => poolOf({ nodes: small, kernel, suppress: { MG0603: "a router and nothing else" } })).not.toThrow();
  });
});
