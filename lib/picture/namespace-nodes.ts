import { isAmbient, namespaceInjection, namespaces } from "../checks/graph/injection";
import { namespaceMutualTls } from "../checks/graph/mutual-tls";
import { workloads } from "../checks/graph/workloads";
import { objectName } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { namespaceId } from "./ids";
import type { Places } from "./places";
import type { NamespaceNode } from "./topology";

/** `team-2` before `team-10`. */
const byNumber = new Intl.Collator("en", { numeric: true }).compare;

/** Every namespace that something of the picture lives in, by name. */
export function namespaceNodes(graph: ObjectGraph, { counts }: Places): readonly NamespaceNode[] {
  const declared = graph.derive(namespaces).keys();
  const used = graph.derive(workloads).map(({ namespace }) => namespace);
  const closed = closedNamespaces(graph);
  return [...new Set([...declared, ...counts.keys(), ...used])].sort(byNumber).map((name) => {
    const { mode, policy } = namespaceMutualTls(graph, name);
    return {
      id: namespaceId(name),
      name,
      mtls: mode,
      ...(policy !== undefined && { policy: objectName(policy) }),
      injection: injection(graph, name),
      closed: closed.has(name),
      services: counts.get(name) ?? 0,
    };
  });
}

function injection(graph: ObjectGraph, name: string): NamespaceNode["injection"] {
  const object = graph.derive(namespaces).get(name);
  if (object === undefined) return "unknown";
  if (isAmbient(object)) return "ambient";
  return namespaceInjection(graph, name) === "enabled" ? "sidecar" : "none";
}

/** Namespaces with an empty ALLOW policy: nothing gets in but by another one. */
function closedNamespaces(graph: ObjectGraph): ReadonlySet<string> {
  const empty = graph.of("AuthorizationPolicy").filter(({ spec }) => Object.keys(spec).length === 0);
  return new Set(empty.map(({ namespace }) => namespace));
}
