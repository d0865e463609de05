import { describe, expect, test } from "vitest";
import { nodeLabels, taints, taintText } from "../../lib/nodes/node-registration";

describe("labels", () => {
  test.each([
    "example.no/tier",
    "tier",
    "node.kubernetes.io/pool",
    "team.node.kubernetes.io/x",
    "kubelet.kubernetes.io/x",
    "topology.kubernetes.io/zone",
  ])("a kubelet may give its node %s", (key) => {
    expect(nodeLabels("labels", { [key]: "x" })).toEqual([]);
  });

  test.each([
    "node-role.kubernetes.io/worker",
    "node-restriction.kubernetes.io/x",
    "kubernetes.io/role",
    "k8s.io/x",
    "cluster.x-k8s.io.k8s.io/x",
    "meshground.io/pool",
    "bad key",
    "a,b",
    "a=b",
  ])("a kubelet may not give its node %s", (key) => {
    expect(nodeLabels("labels", { [key]: "x" })).toHaveLength(1);
  });

  test("a value that would end the pair is refused", () => {
    expect(["a,b=c", "a=b", "a b", "a\n"].map((value) => nodeLabels("labels", { x: value }).length)).toEqual([1, 1, 1, 1]);
  });
});

describe("taints", () => {
  test("are written as the kubelet reads them", () => {
    expect([taintText({ key: "a", effect: "NoSchedule" }), taintText({ key: "a", value: "b", effect: "NoExecute" })]).toEqual([
      "a:NoSchedule",
      "a=b:NoExecute",
    ]);
  });

  test("stand once for each key and effect", () => {
    const twice = [
      { key: "a", effect: "NoSchedule" },
      { key: "a", effect: "NoExecute" },
      { key: "a", value: "x", effect: "NoSchedule" },
    ];
    expect(taints("taints", twice)).toMatchInlineSnapshot(`
      [
        {
          "message": "got "a:NoSchedule", expected each key and effect once.",
          "path": "taints[2]",
        },
      ]
    `);
  });

  test.each([
    { key: "a" },
    { key: "a:b", effect: "NoSchedule" },
    { key: "a", value: "b:c", effect: "NoSchedule" },
    { key: "a", effect: "noschedule" },
  ])("%j is none", (taint) => {
    expect(taints("taints", [taint])).toHaveLength(1);
  });
});
