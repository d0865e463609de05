import { describe, expect, test } from "vitest";
import { codes, type Fields, found, only, pool, shop, withSysctls } from "./node-yaml";

const nodes = { count: 3, cpu: 8, memory: "32Gi" };
const handsOff = { kubeProxy: { conntrack: { maxPerCore: 0, min: 0 } } };
const conntrack = (value: number): Fields => ({ kernel: { "net.netfilter.nf_conntrack_max": value } });
const document = (kind: string, fields: Fields): Fields => ({
  apiVersion: kind === "KubeletConfiguration" ? "kubelet.config.k8s.io/v1beta1" : "kubeproxy.config.k8s.io/v1alpha1",
  kind,
  metadata: { name: "config" },
  ...fields,
});
/** What is found of a code in one pool. */
const has = (code: string, spec: Fields, around: Parameters<typeof found>[1] = {}, more: readonly Fields[] = []): boolean =>
  found([pool("oslo", spec), ...more], around).some((finding) => finding.code === code);

describe("MG0601: settings that no pod sees", () => {
  const keepalive = { kernel: { "net.ipv4.tcp_keepalive_time": 600, "net.core.somaxconn": 32_768 } };

  test("names them all, and how pods can have them", () => {
    const { severity, field, message, fix } = only("MG0601", [pool("oslo", keepalive)]);
    expect([severity, field]).toEqual(["note", "spec.kernel"]);
    expect(message).toMatch(/^net\.core\.somaxconn, net\.ipv4\.tcp_keepalive_time belong to each network namespace/);
    expect(fix).toMatch(/^Pods may ask for net\.ipv4\.tcp_keepalive_time .* For net\.core\.somaxconn the kubelet has to allow it first/);
  });

  test("those that a pod asks for are not named, whoever made the pod", () => {
    const asking = withSysctls({ "net.ipv4.tcp_keepalive_time": "600" });
    const { field, message } = only("MG0601", [pool("oslo", keepalive), asking]);
    expect(field).toBe('spec.kernel["net.core.somaxconn"]');
    expect(message).toMatch(/^net\.core\.somaxconn belong/);
  });

  test("settings of the whole machine are not named", () => {
    expect(has("MG0601", { kernel: { "fs.nr_open": { atLeast: 2_000_000 }, "net.ipv4.ip_forward": 1 }, reservedPorts: [40_000] })).toBe(
      false,
    );
  });

  test("a floor cannot be asked for by a pod", () => {
    expect(only("MG0601", [pool("oslo", { kernel: { "net.core.somaxconn": { atLeast: 8_192 } } })]).fix).toBe(
      "Set them exactly for pods to ask for them.",
    );
  });
});

