import type { ObjectGraph } from "../object-graph";

const kinds = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Rollout", "WorkloadGroup", "WorkloadEntry"];
const declaration = new RegExp(`^(?:${kinds.join("|")}) (?:([^/]*)/)?[^/]+$`);

/** Namespaces in which workloads are declared to live outside: `"Pod shop/*"`, `"Deployment shop/pricing"`. `*` for any. */
function outsideNamespaces(graph: ObjectGraph): ReadonlySet<string> {
  const found = (graph.surroundings.externals ?? []).flatMap((line) => {
    const match = declaration.exec(line);
    return match === null ? [] : [match[1] ?? "*"];
  });
  return new Set(found);
}

/** Whether pods of a namespace may live outside the objects that are checked. What labels they carry cannot be known, so any selector may mean them. */
export function mayRunOutside(graph: ObjectGraph, namespace: string): boolean {
  const namespaces = graph.derive(outsideNamespaces);
  return namespaces.has("*") || namespaces.has(namespace);
}

/** Whether any pods live outside the objects that are checked. */
export function anyRunsOutside(graph: ObjectGraph): boolean {
  return graph.derive(outsideNamespaces).size > 0;
}
