import { describe, expect, test } from "vitest";
import { codes, deployment, type Fields, node, only, pool } from "./node-yaml";

const budget = (limit: Fields, selector: unknown = { matchLabels: { app: "pricing" } }, apiVersion = "policy/v1"): Fields => ({
  apiVersion,
  kind: "PodDisruptionBudget",
  metadata: { name: "pricing", namespace: "shop" },
  spec: { ...limit, selector },
});
const pods = (replicas: number): Fields => deployment({}, { replicas });
const autoscaler = (minReplicas: number): Fields => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "pricing", namespace: "shop" },
  spec: { scaleTargetRef: { kind: "Deployment", name: "pricing" }, minReplicas, maxReplicas: 5 },
});

describe("MG0623: a budget that never lets a pod go", () => {
  test.each([
    [{ minAvailable: 2 }, 3, []],
    [{ minAvailable: 2 }, 2, ["warning MG0623"]],
    [{ minAvailable: 3 }, 2, ["warning MG0623"]],
    [{ minAvailable: "50%" }, 2, []],
    // Rounded up: two of two.
    [{ minAvailable: "51%" }, 2, ["warning MG0623"]],
    [{ maxUnavailable: 1 }, 1, []],
    // Rounded up: one of three.
    [{ maxUnavailable: "1%" }, 3, []],
    [{ maxUnavailable: 0 }, 3, ["warning MG0623"]],
    [{ maxUnavailable: "0%" }, 3, ["warning MG0623"]],
    [{ minAvailable: "100%" }, 3, ["warning MG0623"]],
    [{ minAvailable: "most" }, 1, []],
    [{}, 1, []],
    [{ minAvailable: 1 }, 0, []],
  ])("%j with %i pods: %j", (limit, replicas, expected) => {
    expect(codes([budget(limit), pods(replicas)])).toEqual(expected);
  });

  test("says how many there are, and when", () => {
    expect(only("MG0623", [budget({ minAvailable: 1 }), pods(1)])).toMatchObject({
      field: "spec.minAvailable",
      message: "minAvailable: 1 lets no pod go: there is 1.",
    });
    expect(only("MG0623", [budget({ minAvailable: 2 }), pods(9), autoscaler(2)]).message).toBe(
      "minAvailable: 2 lets no pod go at rest: the autoscaler keeps 2 then.",
    );
    expect(codes([budget({ minAvailable: 2 }), pods(1), autoscaler(3)])).toEqual([]);
  });

  test("pods of several workloads count together", () => {
    const second = { ...pods(1), metadata: { name: "pricing-v2", namespace: "shop" } };
    expect(codes([budget({ minAvailable: 1 }), pods(1), second])).toEqual([]);
  });

  test("pods that are not among the objects may be many", () => {
    expect(codes([budget({ minAvailable: 5 })])).toEqual([]);
    expect(codes([budget({ maxUnavailable: 0 })])).toEqual(["warning MG0623"]);
  });

  test("a selector is read as Kubernetes reads it", () => {
    const one = { minAvailable: 1 };
    const select = (matchExpressions: readonly Fields[]): readonly string[] => codes([budget(one, { matchExpressions }), pods(1)]);
    expect(select([{ key: "app", operator: "In", values: ["pricing"] }])).toEqual(["warning MG0623"]);
    expect(select([{ key: "app", operator: "NotIn", values: ["pricing"] }])).toEqual([]);
    expect(
      select([
        { key: "app", operator: "Exists" },
        { key: "version", operator: "DoesNotExist" },
      ]),
    ).toEqual(["warning MG0623"]);
    expect([codes([budget(one, {}), pods(1)]), codes([budget(one, {}, "policy/v1beta1"), pods(1)])]).toEqual([["warning MG0623"], []]);
    expect(codes([budget(one, null), pods(1)])).toEqual([]);
  });
});

describe("MG0622: a budget with a single node", () => {
  const one = pool("oslo", { nodes: { count: 1 } });

  test("the pods that are left have nowhere to go", () => {
    expect(only("MG0622", [budget({ maxUnavailable: 1 }), pods(2), one])).toMatchObject({
      severity: "warning",
      field: "spec.maxUnavailable",
      message:
        "the 2 pods can run on oslo only, which is one node: when it is drained, maxUnavailable: 1 keeps 1 of them there, and the drain does not end.",
    });
  });

  test("a second node, or a budget that lets them all go, will do", () => {
    expect(codes([budget({ maxUnavailable: 1 }), pods(2), pool("oslo", { nodes: { count: 2 } })])).toEqual([]);
    expect(codes([budget({ maxUnavailable: 1 }), pods(2), one, pool("bergen", { nodes: { count: 1 } })])).toEqual([]);
    expect(codes([budget({ maxUnavailable: 1 }), pods(1), one])).toEqual([]);
  });

  test("only nodes that take the pods count", () => {
    const elsewhere = pool("bergen", { nodes: { count: 5 }, taints: [{ key: "batch", effect: "NoExecute" }] });
    expect(codes([budget({ maxUnavailable: 1 }), pods(2), one, elsewhere])).toEqual(["warning MG0622"]);
  });

  test("a budget that lets none go is told once, by its own code", () => {
    expect(codes([budget({ minAvailable: 2 }), pods(2), one])).toEqual(["warning MG0623"]);
  });

  test("nothing is said where nodes are not known, or others are declared", () => {
    expect(codes([budget({ maxUnavailable: 1 }), pods(2)])).toEqual([]);
    expect(codes([budget({ maxUnavailable: 1 }), pods(2), pool("oslo", {})])).toEqual([]);
    expect(codes([budget({ maxUnavailable: 1 }), pods(2), node("a", {})], { externals: ["Node *"] })).toEqual([]);
  });
});
