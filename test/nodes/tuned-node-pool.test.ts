import { App, Chart } from "cdk8s";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { artefacts } from "../../lib/core/artefact";
import type { NodePool } from "../../lib/core/pool";
import { InvalidInput } from "../../lib/core/problem";
import { useReleases } from "../../lib/istio/release";
import { kubeletKeys } from "../../lib/nodes/kernel-keys";
import { KernelProfile } from "../../lib/nodes/kernel-profile";
import type { KernelSettings } from "../../lib/nodes/kernel-settings";
import type { TunedNodePoolProps } from "../../lib/nodes/pool-props";
import { TunedNodePool } from "../../lib/nodes/tuned-node-pool";
import { appOn, artefactsOf, nodes, poolOf } from "./pool";
import { anySettings, hostile, reversed } from "./settings";

/** Everything but the user data and the profile, which carry the same files once more, and the script, which is the same for all. */
function goldenOf(pool: TunedNodePool): string {
  return Object.entries(artefactsOf(pool))
    .filter(([path]) => !/^cloud-init\/|^profile\.json$|\.sh$|\.service$/.test(path))
    .map(([path, content]) => `# ---- ${path}\n${content}`)
    .join("\n");
}

describe("golden", () => {
  test("a pool on kubeadm with nothing but what it must have", async () => {
    await expect(goldenOf(poolOf({ distribution: "kubeadm" }))).toMatchFileSnapshot("../golden/nodes/pool.defaults.txt");
  });

  test("a pool on k3s with everything", async () => {
    const pool = poolOf({
      kernel: KernelProfile.mesh({
        ...(kubeletKeys as KernelSettings),
        "fs.file-max": { atLeast: 2_097_152 },
        "net.netfilter.nf_conntrack_max": { atLeast: 524_288 },
        "net.ipv4.ip_local_port_range": [1_024, 65_535],
        "net.bridge.bridge-nf-call-iptables": 1,
      }).withUnknown({ "net.ipv4.tcp_congestion_control": { exact: "bbr", reason: "long paths" } }),
      conntrack: { hashSize: 131_072 },
      reservedPorts: ["30000-32767", "1024-15090"],
      podSysctls: { safe: true, unsafe: ["net.core.somaxconn"] },
      protectKernelDefaults: true,
      labels: { "topology.kubernetes.io/zone": "oslo-1", "example.no/tier": "payment" },
      taints: [
        { key: "example.no/payment", value: "only", effect: "NoSchedule" },
        { key: "burst", effect: "PreferNoSchedule" },
      ],
    });
    await expect(goldenOf(pool)).toMatchFileSnapshot("../golden/nodes/pool.full-k3s.txt");
  });

  test("a pool on kubeadm with everything that kubeadm has to know", async () => {
    const pool = poolOf({
      distribution: "kubeadm",
      kernel: KernelProfile.mesh(kubeletKeys as KernelSettings),
      podSysctls: { unsafe: ["net.ipv4.tcp_tw_reuse"] },
      protectKernelDefaults: true,
      labels: { "example.no/tier": "payment" },
      taints: [{ key: "example.no/payment", value: "only", effect: "NoSchedule" }],
    });
    await expect(goldenOf(pool)).toMatchFileSnapshot("../golden/nodes/pool.full-kubeadm.txt");
  });
});

