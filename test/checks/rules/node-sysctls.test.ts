import { describe, expect, test } from "vitest";
import { codes, deployment, type Fields, node, only, pool, shop, withSysctls } from "./node-yaml";

const somaxconn = withSysctls({ "net.core.somaxconn": "32768" });
const allowing = pool("edge", { kubelet: { allowedUnsafeSysctls: ["net.core.*"] } });
const refusing = pool("work", { kubelet: { allowedUnsafeSysctls: [] } });
const kubelet = (allowedUnsafeSysctls?: readonly string[]): Fields => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  metadata: { name: "kubelet" },
  ...(allowedUnsafeSysctls !== undefined && { allowedUnsafeSysctls }),
});

describe("MG0611: settings that the kubelet refuses", () => {
  test("safe ones are safe by release", () => {
    const safe = withSysctls({
      "net.ipv4.ip_local_port_range": "32768 60999",
      "kernel.shm_rmid_forced": "1",
      "net.ipv4.tcp_rmem": "4096 131072 6291456",
    });
    expect(codes([safe, refusing])).toEqual([]);
    expect(codes([safe, refusing], { istio: "1.28", kubernetes: "1.31" })).toEqual(["error MG0611"]);
  });

  test("a pool whose list has the key, or a pattern of it, allows it", () => {
    expect(codes([somaxconn, allowing])).toEqual([]);
    expect(only("MG0611", [somaxconn, refusing])).toMatchObject({
      severity: "error",
      field: "spec.template.spec.securityContext.sysctls[0].name",
      message:
        "net.core.somaxconn is not safe in Kubernetes 1.36, and the kubelet of work does not allow it: the pods end with SysctlForbidden.",
    });
  });

  test("a name with slashes is the same name", () => {
    expect(codes([withSysctls({ "net/core/somaxconn": "1" }), allowing])).toEqual([]);
  });

  test("only the nodes that the pods may run on count", () => {
    const onEdge = withSysctls({ "net.core.somaxconn": "1" }, { nodeSelector: { "meshground.io/pool": "edge" } });
    const onWork = withSysctls({ "net.core.somaxconn": "1" }, { nodeSelector: { "meshground.io/pool": "work" } });
    expect([codes([onEdge, allowing, refusing]), codes([onWork, allowing, refusing])]).toEqual([[], ["error MG0611"]]);
  });

  test("a pool that does not say what its kubelet allows may allow it", () => {
    expect(codes([somaxconn, pool("oslo", {})])).toEqual([]);
  });

  test("a KubeletConfiguration speaks for nodes that say nothing themselves", () => {
    expect(codes([somaxconn, kubelet()])).toEqual(["error MG0611"]);
    expect(codes([somaxconn, kubelet(["net.core.somaxconn"])])).toEqual([]);
    expect(codes([somaxconn, kubelet(), node("a", {})])).toEqual(["error MG0611"]);
  });

  test("where nothing is known of kubelets it is a note, until somebody declares them", () => {
    expect(codes([somaxconn])).toEqual(["note MG0611"]);
    expect(codes([somaxconn], { externals: ["KubeletConfiguration *"] })).toEqual([]);
    expect(codes([somaxconn], { externals: ["NodePool *"] })).toEqual([]);
  });

  test.each(["vm.max_map_count", "fs.file-max", "net.netfilter.nf_conntrack_max", "net.core.wmem_max"])(
    "%s belongs to the node, whatever a list says",
    (name) => {
      expect(only("MG0611", [withSysctls({ [name]: "1" }), pool("oslo", { kubelet: { allowedUnsafeSysctls: ["*", name] } })]).message).toBe(
        `${name} belongs to the whole node: no pod has a value of its own, and the pod never starts.`,
      );
    },
  );

  test("pods that share the node's namespace cannot set what is in it, safe or not", () => {
    expect(only("MG0611", [withSysctls({ "net.ipv4.tcp_syncookies": "1" }, { hostNetwork: true })]).message).toContain(
      "pods with hostNetwork",
    );
    expect(only("MG0611", [withSysctls({ "kernel.shm_rmid_forced": "1" }, { hostIPC: true })]).message).toContain("pods with hostIPC");
    expect(codes([withSysctls({ "kernel.shm_rmid_forced": "1" }, { hostNetwork: true })])).toEqual([]);
  });

  test("Kubernetes' own namespaces are left alone", () => {
    const cni = {
      ...deployment({ securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "1" }] } }),
      metadata: { name: "cni", namespace: "kube-system" },
    };
    expect(codes([cni, refusing])).toEqual([]);
  });
});

describe("MG0612: settings that Pod Security refuses", () => {
  test.each([
    ["privileged", []],
    ["baseline", ["error MG0612"]],
    ["restricted", ["error MG0612"]],
  ] as const)("level %s: %j", (level, expected) => {
    expect(codes([shop({ "pod-security.kubernetes.io/enforce": level }), somaxconn, allowing])).toEqual(expected);
  });

  test("a level that only warns refuses nothing", () => {
    expect(codes([shop({ "pod-security.kubernetes.io/warn": "restricted" }), somaxconn, allowing])).toEqual([]);
  });

  test("a namespace may hold on to an older version of its level", () => {
    const old = shop({ "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "v1.28" });
    expect(only("MG0612", [old, withSysctls({ "net.ipv4.tcp_keepalive_time": "600" })]).message).toBe(
      "namespace shop enforces Pod Security's level baseline, in its version of Kubernetes 1.28, which refuses pods that ask for net.ipv4.tcp_keepalive_time: none is made.",
    );
    expect(
      codes([shop({ "pod-security.kubernetes.io/enforce": "baseline" }), withSysctls({ "net.ipv4.tcp_keepalive_time": "600" })]),
    ).toEqual([]);
  });
});

describe("MG0613: pods that may land where their setting is refused", () => {
  test("says which nodes allow it and which do not", () => {
    expect(only("MG0613", [somaxconn, allowing, refusing])).toMatchObject({
      severity: "warning",
      message: "edge allows net.core.somaxconn, and nothing keeps the pods off work, which does not.",
      fix: "Set nodeSelector: { meshground.io/pool: edge }, or allow net.core.somaxconn on work too.",
    });
  });

  test("an affinity may keep them off", () => {
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } };
    expect(codes([withSysctls({ "net.core.somaxconn": "1" }, { affinity: { nodeAffinity } }), allowing, refusing])).toEqual([]);
  });

  test("a taint that the pods do not tolerate keeps them off too", () => {
    const tainted = pool("work", { kubelet: { allowedUnsafeSysctls: [] }, taints: [{ key: "batch", effect: "NoSchedule" }] });
    expect(codes([somaxconn, allowing, tainted])).toEqual([]);
  });
});
