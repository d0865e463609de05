import { records, text, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { fullHost, isVisibleIn } from "./hosts";

/** DestinationRules by the host that they are for, in full. */
export function rulesByHost(graph: ObjectGraph): ReadonlyMap<string, readonly MeshObject[]> {
  const byHost = new Map<string, MeshObject[]>();
  for (const rule of graph.of("DestinationRule")) {
    const host = fullHost(text(rule.spec.host) ?? "", rule.namespace);
    const list = byHost.get(host);
    if (list === undefined) byHost.set(host, [rule]);
    else list.push(rule);
  }
  return byHost;
}

/** DestinationRules for a host that a namespace sees. Those for wildcards are not among them. */
export function destinationRulesFor(graph: ObjectGraph, host: string, namespace: string): readonly MeshObject[] {
  const rules = graph.derive(rulesByHost).get(fullHost(host, namespace)) ?? [];
  return rules.filter((rule) => isVisibleIn(texts(rule.spec.exportTo), rule.namespace, namespace));
}

/** Names of the subsets of a DestinationRule. */
export function subsetNames({ spec }: MeshObject): readonly string[] {
  return records(spec.subsets).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
}