describe("behaviour", () => {
  test("is a NodePool that pods can be put on", () => {
    const pool: NodePool = poolOf({ taints: [{ key: "a", effect: "NoExecute" }], podSysctls: { safe: true } });
    expect({ ...pool.nodeSelector }).toEqual({ "meshground.io/pool": "oslo" });
    expect(pool.taints).toEqual([{ key: "a", effect: "NoExecute" }]);
    expect(pool.podSysctls).toEqual([{ name: "net.ipv4.ip_local_port_range", value: "32768 60999" }]);
  });

  test("says in which country its machines stand", () => {
    expect(poolOf().country).toBe("NO");
  });

  test("takes another name than its id for labels and files", () => {
    const pool = poolOf({ name: "oslo-2" });
    expect(pool.labels).toEqual({ "meshground.io/pool": "oslo-2" });
    expect(artefacts(pool).every(({ path }) => path.startsWith("nodes/oslo-2/"))).toBe(true);
  });

  test("names its files once each", () => {
    const paths = artefacts(poolOf({ distribution: "kubeadm" })).map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)]);
  });

  test("shows every file of a node under its own path", () => {
    const pool = poolOf();
    const shown = artefactsOf(pool);
    expect(pool.files.map(({ path }) => shown[path.slice(1)])).toEqual(pool.files.map(({ content }) => content));
  });

  test("leaves the kernel alone when the profile is empty", () => {
    expect(Object.keys(artefactsOf(poolOf({ kernel: KernelProfile.of({}) })))).toEqual([
      "cloud-init/user-data",
      "etc/rancher/k3s/config.yaml.d/90-meshground.yaml",
      "profile.json",
    ]);
  });

  test("leaves kube-proxy alone when the profile leaves the connection table alone", () => {
    const shown = artefactsOf(poolOf({ distribution: "kubeadm", kernel: KernelProfile.mesh().without("net.netfilter.nf_conntrack_max") }));
    expect(Object.keys(shown).filter((path) => /kube-proxy|modprobe|modules/.test(path))).toEqual([]);
  });

  test("makes no sysctl.d file for floors alone", () => {
    const shown = artefactsOf(poolOf({ kernel: KernelProfile.of({ "fs.nr_open": { atLeast: 2_000_000 } }) }));
    expect(Object.keys(shown).filter((path) => path.includes("sysctl.d"))).toEqual([]);
    expect(shown["etc/meshground/kernel-profile"]).toContain("atLeast fs.nr_open 2000000\n");
  });

  test("needs a release at or above it", () => {
    expect(() => poolOf({}, new App())).toThrow(/no Istio release is named/);
  });

  test("fits into 16 KiB of user data, the least that a vendor allows", () => {
    const all = KernelProfile.mesh(kubeletKeys as KernelSettings);
    expect(artefactsOf(poolOf({ kernel: all }))["cloud-init/user-data"]?.length).toBeLessThan(16_384);
  });
});

describe("several pools", () => {
  test("with one name are a problem of the tree", () => {
    const app = appOn();
    poolOf({}, app);
    const second = new TunedNodePool(app, "second", { nodes, distribution: "k3s", name: "oslo" });
    expect(second.node.validate()).toMatchInlineSnapshot(`
      [
        "name: got "oslo", expected a name of its own: oslo has it.",
      ]
    `);
  });

  test("on kubeadm agree on the connection table, because kube-proxy's configuration is one for the cluster", () => {
    const app = appOn();
    poolOf({ distribution: "kubeadm" }, app);
    const second = new TunedNodePool(app, "second", { nodes, distribution: "kubeadm", kernel: KernelProfile.of({}) });
    expect(second.node.validate()).toMatchInlineSnapshot(`
      [
        "kernel: oslo sets net.netfilter.nf_conntrack_max and second does not, but with kubeadm kube-proxy has one configuration for the cluster and would leave both alone. Set it in both or in neither.",
      ]
    `);
  });

  test("on kubeadm need not agree in another cluster of the same tree", () => {
    const app = appOn();
    poolOf({ distribution: "kubeadm" }, app);
    const cluster = new Chart(app, "other");
    useReleases(cluster, { istio: "1.30.3", kubernetes: "1.35" });
    expect(new TunedNodePool(cluster, "second", { nodes, distribution: "kubeadm", kernel: KernelProfile.of({}) }).node.validate()).toEqual(
      [],
    );
  });

  test("on k3s need not: each node has its own kube-proxy arguments", () => {
    const app = appOn();
    poolOf({}, app);
    expect(new TunedNodePool(app, "second", { nodes, distribution: "k3s", kernel: KernelProfile.of({}) }).node.validate()).toEqual([]);
  });
});

