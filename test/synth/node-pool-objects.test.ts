import { App, Chart } from "cdk8s";
import { IstioControlPlane, K3s, KernelProfile, TunedNodePool, type TunedNodePoolProps, useReleases } from "meshground";
import { describe, expect, test } from "vitest";
import { environments } from "../../examples/oslo-production/environment";
import { platform } from "../../examples/oslo-production/platform";
import { nodePools, type PoolFacts } from "../../lib/checks/graph/node-pools";
import { meshObject } from "../../lib/checks/mesh-object";
import { ObjectGraph } from "../../lib/checks/object-graph";
import { nodeRules } from "../../lib/checks/rules/node-rules";
import { runRules } from "../../lib/checks/run-rules";
import { findings } from "../../lib/core/finding";
import { releasesOf } from "../../lib/istio/release";
import { controlPlaneObjects } from "../../lib/synth/control-plane-objects";
import { nodePoolObjects } from "../../lib/synth/node-pool-objects";
import { kubeadmOf } from "../nodes/kubernetes";
import { meshApp } from "../support/tree";

const nodes: TunedNodePoolProps["nodes"] = { count: 3, cpu: 8, memory: "32Gi", country: "NO" };
const k3s = (disable?: K3s["disable"]): K3s =>
  new K3s({ release: "v1.36.2+k3s1", checksums: { amd64: "0".repeat(64) }, api: "api.example.no", ...(disable && { disable }) });

function app(): App {
  const tree = new App();
  useReleases(tree, { istio: "1.30.3", kubernetes: "1.36" });
  return tree;
}

function graphOf(tree: App): ObjectGraph {
  const written = [...nodePoolObjects(tree), ...controlPlaneObjects(tree)];
  const objects = written.flatMap(
    ({ construct, data }) => meshObject(JSON.parse(JSON.stringify(data)), { path: construct.node.path }) ?? [],
  );
  return new ObjectGraph(objects, { releases: releasesOf(tree) });
}

function factsOf(props: Omit<TunedNodePoolProps, "nodes">): PoolFacts {
  const tree = app();
  new TunedNodePool(tree, "oslo", { nodes, ...props } as TunedNodePoolProps);
  const [facts] = nodePools(graphOf(tree));
  if (facts === undefined) throw new Error("no NodePool");
  return facts;
}