describe("MG0602: local ports that something listens on", () => {
  const wide = { kernel: { "net.ipv4.ip_local_port_range": [1_024, 65_535] } };

  test("says what listens, and what to reserve beside what is reserved", () => {
    const { message, fix } = only("MG0602", [pool("oslo", { ...wide, distribution: "k3s", reservedPorts: [2_379, "30000-32767"] })]);
    expect(message).toMatchInlineSnapshot(
      `"the node's outgoing connections may be given 2380 (etcd), 6443 (the API server), 10248-10250 (the kubelet and kube-proxy), 10256-10259 (kube-proxy and the control plane), 6444 (k3s's own load balancer), 8472 (Flannel's VXLAN), 10010 (k3s's containerd): what listens there may not start again."`,
    );
    expect(fix).toMatchInlineSnapshot(
      `"Start the range at 32768, or set reservedPorts: ["2379-2380", "6443-6444", 8472, 10010, "10248-10250", "10256-10259", "30000-32767"]."`,
    );
  });

  test("NodePorts elsewhere are looked for elsewhere", () => {
    const narrow = (nodePorts: string): boolean =>
      has("MG0602", { kernel: { "net.ipv4.ip_local_port_range": [32_768, 60_999] }, nodePorts });
    expect([narrow("30000-32767"), narrow("40000-41000")]).toEqual([false, true]);
  });

  test("a range that is no range counts as the kernel's own", () => {
    expect(has("MG0602", { kernel: { "net.ipv4.ip_local_port_range": "wide" } })).toBe(false);
  });

  describe("in pods", () => {
    const injected = shop({ "istio-injection": "enabled" });
    const range = { "net.ipv4.ip_local_port_range": "1024\t65535" };

    test("a sidecar's ports count, where there is a sidecar", () => {
      expect(only("MG0602", [injected, withSysctls(range)])).toMatchObject({
        field: "spec.template.spec.securityContext.sysctls[0].name",
        message: "each pod's outgoing connections may be given 15000-15090 (Istio's sidecar): what listens there may not start again.",
      });
      expect(codes([withSysctls(range)])).toEqual([]);
    });

    test("reserved ports are out of reach", () => {
      expect(codes([injected, withSysctls({ ...range, "net.ipv4.ip_local_reserved_ports": "15000-15090" })])).toEqual([]);
    });

    test("a pool that makes its pods ask answers for it, once", () => {
      const asked = pool("oslo", { podSysctls: [{ name: "net.ipv4.ip_local_port_range", value: "1024 65535" }] });
      const pods = withSysctls({ "net.ipv4.ip_local_port_range": "1024 65535" });
      expect(only("MG0602", [injected, asked, pods]).field).toBe("spec.podSysctls");
    });
  });
});

describe("MG0603: memory of the connection table", () => {
  test("says how much it takes and how much there may be", () => {
    expect(only("MG0603", [pool("oslo", { nodes: { memory: "2Gi" }, ...conntrack(1_048_576) })])).toMatchObject({
      severity: "error",
      message: "a full table of 1048576 connections takes 328 MiB of each node's 2 GiB, more than a tenth, and nothing can reclaim it.",
      fix: "Set at most 654720.",
    });
  });

  test("fewer buckets take less", () => {
    const table = (conntrackTable: Fields): boolean =>
      has("MG0603", { nodes: { memory: "2Gi" }, ...conntrack(660_000), conntrack: conntrackTable });
    expect([table({}), table({ hashSize: 65_536 })]).toEqual([true, false]);
  });

  test("nothing is said where nobody says how much memory there is", () => {
    expect(has("MG0603", conntrack(16_777_216))).toBe(false);
  });
});

describe("MG0604: a setting below what a node has anyway", () => {
  test("a floor is none", () => {
    expect([has("MG0604", { kernel: { "fs.file-max": 2_097_152 } }), has("MG0604", { kernel: { "fs.file-max": { atLeast: 1 } } })]).toEqual(
      [true, false],
    );
  });

  test("where the default hangs on memory, the least counts until somebody says how much there is", () => {
    const backlog = { kernel: { "net.ipv4.tcp_max_syn_backlog": 1_024 } };
    expect([has("MG0604", backlog), has("MG0604", { ...backlog, nodes: { memory: "32Gi" } })]).toEqual([false, true]);
  });
});

test("MG0605: only settings that are not safe in this release", () => {
  const asks = (name: string): Fields => ({ podSysctls: [{ name, value: "1" }] });
  expect([has("MG0605", asks("net.core.somaxconn")), has("MG0605", asks("net.ipv4.tcp_rmem"))]).toEqual([true, false]);
  expect(has("MG0605", asks("net.ipv4.tcp_rmem"), { istio: "1.28", kubernetes: "1.31" })).toBe(true);
});

describe("MG0607: fewer connections than kube-proxy would allow", () => {
  test.each([
    [8, false],
    [9, true],
  ])("262144 on %i cores: %s", (cpu, expected) => {
    expect(has("MG0607", { nodes: { ...nodes, cpu }, ...conntrack(262_144), ...handsOff })).toBe(expected);
  });
});

