import { describe, expect, test } from "vitest";
import { findings } from "../../lib/core/finding";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { kubeadmOf } from "./kubernetes";
import { artefactOf, findingsOf, nodes, poolOf } from "./pool";

test("the reference profile as it is, on kubeadm", () => {
  expect(findingsOf(poolOf({ distribution: "kubeadm" }))).toMatchInlineSnapshot(`
    {
      "MG0601": "net.core.somaxconn, net.ipv4.tcp_max_syn_backlog, net.ipv4.tcp_tw_reuse, net.ipv4.ip_local_port_range belong to each network namespace: pods keep the kernel's own values, sidecars among them; only the node's daemons and hostNetwork pods have these. podSysctls: { safe: true } gives pods net.ipv4.ip_local_port_range; podSysctls.unsafe gives them those it names of net.core.somaxconn, net.ipv4.tcp_max_syn_backlog, net.ipv4.tcp_tw_reuse.",
      "MG0604": "fs.file-max = 2097152 lowers what a node has that nobody tuned: 9223372036854775807 under systemd (since 240), else a tenth of the memory in KiB. Use { "fs.file-max": { atLeast: 2097152 } }, or leave the key out: profile.without("fs.file-max").",
      "MG0608": "kube-proxy's configuration is one for the cluster: until it says what stands in nodes/oslo/kubeadm/kube-proxy.yaml, kube-proxy may set net.netfilter.nf_conntrack_max to 262144. Give it to kubeadm init as a further document; on a living cluster, edit the ConfigMap kube-proxy in kube-system and restart its pods.",
    }
  `);
});

describe("MG0601: settings that no pod sees", () => {
  test("those that pods ask for are not named", () => {
    const note = findingsOf(poolOf({ podSysctls: { safe: true, unsafe: ["net.core.somaxconn"] } })).MG0601;
    expect(note).toMatch(/^net\.ipv4\.tcp_max_syn_backlog, net\.ipv4\.tcp_tw_reuse belong/);
  });

  test("settings of the whole machine and of the node's own work are not named", () => {
    const kernel = KernelProfile.of({
      "fs.nr_open": { atLeast: 2_000_000 },
      "net.ipv4.ip_forward": 1,
      "net.bridge.bridge-nf-call-iptables": 1,
    });
    expect(findingsOf(poolOf({ kernel, reservedPorts: [40_000] })).MG0601).toBeUndefined();
  });

  test("it is a note: nothing is wrong with it", () => {
    expect(findings(poolOf()).find(({ code }) => code === "MG0601")?.severity).toBe("note");
  });
});

describe("MG0604: an exact value that takes something away", () => {
  test("a floor does not", () => {
    expect(findingsOf(poolOf({ kernel: KernelProfile.mesh({ "fs.file-max": { atLeast: 2_097_152 } }) })).MG0604).toBeUndefined();
  });

  test("it depends on the memory of the node", () => {
    const kernel = KernelProfile.of({ "net.ipv4.tcp_max_syn_backlog": 1_024 });
    const warned = (["1Gi", "32Gi"] as const).map((memory) => "MG0604" in findingsOf(poolOf({ kernel, nodes: { ...nodes, memory } })));
    expect(warned).toEqual([false, true]);
  });
});

test("MG0608: kube-proxy has to be told where somebody else makes the cluster, and is told where this library does", () => {
  const codes = (props: Parameters<typeof poolOf>[0]): boolean => "MG0608" in findingsOf(poolOf(props));
  const made = poolOf({ kubernetes: kubeadmOf().controlPlane() });
  expect([codes({ distribution: "kubeadm" }), codes({ distribution: "k3s" }), "MG0608" in findingsOf(made)]).toEqual([true, false, false]);
  expect(artefactOf(made, "kubeadm/init.yaml")).toContain("kind: KubeProxyConfiguration\nconntrack:\n  maxPerCore: 0\n");
});

test("MG0605: what Pod Security refuses is said aloud", () => {
  expect(findingsOf(poolOf({ podSysctls: { unsafe: ["net.ipv4.tcp_tw_reuse"] } })).MG0605).toMatchInlineSnapshot(
    `"pods of the pool ask for net.ipv4.tcp_tw_reuse: Pod Security's levels baseline and restricted refuse them. Keep them to namespaces at level privileged, on nodes of oslo that have the kubelet's new list; it counts after a restart of the kubelet."`,
  );
});

test("MG0606: an unknown key shows with its reason", () => {
  const kernel = KernelProfile.of({}).withUnknown({ "net.ipv4.tcp_ecn": { exact: 1, reason: "asked for by Kari" } });
  expect(findingsOf(poolOf({ kernel })).MG0606).toMatchInlineSnapshot(
    `"net.ipv4.tcp_ecn is not a key that the library knows, so nothing checks its value. Reason given: asked for by Kari Read it back on a node: the boot unit fails when it does not hold."`,
  );
});

describe("MG0607: fewer connections than kube-proxy would allow", () => {
  test.each([
    [8, false],
    [9, true],
  ])("the reference's 262144 on %i cores: %s", (cpu, expected) => {
    expect("MG0607" in findingsOf(poolOf({ nodes: { ...nodes, cpu } }))).toBe(expected);
  });

  test("says how many it would be", () => {
    expect(findingsOf(poolOf({ nodes: { ...nodes, cpu: 16 } })).MG0607).toMatchInlineSnapshot(
      `"net.netfilter.nf_conntrack_max = 262144 is below what kube-proxy sets on 16 cores when it is left alone, 524288. Set at least 524288, or leave the key to kube-proxy: profile.without("net.netfilter.nf_conntrack_max")."`,
    );
  });
});

describe("MG0608: kube-proxy's configuration is the cluster's", () => {
  test("not on k3s, where each node has its own", () => {
    expect(findingsOf(poolOf()).MG0608).toBeUndefined();
  });
});