describe("a pool of a tree, as a NodePool", () => {
  test("says what the machines are, what they are told, and how pods find them", () => {
    const facts = factsOf({
      distribution: "k3s",
      labels: { disk: "nvme" },
      taints: [{ key: "edge", effect: "NoSchedule" }],
      reservedPorts: [10_250, "30000-32767"],
      podSysctls: { safe: true },
      protectKernelDefaults: false,
    });
    expect(facts).toMatchObject({
      name: "oslo",
      count: 3,
      cores: 8,
      memory: 32 * 2 ** 30,
      country: "NO",
      distribution: "k3s",
      labels: { "meshground.io/pool": "oslo", disk: "nvme" },
      taints: [{ key: "edge", value: "", effect: "NoSchedule" }],
      podSysctls: [
        { name: "net.ipv4.ip_local_port_range", value: "32768 60999" },
        { name: "net.ipv4.ip_local_reserved_ports", value: "10250,30000-32767" },
      ],
      kubeProxy: { maxPerCore: 0, min: 0 },
      hashSize: 262_144,
      nodePorts: "30000-32767",
      protectKernelDefaults: false,
    });
  });

  test("has the very settings that the pool writes", () => {
    const tree = app();
    const kernel = KernelProfile.mesh({
      "fs.file-max": { atLeast: 2_097_152 },
      "net.ipv4.tcp_rmem": [4_096, 131_072, 6_291_456],
    }).withUnknown({
      "net.ipv4.tcp_ecn": { exact: 1, reason: "asked for" },
      "net.ipv4.tcp_congestion_control": { exact: "bbr", reason: "long paths" },
    });
    const pool = new TunedNodePool(tree, "oslo", { nodes, distribution: "k3s", kernel, reservedPorts: ["30000-32767", 6_443] });
    expect(nodePools(graphOf(tree))[0]?.settings).toEqual(pool.kernelSettings);
  });

  test("knows kube-proxy where the pool's own file tells it, not where somebody else's does", () => {
    expect(factsOf({ distribution: "k3s" }).kubeProxy).toEqual({ maxPerCore: 0, min: 0 });
    expect(factsOf({ kubernetes: kubeadmOf().controlPlane() }).kubeProxy).toEqual({ maxPerCore: 0, min: 0 });
    expect(factsOf({ distribution: "kubeadm" }).kubeProxy).toBeUndefined();
    expect(factsOf({ distribution: "k3s", kernel: KernelProfile.of({}) }).kubeProxy).toBeUndefined();
  });

  test("knows what k3s leaves out where this library tells it", () => {
    expect([factsOf({ distribution: "k3s" }).disabled, factsOf({ kubernetes: k3s().server() }).disabled]).toEqual([undefined, ["traefik"]]);
  });

  test("allows what ServiceLB asks for, beside its own", () => {
    const own = { podSysctls: { unsafe: ["net.core.somaxconn"] } } as const;
    expect(factsOf({ distribution: "k3s", ...own }).allowedUnsafeSysctls).toEqual([
      "net.core.somaxconn",
      "net.ipv4.ip_forward",
      "net.ipv6.conf.all.forwarding",
    ]);
    expect(factsOf({ distribution: "kubeadm", ...own }).allowedUnsafeSysctls).toEqual(["net.core.somaxconn"]);
    expect(factsOf({ kubernetes: k3s(["servicelb", "traefik"]).server() }).allowedUnsafeSysctls).toEqual([]);
  });

  test("is of its cluster: by address, else by the releases that are named for it", () => {
    const tree = app();
    const other = new Chart(tree, "other");
    useReleases(other, { istio: "1.29", kubernetes: "1.35" });
    new TunedNodePool(tree, "a", { nodes, kubernetes: k3s().server() });
    new TunedNodePool(tree, "b", { nodes, distribution: "kubeadm" });
    new TunedNodePool(other, "c", { nodes, distribution: "kubeadm" });
    expect(nodePools(graphOf(tree)).map(({ cluster }) => cluster)).toEqual(["api.example.no", "", "cluster-2"]);
  });
});

describe("what rules say of a tree's pool", () => {
  test("is what the pool says of itself, code by code", () => {
    const tree = app();
    new TunedNodePool(tree, "oslo", {
      nodes: { ...nodes, cpu: 16, memory: "1Gi" },
      distribution: "kubeadm",
      kernel: KernelProfile.mesh({
        "net.ipv4.ip_local_port_range": [1_024, 65_535],
        "net.netfilter.nf_conntrack_max": 400_000,
      }).withUnknown({
        "net.ipv4.tcp_ecn": { exact: 1, reason: "asked for" },
      }),
      podSysctls: { unsafe: ["net.core.somaxconn"] },
      suppress: { MG0602: "nothing else listens", MG0603: "never full" },
    });
    const own = findings(tree).map(({ code, path }) => `${code} ${path}`);
    const ruled = runRules(graphOf(tree), nodeRules).map(({ code, path }) => `${code} ${path}`);
    expect(new Set(ruled)).toEqual(new Set(own));
    expect(new Set(own).size).toBe(8);
  });

  test("never more than a note in the example", () => {
    for (const environment of Object.values(environments)) {
      const tree = meshApp({ residency: ["NO"] });
      platform(tree, environment);
      expect(runRules(graphOf(tree), nodeRules).map(({ code, severity }) => `${severity} ${code}`)).toEqual(["note MG0601"]);
    }
  });
});

test("a control plane of a tree is an IstioOperator with its gateways", () => {
  const tree = app();
  const mesh = new IstioControlPlane(tree, "mesh", { cni: true });
  mesh.addIngressGateway("istio-ingressgateway");
  new IstioControlPlane(tree, "old", { existing: true, revision: "old" });
  expect(
    graphOf(tree)
      .of("IstioOperator")
      .map(({ name, spec, origin }) => [name, origin.path, Object.keys(spec.components as object)]),
  ).toEqual([
    ["mesh", "mesh", ["pilot", "cni", "ingressGateways"]],
    ["old", "old", ["pilot", "ingressGateways"]],
  ]);
});
