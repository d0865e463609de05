import { records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { namespaces } from "./injection";

const useWaypoint = "istio.io/use-waypoint";

/** Whether calls go through a waypoint: by the object's own label, else by its namespace's. `none` takes the object out. */
export function isEnrolled(graph: ObjectGraph, labels: Readonly<Record<string, string>>, namespace: string): boolean {
  const name = labels[useWaypoint] ?? graph.derive(namespaces).get(namespace)?.labels[useWaypoint] ?? "none";
  return name !== "" && name !== "none";
}

/** Namespace of the waypoint that calls go through: the object's own, unless its label or its namespace's says another. */
export function waypointNamespace(graph: ObjectGraph, labels: Readonly<Record<string, string>>, namespace: string): string {
  const label = "istio.io/use-waypoint-namespace";
  return labels[label] ?? graph.derive(namespaces).get(namespace)?.labels[label] ?? namespace;
}

/** Namespaces of which a Service or a ServiceEntry is enrolled by its own label. */
export function partlyEnrolled(graph: ObjectGraph): ReadonlySet<string> {
  const own = [...graph.of("Service"), ...graph.of("ServiceEntry")].filter(
    ({ labels }) => !["", "none", undefined].includes(labels[useWaypoint]),
  );
  return new Set(own.map(({ namespace }) => namespace));
}

/** Hosts in full that Gateways of Kubernetes' Gateway API send requests to by HTTPRoutes. */
export function httpRouteHosts(graph: ObjectGraph): ReadonlySet<string> {
  return new Set(graph.of("HTTPRoute").filter(isOfGateway).flatMap(backendsOf));
}

function isOfGateway({ spec }: MeshObject): boolean {
  return records(spec.parentRefs).some(({ kind }) => kind === undefined || kind === "Gateway");
}

function backendsOf({ spec, namespace }: MeshObject): readonly string[] {
  const backends = records(spec.rules).flatMap(({ backendRefs }) => records(backendRefs));
  return backends.flatMap((backend) => {
    const name = text(backend.name);
    return name === undefined ? [] : [`${name}.${text(backend.namespace) ?? namespace}.svc.cluster.local`];
  });
}
