import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chainBudget } from "../../lib/checks/chain-budget";
import { allRules } from "../../lib/checks/rules/all-rules";
import { runRules } from "../../lib/checks/run-rules";
import type { Topology } from "../../lib/picture/topology";
import { topologyOf } from "../../lib/picture/topology-of";
import { type Around, graphOf } from "../checks/checked";

/** The topology of a YAML text, with what all rules find in it. */
export function pictured(yaml: string, around: Around = {}): Topology {
  const graph = graphOf(yaml, around);
  return topologyOf(graph, { findings: runRules(graph, allRules), chains: chainBudget(graph) });
}

/** The topology that stands in a page. */
export function topologyIn(html: string): Topology {
  const [, json] = /<script type="application\/json" id="topology">(.*?)<\/script>/s.exec(html) ?? [];
  if (json === undefined) throw new Error("there is no topology in the page");
  return JSON.parse(json) as Topology;
}

/** The page among the artefacts of a tree. */
export function pageIn(artefacts: string): string {
  return readFileSync(join(artefacts, "report/index.html"), "utf8");
}

/** A Service with one Deployment behind it. */
export function serviceYaml(namespace: string, name: string, version: string = "v1"): string {
  return `---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}-${version}, namespace: ${namespace} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}, version: ${version} } }
    spec: { serviceAccountName: ${name}, containers: [{ name: app, image: "registry.example.no/${name}:1" }] }
`;
}

/** A Namespace with sidecars. */
export function namespaceYaml(name: string): string {
  return `---
apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: { istio-injection: enabled } }
`;
}
