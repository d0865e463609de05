import { nodePools } from "../../graph/node-pools";
import type { Rule } from "../../rule";

/** Data stays where the nodes are. */
export const poolOutsideResidency: Rule = {
  code: "MG0624",
  title: "nodes outside the countries of residency",
  severity: "error",
  consequence: "Pods and their data run in a country where they must not be. Nothing in the cluster shows it.",
  fix: "Move the pool, or widen the residency where the data may leave.",
  example: {
    residency: ["NO"],
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: stockholm
spec:
  nodes:
    count: 3
    country: "SE"
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    country: "NO"
`,
  },
  *check(graph) {
    const { residency = [] } = graph.surroundings;
    if (residency.length === 0) return;
    for (const { object, name, country } of graph.derive(nodePools)) {
      if (country === undefined || residency.includes(country)) continue;
      yield {
        object,
        field: "spec.nodes.country",
        message: `the nodes of ${name} stand in ${country}, and data must stay in ${residency.join(", ")}.`,
      };
    }
  },
};
