import { nodePoolProblems } from "../../graph/node-pool-problems";
import type { Rule } from "../../rule";

/** A NodePool is there to be read. */
export const unreadablePool: Rule = {
  code: "MG0610",
  title: "field of a NodePool that cannot be read",
  severity: "warning",
  consequence: "What the field says is not known, so no check that hangs on it was made: a silence that looks like a clean result.",
  fix: "Correct the field. What a NodePool may say stands in docs/node-pools.md.",
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 8
    memory: 32
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 8
    memory: 32Gi
`,
  },
  *check(graph) {
    for (const object of graph.of("NodePool")) {
      for (const { path, message } of nodePoolProblems(object)) yield { object, field: path, message };
    }
  },
};
