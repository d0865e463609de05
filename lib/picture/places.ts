import { calls } from "../checks/graph/calls";
import type { MeshObject } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { namespaceId, serviceId } from "./ids";
import { mostServices } from "./limits";

/** A Service of the picture: an object, or only a name that a CallGraph has for it. */
export interface DrawnService {
  readonly namespace: string;
  readonly name: string;
  readonly object: MeshObject | undefined;
}

/** The services that the picture shows one by one, and where the others are found in it. */
export interface Places {
  readonly drawn: readonly DrawnService[];
  /** Number of services by namespace, those that are left out among them. */
  readonly counts: ReadonlyMap<string, number>;
  readonly leftOut: number;
  /** Id of what stands for a Service: its own, its namespace's where it is left out, undefined for one that is not there. */
  readonly idOf: (namespace: string, name: string) => string | undefined;
}

/** Services of the objects, then those that declared calls name beside them. */
export function places(graph: ObjectGraph): Places {
  const all = new Map<string, DrawnService>();
  for (const object of graph.of("Service")) add(all, { namespace: object.namespace, name: object.name, object });
  for (const { from, to } of graph.derive(calls)) for (const end of [from, to]) add(all, { ...end, object: undefined });
  const counts = new Map<string, number>();
  for (const { namespace } of all.values()) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  const drawn = [...all.values()].slice(0, mostServices);
  const shown = new Set(drawn.map(({ namespace, name }) => serviceId(namespace, name)));
  const idOf = (namespace: string, name: string): string | undefined => {
    const id = serviceId(namespace, name);
    if (shown.has(id)) return id;
    return all.has(id) ? namespaceId(namespace) : undefined;
  };
  return { drawn, counts, leftOut: all.size - drawn.length, idOf };
}

function add(all: Map<string, DrawnService>, { namespace, name, object }: DrawnService): void {
  const id = serviceId(namespace, name);
  if (!all.has(id)) all.set(id, { namespace, name, object });
}