describe("MG0608: kube-proxy of a kubeadm cluster that nobody describes", () => {
  const kubeadm = { nodes, distribution: "kubeadm", ...conntrack(524_288) };

  test("says what it may write", () => {
    expect(only("MG0608", [pool("oslo", kubeadm)]).message).toMatch(/kube-proxy may set it to 262144\.$/);
  });

  test("a KubeProxyConfiguration among the objects describes it", () => {
    const told = (conntrackTold: Fields): readonly string[] =>
      codes([pool("oslo", kubeadm), document("KubeProxyConfiguration", { conntrack: conntrackTold })], {
        istio: "1.29",
        kubernetes: "1.35",
      });
    expect(told({ maxPerCore: 0, min: 0 })).toEqual([]);
    expect(told({})).toEqual(["error MG0614"]);
  });

  test("k3s has no such document", () => {
    expect(has("MG0608", { ...kubeadm, distribution: "k3s", ...handsOff })).toBe(false);
  });
});

describe("MG0614: a limit that is set back", () => {
  const told = { nodes: { ...nodes, cpu: 4 }, distribution: "kubeadm", ...conntrack(1_048_576), kubeProxy: { conntrack: {} } };

  test.each([
    ["1.26", "1.28", []],
    ["1.27", "1.29", ["error MG0614"]],
    ["1.29", "1.35", ["error MG0614"]],
    ["1.30", "1.36", ["warning MG0614"]],
    ["1.31", "1.38", []],
  ] as const)("kube-proxy beside Istio %s, Kubernetes %s: %j", (istio, kubernetes, expected) => {
    expect(codes([pool("oslo", told)], { istio, kubernetes })).toEqual(expected);
  });

  test("says to what", () => {
    expect(only("MG0614", [pool("oslo", told)], { istio: "1.29", kubernetes: "1.35" })).toMatchObject({
      field: 'spec.kernel["net.netfilter.nf_conntrack_max"]',
      message: "kube-proxy of Kubernetes 1.35 sets net.netfilter.nf_conntrack_max back from 1048576 to 131072 on 4 cores when it starts.",
    });
  });

  test("a larger value of its own sets nothing back", () => {
    expect(has("MG0614", { ...told, kubeProxy: { conntrack: { maxPerCore: 262_144 } } }, { istio: "1.29", kubernetes: "1.35" })).toBe(
      false,
    );
    expect(has("MG0614", { ...told, kubeProxy: { conntrack: { min: 1_048_576 } } }, { istio: "1.29", kubernetes: "1.35" })).toBe(false);
  });

  test("k3s does on any release, and may where nobody says what it is told", () => {
    const k3s = { ...told, distribution: "k3s" };
    expect(codes([pool("oslo", k3s)], { istio: "1.26", kubernetes: "1.28" })).toEqual(["error MG0614"]);
    expect(codes([pool("oslo", { ...k3s, kubeProxy: undefined })])).toEqual(["warning MG0614"]);
    expect(codes([pool("oslo", { ...k3s, ...handsOff })])).toEqual([]);
  });

  test("nothing is said where nobody says how many cores there are", () => {
    expect(has("MG0614", { ...told, nodes: {} }, { istio: "1.29", kubernetes: "1.35" })).toBe(false);
  });
});

describe("MG0615: one kube-proxy for a kubeadm cluster", () => {
  const sets = (more: Fields = {}): Fields => ({ distribution: "kubeadm", ...conntrack(262_144), ...more });
  const leaves = (more: Fields = {}): Fields => ({ distribution: "kubeadm", ...more });
  const differs = (a: Fields, b: Fields): boolean => found([pool("a", a), pool("b", b)]).some(({ code }) => code === "MG0615");

  test("a pool that sets the limit and one that does not want different ones", () => {
    expect(differs(sets(), leaves())).toBe(true);
    expect(only("MG0615", [pool("a", sets()), pool("b", leaves())]).message).toBe(
      "a wants kube-proxy to leave net.netfilter.nf_conntrack_max alone, and b wants it to set net.netfilter.nf_conntrack_max to 32768 a core, at least 131072; with kubeadm there is one configuration for both.",
    );
  });

  test("not pools that agree, nor of other clusters, nor of k3s", () => {
    expect(differs(sets(), sets({ kernel: { "net.netfilter.nf_conntrack_max": 524_288 } }))).toBe(false);
    expect(differs(sets(handsOff), sets())).toBe(false);
    expect(differs(sets({ cluster: "one" }), leaves({ cluster: "other" }))).toBe(false);
    expect(differs(sets({ distribution: "k3s", ...handsOff }), leaves({ distribution: "k3s" }))).toBe(false);
  });
});

