import { describe, expect, test } from "vitest";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import { podSysctlPlan } from "../../lib/nodes/pod-sysctls";
import { appOn, artefactOf, poolOf } from "./pool";

const names = ({ podSysctls }: { readonly podSysctls: readonly { readonly name: string }[] }): string[] =>
  podSysctls.map(({ name }) => name);
const kernel = KernelProfile.mesh({ "net.ipv4.tcp_keepalive_time": 600, "net.ipv4.tcp_rmem": [4_096, 131_072, 8_388_608] });

test("pods ask for nothing by default", () => {
  expect([poolOf().podSysctls, poolOf().unsafePodSysctls]).toEqual([[], []]);
});

test("a floor never goes to pods, even when it is named: nobody compares before it is written", () => {
  const floor = [{ key: "net.core.somaxconn", mode: "atLeast", value: "1024" }] as const;
  expect(podSysctlPlan(floor, { safe: true, unsafe: ["net.core.somaxconn"] }, 36)).toEqual({ asked: [], unsafe: [] });
});

describe("safe", () => {
  test.each([
    [28, ["net.ipv4.ip_local_port_range"]],
    [29, ["net.ipv4.ip_local_port_range", "net.ipv4.tcp_keepalive_time"]],
    [32, ["net.ipv4.ip_local_port_range", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem"]],
  ])("on Kubernetes 1.%i asks for what its kubelet lets pods have", (minor, expected) => {
    expect(names(poolOf({ kernel, podSysctls: { safe: true } }, appOn(minor)))).toEqual(expected);
  });

  test.each([
    [26, false],
    [27, true],
  ])("on Kubernetes 1.%i asks for the reserved ports: %s", (minor, expected) => {
    const pool = poolOf({ reservedPorts: [40_000], podSysctls: { safe: true } }, appOn(minor));
    expect(names(pool).includes("net.ipv4.ip_local_reserved_ports")).toBe(expected);
  });

  test("tells the kubelet nothing", () => {
    const pool = poolOf({ kernel, podSysctls: { safe: true } });
    expect(pool.unsafePodSysctls).toEqual([]);
    expect(artefactOf(pool, "etc/rancher/k3s/config.yaml.d/90-meshground.yaml")).not.toContain("unsafe");
  });
});

describe("unsafe", () => {
  test("gives pods what is named, and the kubelet the permission", () => {
    const pool = poolOf({ podSysctls: { unsafe: ["net.core.somaxconn"] } });
    expect(pool.podSysctls).toEqual([{ name: "net.core.somaxconn", value: "32768" }]);
    expect(pool.unsafePodSysctls).toEqual(["net.core.somaxconn"]);
    expect(artefactOf(pool, "etc/rancher/k3s/config.yaml.d/90-meshground.yaml")).toContain("allowed-unsafe-sysctls=net.core.somaxconn,");
  });

  test("asks for no permission where the kubelet's release does not need one", () => {
    const unsafe = ["net.ipv4.tcp_keepalive_time"] as const;
    expect([28, 29].map((minor) => poolOf({ kernel, podSysctls: { unsafe } }, appOn(minor)).unsafePodSysctls)).toEqual([unsafe, []]);
  });

  test("refuses what no pod has, what is not set, and floors", () => {
    const floors = KernelProfile.mesh({ "net.core.somaxconn": { atLeast: 32_768 } });
    const unsafe = ["fs.file-max", "net.core.somaxconn", "net.ipv4.tcp_mtu_probing", "net.ipv4.tcp_tw_reus", 7] as never;
    expect(() => poolOf({ kernel: floors, podSysctls: { unsafe } })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: oslo: 5 invalid props
        podSysctls.unsafe[0]: got "fs.file-max", expected a key of the network namespace. A pod has no value of its own.
        podSysctls.unsafe[1]: got "net.core.somaxconn", expected a key that is set exactly. A pod's value is written, never compared: a floor cannot be one.
        podSysctls.unsafe[2]: got "net.ipv4.tcp_mtu_probing", expected a key that the pool's kernel profile sets. Set it there first.
        podSysctls.unsafe[3]: got "net.ipv4.tcp_tw_reus", expected a key that the pool's kernel profile sets. Did you mean "net.ipv4.tcp_tw_reuse"?
        podSysctls.unsafe[4]: got 7, expected a key that the pool's kernel profile sets.]
    `);
  });

  test("needs a kubeadm that can patch the kubelet's configuration", () => {
    const props = { distribution: "kubeadm", podSysctls: { unsafe: ["net.core.somaxconn"] } } as const;
    expect(() => poolOf(props, appOn(24))).toThrow(/Kubernetes 1\.25 or newer/);
    expect(poolOf(props, appOn(25)).unsafePodSysctls).toEqual(["net.core.somaxconn"]);
  });
});