describe("errors", () => {
  test("names every problem of the props at once", () => {
    const props = {
      nodes: { count: 0, cpu: 1.5, memory: "256Mi", disk: { kind: "NVMe", size: 200 }, country: "no" },
      distribution: "rke2",
      kernel: KernelProfile.mesh({
        "net.core.somaxcon": 1,
        "net.ipv4.tcp_tw_reuse": { atLeast: 1 },
        "net.ipv4.ip_local_port_range": [61_000, 40_000],
        "vm.overcommit_memory": 2,
      } as never),
      reservedPorts: ["40000-1"],
      labels: { "node-role.kubernetes.io/worker": "" },
      taints: [{ key: "a", effect: "Never" }],
      suppress: { MG0601: "" },
      sysctls: {},
    };
    expect(() => new TunedNodePool(appOn(), "Oslo", props as never)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: Oslo: 17 invalid props
        distribution: got "rke2", expected one of "kubeadm", "k3s".
        kernel["net.core.somaxcon"]: unknown kernel key. Did you mean "net.core.somaxconn"?
        kernel["net.ipv4.ip_local_port_range"]: got [61000,40000], expected [lowest, highest] in ports, rising: lowest from 1024 to 60999, highest from 32768 to 65535.
        kernel["net.ipv4.tcp_tw_reuse"]: got {"atLeast":1}, expected one of 0 (never), 1 (when the timestamps allow it), 2 (on loopback only). A floor makes sense for amounts only.
        kernel["vm.overcommit_memory"]: got 2, expected 1 (always). Written by the kubelet, at its start.
        labels["node-role.kubernetes.io/worker"]: got "node-role.kubernetes.io/worker", expected a label that a kubelet may give its own node. With this one the kubelet does not start; set it with kubectl label.
        name: got "Oslo", expected a name of at most 63 characters (RFC 1123): lower-case letters, digits and dashes, starting and ending with a letter or digit.
        nodes.count: got 0, expected a whole number from 1 to 5000.
        nodes.country: got "no", expected a country code of ISO 3166-1 alpha-2, such as "NO". Did you mean "NO"?
        nodes.cpu: got 1.5, expected a whole number from 1 to 1024.
        nodes.disk.kind: got "NVMe", expected one of "nvme", "ssd", "hdd", "network". Did you mean "nvme"?
        nodes.disk.size: got 200, expected an amount of memory such as "128Mi" or "2Gi". Say the unit: "200Mi".
        nodes.memory: got "256Mi", expected an amount of memory of at least "512Mi".
        reservedPorts[0]: got "40000-1", expected a port or a range such as "30000-32767", from 1 to 65535.
        suppress.MG0601: got "", expected a reason, as text.
        sysctls: unknown prop. Known: name, nodes, distribution, kubernetes, kernel, conntrack, reservedPorts, nodePorts, podSysctls, protectKernelDefaults, labels, taints, qualify, suppress.
        taints[0].effect: got "Never", expected one of "NoSchedule", "PreferNoSchedule", "NoExecute".]
    `);
  });

  test("names what is wrong between props", () => {
    expect(() =>
      poolOf({
        nodes: { ...nodes, memory: "512Mi" },
        kernel: KernelProfile.mesh({ "net.ipv4.ip_local_port_range": [1_024, 65_535], "net.core.somaxconn": { atLeast: 32_768 } }),
        conntrack: { hashSize: 1_024 },
        protectKernelDefaults: true,
      }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: oslo: 3 invalid props
        conntrack.hashSize: got 1024, expected a whole number from 32768 to 262144.
        kernel["net.ipv4.ip_local_port_range"]: the node's outgoing connections may be given 2379-2380 (etcd), 6443 (the API server), 10248-10250 (the kubelet and kube-proxy), 10256-10259 (kube-proxy and the control plane), 6444 (k3s's own load balancer), 8472 (Flannel's VXLAN), 10010 (k3s's containerd), 30000-32767 (NodePort Services): what listens there may not start again. Start the range at 32768, or set reservedPorts: ["2379-2380", "6443-6444", 8472, 10010, "10248-10250", "10256-10259", "30000-32767"]. (MG0602; to accept it: suppress: { MG0602: "why" })
        protectKernelDefaults: the kubelet would not start. Add to the kernel profile: { "vm.overcommit_memory": 1, "vm.panic_on_oom": 0, "kernel.panic": 10, "kernel.panic_on_oops": 1, "kernel.keys.root_maxkeys": 1000000, "kernel.keys.root_maxbytes": 25000000 }.]
    `);
  });

  test("leaves nothing of a refused pool but its place in the tree", () => {
    const app = appOn();
    expect(() => poolOf({ nodes: { ...nodes, count: 0 } }, app)).toThrow(InvalidInput);
    expect(artefacts(app)).toEqual([]);
  });

  test("is an InvalidInput for props that are no props at all", () => {
    for (const props of [undefined, null, 7, "x", []]) {
      expect(() => new TunedNodePool(appOn(), "oslo", props as never)).toThrow(InvalidInput);
    }
  });
});

