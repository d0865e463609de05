import { describe, expect, test } from "vitest";
import { podRequests } from "../../../lib/checks/graph/pod-requests";
import { asking, codes, deployment, type Fields, found, node, only, pool, shop } from "./node-yaml";

/** A pool of some machines of 4 cores and 16 GiB. */
const machines = (count: number, more: Fields = {}): Fields => pool("oslo", { nodes: { count, cpu: 4, memory: "16Gi" }, ...more });
const operator = (spec: Fields = {}): Fields => ({
  apiVersion: "install.istio.io/v1alpha1",
  kind: "IstioOperator",
  metadata: { name: "mesh", namespace: "istio-system" },
  spec,
});
const autoscaler = (minReplicas?: number): Fields => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "pricing", namespace: "shop" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "pricing" },
    maxReplicas: 100,
    ...(minReplicas && { minReplicas }),
  },
});
const daemonSet = (cpu: string): Fields => ({
  ...asking(cpu, "0"),
  kind: "DaemonSet",
  metadata: { name: "logs", namespace: "logging" },
});

describe("what the scheduler sets aside for a pod", () => {
  const container = (cpu: string, memory = "0"): Fields => ({ resources: { requests: { cpu, memory } } });

  test.each([
    ["the sum of its containers", { containers: [container("100m"), container("1")] }, 1.1],
    [
      "its largest init container where that is more",
      { initContainers: [container("2"), container("1")], containers: [container("1")] },
      2,
    ],
    [
      "init containers that keep running are containers from their turn on",
      { initContainers: [{ ...container("1"), restartPolicy: "Always" }, container("2")], containers: [container("1")] },
      3,
    ],
    ["a limit where nothing is requested", { containers: [{ resources: { limits: { cpu: "1" } } }] }, 1],
    ["what the pod says as a whole", { resources: { requests: { cpu: "5" } }, containers: [container("1")] }, 5],
    ["what its runtime needs on top", { overhead: { cpu: "250m" }, containers: [container("1")] }, 1.25],
    ["nothing that cannot be read", { containers: [container("much"), { resources: [] }, 7] }, 0],
  ])("%s", (_, pod, cores) => {
    expect(podRequests(pod).cores).toBeCloseTo(cores, 9);
  });
});

