import { text } from "../../fields";
import { destinationHost } from "../../graph/destination-hosts";
import type { Host } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { destinationsOf, type RouteDestination } from "../../graph/routes";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** A destination of a VirtualService, and the host that it means. */
export interface ResolvedDestination {
  readonly object: MeshObject;
  readonly destination: RouteDestination;
  /** Undefined for a host that is not among the objects. */
  readonly found: Host | undefined;
}

/** Destinations of every VirtualService that Istio judges. */
export function resolvedDestinations(graph: ObjectGraph): readonly ResolvedDestination[] {
  return judged(graph, "VirtualService").flatMap((object) =>
    destinationsOf(object).map((destination) => ({ object, destination, found: destinationHost(graph, object, destination.host) })),
  );
}

/** DestinationRules that Istio judges, with the host that each is for; undefined for one that is not among the objects. */
export function resolvedRules(graph: ObjectGraph): ReadonlyMap<MeshObject, Host | undefined> {
  return new Map(judged(graph, "DestinationRule").map((object) => [object, destinationHost(graph, object, text(object.spec.host) ?? "")]));
}