describe("properties", () => {
  test("the order of keys, labels and taints changes nothing", () => {
    const taints = [
      { key: "b", effect: "NoSchedule" },
      { key: "a", value: "1", effect: "NoExecute" },
    ] as const;
    const labels = { "b.no/x": "1", "a.no/y": "2" };
    fc.assert(
      fc.property(anySettings, fc.constantFrom("k3s", "kubeadm"), (settings, distribution) => {
        const suppress = { MG0602: "not looked at", MG0603: "not looked at" };
        const one = poolOf({ kernel: KernelProfile.of(settings), distribution, labels, taints, suppress });
        const other = poolOf({
          kernel: KernelProfile.of(reversed(settings)),
          distribution,
          labels: reversed(labels),
          taints: [...taints].reverse(),
          suppress,
        });
        expect(artefactsOf(other)).toEqual(artefactsOf(one));
      }),
      { numRuns: 50 },
    );
  });

  test("no string breaks out of a file: it is refused, or stands there as it is", () => {
    const plain = /^[\x20-\x7e\n]*$/;
    fc.assert(
      fc.property(hostile, fc.constantFrom("name", "label", "labelKey", "taint", "unknownKey", "unknownValue"), (text, place) => {
        const before = Object.values(artefactsOf(poolOf(placed("harmless", place))))
          .join("")
          .split("\n").length;
        let pool: TunedNodePool;
        try {
          pool = poolOf(placed(text, place));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
          return;
        }
        const all = Object.values(artefactsOf(pool)).join("");
        expect(all).toMatch(plain);
        expect(all.split("\n").length).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});

function placed(text: string, place: string): Partial<TunedNodePoolProps> {
  const unknown = (key: string, exact: string): Partial<TunedNodePoolProps> => ({
    kernel: KernelProfile.mesh().withUnknown({ [key]: { exact, reason: text } }),
  });
  switch (place) {
    case "name":
      return { name: text };
    case "label":
      return { labels: { "example.no/tier": text } };
    case "labelKey":
      return { labels: { [text]: "x" } };
    case "taint":
      return { taints: [{ key: "example.no/tier", value: text, effect: "NoSchedule" }] };
    case "unknownKey":
      return unknown(`net.ipv4.${text}`, "1");
    default:
      return unknown("net.ipv4.tcp_congestion_control", text);
  }
}

test("types refuse what cannot be rendered", () => {
  const app = appOn();
  // @ts-expect-error a pool needs to know what makes its machines a cluster
  expect(() => new TunedNodePool(app, "a", { nodes })).toThrow(InvalidInput);
  // @ts-expect-error a country that does not exist
  expect(() => new TunedNodePool(app, "b", { nodes: { ...nodes, country: "XX" }, distribution: "k3s" })).toThrow(InvalidInput);
  // @ts-expect-error memory without a number
  expect(() => new TunedNodePool(app, "c", { nodes: { ...nodes, memory: "much" }, distribution: "k3s" })).toThrow(InvalidInput);
  // @ts-expect-error ports without an end
  expect(() => new TunedNodePool(app, "d", { nodes, distribution: "k3s", reservedPorts: ["30000-"] })).toThrow(InvalidInput);
});