describe("MG0619: requests above what the nodes have", () => {
  const eight = asking("1", "512Mi", { replicas: 8 });

  test("as much as there is fits", () => {
    expect([codes([machines(2), eight]), codes([machines(1), eight])]).toEqual([[], ["error MG0619"]]);
  });

  test("says the numbers, and who asks for most", () => {
    expect(only("MG0619", [machines(1), asking("500m", "1Gi", { name: "payment", replicas: 2 }), eight])).toMatchObject({
      field: "spec.nodes.cpu",
      message:
        "the 10 pods that can run on oslo only ask for 9 cores at rest, and its one node has 4 cores before what the system keeps: some stay Pending. Most is asked for by Deployment shop/pricing (8 × 1 core) and Deployment shop/payment (2 × 500m of a core).",
      fix: 'Add nodes, or lower what is asked for by 5 cores; nodes that are not here are declared: externals: ["NodePool *"].',
    });
  });

  test("memory counts by itself", () => {
    expect(only("MG0619", [machines(1), asking("1m", "3Gi", { replicas: 6 })])).toMatchObject({
      field: "spec.nodes.memory",
      message: expect.stringContaining("ask for 18 GiB of memory at rest, and its one node has 16 GiB before"),
    });
  });

  test("sidecars count where the namespace has them: the mesh's, an operator's, or a pod's own", () => {
    const pods = (annotations: Fields = {}): Fields => asking("300m", "0", { replicas: 12, annotations });
    const injected = shop({ "istio-injection": "enabled" });
    const small = operator({ profile: "empty", values: { global: { proxy: { resources: { requests: { cpu: "10m" } } } } } });
    expect(codes([machines(1), pods()])).toEqual([]);
    expect(only("MG0619", [machines(1), injected, pods()]).message).toContain("ask for 4.8 cores at rest (sidecars 1.2 cores of it)");
    expect(codes([machines(1), injected, small, pods()])).toEqual([]);
    expect(codes([machines(1), injected, pods({ "sidecar.istio.io/proxyCPU": "10m", "sidecar.istio.io/proxyMemory": "10Mi" })])).toEqual(
      [],
    );
    expect(codes([machines(1), injected, pods({ "sidecar.istio.io/proxyCPULimit": "1" })])).toEqual(["error MG0619"]);
  });

  test("istiod and gateways count, unless they are among the objects themselves", () => {
    const installed = operator({
      components: {
        pilot: { k8s: { resources: { requests: { cpu: "2" } }, hpaSpec: { minReplicas: 2 } } },
        ingressGateways: [{ name: "istio-ingressgateway", enabled: true, k8s: { resources: { requests: { cpu: "1" } }, replicaCount: 1 } }],
      },
    });
    expect(only("MG0619", [machines(1), installed]).message).toContain("istiod (2 × 2 cores) and istio-ingressgateway (1 × 1 core)");
    const deployed = { ...asking("100m", "0"), metadata: { name: "istiod", namespace: "istio-system" } };
    expect(codes([machines(1), installed, deployed])).toEqual([]);
  });

  test("what a profile installs by itself counts", () => {
    const tight = pool("oslo", { nodes: { count: 1, cpu: "550m", memory: "16Gi" } });
    expect([
      codes([tight, operator()]),
      codes([tight, operator({ profile: "minimal" })]),
      codes([tight, operator({ profile: "demo" })]),
    ]).toEqual([["error MG0619"], [], []]);
  });

  test("a DaemonSet counts on each node that takes it", () => {
    expect(codes([machines(2), asking("1", "0", { replicas: 6 }), daemonSet("1")])).toEqual([]);
    expect(only("MG0619", [machines(2), asking("1", "0", { replicas: 6 }), daemonSet("1500m")]).message).toContain(
      "9 cores at rest (pods that run on each node 3 cores of it)",
    );
  });

  test("an autoscaler's pods count at rest", () => {
    expect(codes([machines(1), asking("1", "0", { replicas: 8 }), autoscaler(2)])).toEqual([]);
    expect(codes([machines(1), asking("1", "0"), autoscaler(5)])).toEqual(["error MG0619"]);
    expect(codes([machines(1), asking("1", "0", { replicas: 8 }), autoscaler()])).toEqual([]);
  });

  test("Jobs come and go, and what a controller made is counted with it", () => {
    const job = { ...eight, kind: "Job", apiVersion: "batch/v1" };
    const replicaSet = {
      ...eight,
      kind: "ReplicaSet",
      metadata: { name: "x", namespace: "shop", ownerReferences: [{ controller: true }] },
    };
    expect(codes([machines(1), job, replicaSet])).toEqual([]);
  });

  describe("where pods can run", () => {
    const other = pool("edge", { nodes: { count: 10, cpu: 4, memory: "16Gi" }, labels: { zone: "b" } });
    const onPool = (name: string): Fields => asking("1", "0", { replicas: 8, pod: { nodeSelector: { "meshground.io/pool": name } } });

    test("a pool with its own pods is judged by itself, and not again with the others", () => {
      expect(codes([machines(1), other, onPool("oslo")])).toEqual(["error MG0619"]);
      expect(codes([machines(1), other, onPool("edge")])).toEqual([]);
      expect(codes([machines(1), other, eight])).toEqual([]);
    });

    test("the smallest set of nodes that is too small is told, not those around it", () => {
      const any = asking("1", "0", { name: "any", replicas: 1 });
      const most = asking("1", "0", { replicas: 60, pod: { nodeSelector: { "meshground.io/pool": "oslo" } } });
      expect(only("MG0619", [machines(1), other, most, any]).message).toMatch(/^the 60 pods that can run on oslo only/);
    });

    test("pods that have a choice are counted with those that have none", () => {
      const any = asking("1", "0", { name: "any", replicas: 40 });
      expect(only("MG0619", [machines(1), other, onPool("edge"), any]).message).toMatch(
        /^the 48 pods that can run on oslo and edge only ask for 48 cores/,
      );
    });

    test("labels of nodes decide where they are known; those that Kubernetes gives may be there", () => {
      const selecting = (nodeSelector: Fields): readonly string[] =>
        codes([machines(1), other, asking("1", "0", { replicas: 20, pod: { nodeSelector } })]);
      expect(selecting({ zone: "b", "kubernetes.io/os": "linux" })).toEqual([]);
      expect(selecting({ zone: "c" })).toEqual(["error MG0619"]);
    });

    test("a taint keeps pods away that do not tolerate it", () => {
      const tainted = pool("edge", {
        nodes: { count: 10, cpu: 4, memory: "16Gi" },
        taints: [{ key: "edge", value: "yes", effect: "NoSchedule" }],
      });
      const tolerating = (toleration: Fields): readonly string[] =>
        codes([machines(1), tainted, asking("1", "0", { replicas: 8, pod: { tolerations: [toleration] } })]);
      expect(codes([machines(1), tainted, eight])).toEqual(["error MG0619"]);
      expect([
        tolerating({ key: "edge", operator: "Exists" }),
        tolerating({ operator: "Exists" }),
        tolerating({ key: "edge", value: "yes" }),
      ]).toEqual([[], [], []]);
      expect([tolerating({ key: "edge", value: "no" }), tolerating({ key: "edge", value: "yes", effect: "NoExecute" })]).toEqual([
        ["error MG0619"],
        ["error MG0619"],
      ]);
    });

    test("an affinity can only narrow it", () => {
      const pod = { nodeSelector: { "meshground.io/pool": "oslo" }, affinity: { nodeAffinity: {} } };
      expect(codes([machines(1), other, asking("1", "0", { replicas: 8, pod })])).toEqual(["error MG0619"]);
    });

    test("pods that share some of the nodes are counted there, however much room others have", () => {
      const spare = pool("spare", { nodes: { count: 100, cpu: 4, memory: "16Gi" }, taints: [{ key: "batch", effect: "NoSchedule" }] });
      const any = asking("1", "0", { name: "any", replicas: 40 });
      expect(codes([machines(1), other, spare, onPool("edge"), any])).toEqual(["error MG0619"]);
      expect(codes([machines(1), other, spare, any])).toEqual([]);
    });

    test("nodes that are declared elsewhere may take what does not name a pool", () => {
      const around = { externals: ["NodePool *"] };
      expect([codes([machines(1), eight], around), codes([machines(1), onPool("oslo")], around)]).toEqual([[], ["error MG0619"]]);
    });
  });

  test("Nodes are what is there now: a warning, by what they can give", () => {
    const two = ["a", "b"].map((name) => node(name, { cpu: "3920m", memory: "14Gi", pods: "110" }));
    expect(codes([...two, eight])).toEqual(["warning MG0619"]);
    expect(codes([...two, asking("1", "0", { replicas: 7 })])).toEqual([]);
  });

  test("a Node of a pool is not counted twice", () => {
    const ours = { ...node("a", { cpu: "4", memory: "16Gi" }), metadata: { name: "a", labels: { "meshground.io/pool": "oslo" } } };
    expect(codes([machines(1), ours, asking("1", "0", { replicas: 5 })])).toEqual(["error MG0619"]);
  });

  test("a pool that does not say how large it is takes everything", () => {
    expect(codes([pool("oslo", { nodes: { cpu: 1 } }), eight])).toEqual([]);
  });
});

