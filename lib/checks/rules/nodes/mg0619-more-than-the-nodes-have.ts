import { coresText, memoryText } from "../../graph/amounts";
import { countOf, groupNames, nodeCount, podTotal, type Share, shares } from "../../graph/capacity";
import { noRequests, type Requests, sum, times } from "../../graph/pod-requests";
import type { Rule, RuleFinding } from "../../rule";
import { confined, severityOf } from "./confined";
import { listed } from "./pool-fields";

/** The scheduler gives away what nodes have, once. */
export const moreThanTheNodesHave: Rule = {
  code: "MG0619",
  title: "requests above what the nodes have",
  severity: "error",
  consequence:
    "The scheduler places pods until the nodes are full and leaves the rest Pending, whichever came last: a sidecar's share counts as much as the application's.",
  fix: "Add nodes, take larger ones, or lower requests and replicas.",
  see: ["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 2
    cpu: 4
    memory: 16Gi
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 10
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
          resources:
            requests:
              cpu: "1"
              memory: 512Mi
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  nodes:
    count: 3
    cpu: 4
    memory: 16Gi
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pricing
  namespace: shop
spec:
  replicas: 10
  selector:
    matchLabels:
      app: pricing
  template:
    metadata:
      labels:
        app: pricing
    spec:
      containers:
        - name: pricing
          image: registry.example.no/pricing:1.8.0
          resources:
            requests:
              cpu: "1"
              memory: 512Mi
`,
  },
  *check(graph) {
    const cores = ({ asked, daemons, cores: there }: Share): boolean => there !== undefined && asked.cores + daemons.cores > there * slack;
    const memory = ({ asked, daemons, memory: there }: Share): boolean =>
      there !== undefined && asked.memory + daemons.memory > there * slack;
    for (const share of confined(graph.derive(shares), cores)) yield finding(share, "cores");
    for (const share of confined(graph.derive(shares), memory)) yield finding(share, "memory");
  },
};

/** Sums of fractions are not exact. */
const slack = 1 + 1e-9;

type Kind = keyof Requests;

function finding(share: Share, kind: Kind): RuleFinding {
  const text = kind === "cores" ? coresText : memoryText;
  const { groups, asked, daemons, pods } = share;
  const [first] = groups;
  const nodes = nodeCount(groups);
  const what = kind === "cores" ? "" : " of memory";
  const parts = [...part("sidecars", sidecars(share)[kind], text), ...part("pods that run on each node", daemons[kind], text)];
  return {
    object: (first as (typeof groups)[number]).object,
    ...(first?.pool !== undefined && { field: kind === "cores" ? "spec.nodes.cpu" : "spec.nodes.memory" }),
    severity: severityOf(groups),
    message: `the ${pods} pods that can run on ${groupNames(groups)} only ask for ${text(asked[kind] + daemons[kind])}${what} at rest${parts.length === 0 ? "" : ` (${parts.join(", ")})`}, and ${nodes === 1 ? "its one node has" : `the ${nodes} nodes have`} ${text(share[kind] ?? 0)} before what the system keeps: some stay Pending. Most is asked for by ${largest(share, kind, text)}.`,
    fix: `Add nodes, or lower what is asked for by ${text(asked[kind] + daemons[kind] - (share[kind] ?? 0))}; nodes that are not here are declared: externals: ["NodePool *"].`,
  };
}

function part(name: string, amount: number, text: (amount: number) => string): readonly string[] {
  return amount > 0 ? [`${name} ${text(amount)} of it`] : [];
}

function sidecars({ demands }: Share): Requests {
  return demands.reduce((total, demand) => sum(total, times(countOf(demand), demand.sidecar)), noRequests);
}

/** The three demands that ask for most. */
function largest({ demands }: Share, kind: Kind, text: (amount: number) => string): string {
  const amounts = demands.map((demand) => ({ demand, each: podTotal(demand)[kind], count: countOf(demand) }));
  const most = amounts.sort((a, b) => b.each * b.count - a.each * a.count).slice(0, 3);
  return listed(most.map(({ demand, each, count }) => `${demand.name} (${count} × ${text(each)})`));
}