describe("MG0616: kernel defaults that the kubelet protects", () => {
  const all = {
    "vm.overcommit_memory": 1,
    "vm.panic_on_oom": 0,
    "kernel.panic": 10,
    "kernel.panic_on_oops": 1,
    "kernel.keys.root_maxkeys": 1_000_000,
    "kernel.keys.root_maxbytes": 25_000_000,
  };
  const protect = { kubelet: { protectKernelDefaults: true } };

  test("says which are wrong, and all that it takes", () => {
    const { message, fix } = only("MG0616", [pool("oslo", { kernel: { "kernel.panic": 10, "vm.overcommit_memory": 1 }, ...protect })]);
    expect(message).toBe("the kubelet protects the kernel's defaults and does not start where kernel.panic_on_oops is not 1.");
    expect(fix).toContain('"vm.panic_on_oom": 0, "kernel.panic_on_oops": 1, "kernel.keys.root_maxkeys": 1000000');
  });

  test("those that the kernel has right by itself may be left out", () => {
    const { "vm.panic_on_oom": _, "kernel.keys.root_maxkeys": __, ...rest } = all;
    expect([has("MG0616", { kernel: all, ...protect }), has("MG0616", { kernel: rest, ...protect })]).toEqual([false, false]);
  });

  test("a pool that says nothing of its kernel, or does not protect it, is left alone", () => {
    expect([has("MG0616", protect), has("MG0616", { kernel: {} })]).toEqual([false, false]);
  });

  test("a KubeletConfiguration holds for the nodes of kubeadm", () => {
    const kubelet = document("KubeletConfiguration", { protectKernelDefaults: true });
    expect(has("MG0616", { distribution: "kubeadm", kernel: {} }, {}, [kubelet])).toBe(true);
    expect(has("MG0616", { distribution: "k3s", kernel: {} }, {}, [kubelet])).toBe(false);
  });
});

describe("MG0617: k3s's own list of unsafe settings", () => {
  const k3s = (allowedUnsafeSysctls: readonly string[], more: Fields = { k3s: { disable: ["traefik"] } }): Fields => ({
    distribution: "k3s",
    kubelet: { allowedUnsafeSysctls },
    ...more,
  });

  test("names what is dropped", () => {
    expect(only("MG0617", [pool("oslo", k3s(["net.core.somaxconn", "net.ipv4.ip_forward"]))])).toMatchObject({
      severity: "error",
      message:
        "the list replaces k3s's own and lacks net.ipv6.conf.all.forwarding, which the pods of ServiceLB ask for: the kubelet refuses them.",
    });
  });

  test("a pattern has it too", () => {
    expect(has("MG0617", k3s(["net.ipv4.*", "net/ipv6/conf/all/forwarding"]))).toBe(false);
  });

  test("not without ServiceLB, without a list, or on kubeadm; less where it is not known", () => {
    expect(has("MG0617", k3s(["net.core.*"], { k3s: { disable: ["servicelb"] } }))).toBe(false);
    expect(has("MG0617", k3s([]))).toBe(false);
    expect(has("MG0617", { ...k3s(["net.core.*"]), distribution: "kubeadm" })).toBe(false);
    expect(codes([pool("oslo", k3s(["net.core.*"], {}))])).toEqual(["warning MG0617"]);
  });
});