describe("MG0620: a pod larger than any node", () => {
  test("its sidecar counts, and no two nodes are one", () => {
    const large = asking("3950m", "1Gi");
    expect(codes([machines(9), large])).toEqual([]);
    expect(only("MG0620", [machines(9), shop({ "istio-injection": "enabled" }), large])).toMatchObject({
      severity: "error",
      field: "spec.template.spec.containers",
      message:
        "one pod of Deployment shop/pricing asks for 4.05 cores and 1.13 GiB, 100m of a core and 128 MiB of it for its sidecar, and the largest node that takes it (oslo) has 4 cores and 16 GiB.",
    });
  });

  test("one node has to have both", () => {
    const cores = pool("cores", { nodes: { count: 1, cpu: 16, memory: "16Gi" } });
    const memory = pool("memory", { nodes: { count: 1, cpu: 4, memory: "64Gi" } });
    expect(codes([cores, memory, asking("8", "32Gi")])).toEqual(["error MG0620"]);
  });

  test("Jobs and parts of Istio are pods as well", () => {
    const job = { ...asking("5", "0"), kind: "Job", apiVersion: "batch/v1" };
    const istiod = operator({ profile: "minimal", components: { pilot: { k8s: { resources: { requests: { memory: "32Gi" } } } } } });
    expect(found([machines(9), job, istiod]).map(({ code, field }) => `${code} ${field}`)).toEqual([
      "MG0620 spec.template.spec.containers",
      "MG0620 spec.components.pilot",
    ]);
  });

  test("only the nodes that take it count", () => {
    const large = pool("large", { nodes: { count: 1, cpu: 64, memory: "256Gi" }, taints: [{ key: "gpu", effect: "NoSchedule" }] });
    expect(codes([machines(3), large, asking("8", "0")])).toEqual(["error MG0620"]);
    expect(codes([machines(3), large, asking("8", "0", { pod: { tolerations: [{ key: "gpu", operator: "Exists" }] } })])).toEqual([]);
  });
});

describe("MG0621: more pods than the kubelets take", () => {
  const many = (replicas: number): Fields => asking("1m", "1Ki", { replicas });

  test("110 on each node, unless they are told otherwise", () => {
    expect([codes([machines(2), many(220)]), codes([machines(2), many(221)])]).toEqual([[], ["error MG0621"]]);
    expect(codes([machines(2, { kubelet: { maxPods: 250 } }), many(500)])).toEqual([]);
    const kubelet = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", metadata: { name: "k" }, maxPods: 60 };
    expect(codes([machines(2), kubelet, many(121)])).toEqual(["error MG0621"]);
  });

  test("a DaemonSet has one on each node", () => {
    expect(only("MG0621", [machines(2), many(219), daemonSet("1m")])).toMatchObject({
      field: "spec.kubelet.maxPods",
      message:
        "219 pods at rest and 2 that run on each node can run on oslo only, and the kubelets of the 2 nodes take 220: 1 of them stay Pending, those of the system not counted.",
    });
  });

  test("a Node says how many it takes", () => {
    expect(codes([node("a", { cpu: "64", memory: "256Gi", pods: "30" }), many(31)])).toEqual(["warning MG0621"]);
  });
});

test("without a node nobody can say what fits", () => {
  expect(codes([asking("1000", "1000Gi", { replicas: 1_000 }), deployment({})])).toEqual([]);
});
