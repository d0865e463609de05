import { records, text, texts } from "../checks/fields";
import type { ObjectGraph } from "../checks/object-graph";
import { externalId } from "./ids";
import { mostItems } from "./limits";
import type { ExternalNode } from "./topology";

/** Hosts of ServiceEntries, each once. */
export function externalNodes(graph: ObjectGraph): readonly ExternalNode[] {
  const nodes = new Map<string, ExternalNode>();
  for (const { namespace, spec } of graph.of("ServiceEntry")) {
    const ports = records(spec.ports)
      .slice(0, mostItems)
      .map((port) => [port.number, text(port.protocol)].filter((part) => part !== undefined).join(" "));
    for (const name of texts(spec.hosts).slice(0, mostItems)) {
      const id = externalId(name);
      if (!nodes.has(id)) nodes.set(id, { id, name, namespace, ports, inMesh: spec.location === "MESH_INTERNAL" });
    }
  }
  return [...nodes.values()];
}
