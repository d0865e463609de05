import { texts } from "../../fields";
import { distinct } from "../../graph/distinct";
import { edgeRoutes } from "../../graph/edge-routes";
import { fullHost, type Host, hostIndex, isExternalHost } from "../../graph/hosts";
import { namespaceInjection } from "../../graph/injection";
import { judged } from "../../graph/judged";
import { meshConfig } from "../../graph/mesh-config";
import { isForMesh } from "../../graph/routes";
import { httpRouteHosts, isEnrolled, waypointNamespace } from "../../graph/waypoints";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { isAmbientNamespace } from "../policy/selections";
import { destinationNeed, routeNeed } from "./http-needs";

/** What keeps a VirtualService or DestinationRule from being followed in the ambient mesh. */
export interface AmbientFault {
  /**
   * - `unenrolled`: no waypoint stands before the host.
   * - `elsewhere`: one does or may, but it follows objects of the host's namespace only.
   * - `no-waypoint`: the host is none of the ambient mesh that is known, and calls from the object's own namespace meet no waypoint.
   */
  readonly fault: "unenrolled" | "elsewhere" | "no-waypoint";
  readonly object: MeshObject;
  /** The host as written. */
  readonly host: string;
  /** Where it is written. */
  readonly field: string;
  /** Namespace of the host; of the object where the host is not known. */
  readonly namespace: string;
  /** The field because of which only a waypoint can follow the object. */
  readonly need: string;
}

interface Written {
  readonly host: string;
  readonly field: string;
}

/** Faults of VirtualServices for sidecars and waypoints. */
export function virtualServiceFaults(graph: ObjectGraph): readonly AmbientFault[] {
  return distinct(judged(graph, "VirtualService")).flatMap((object) => {
    const need = isForMesh(object) ? routeNeed(object) : undefined;
    const hosts = texts(object.spec.hosts).map((host, index) => ({ host, field: `spec.hosts[${index}]` }));
    return need === undefined ? [] : faultsOf(graph, object, hosts, need);
  });
}

/** Faults of DestinationRules. One that a gateway follows for the routes it has is none. */
export function destinationRuleFaults(graph: ObjectGraph): readonly AmbientFault[] {
  return distinct(judged(graph, "DestinationRule")).flatMap((object) => {
    const need = destinationNeed(object);
    const { host } = object.spec;
    if (need === undefined || typeof host !== "string" || graph.derive(edgeHosts).has(fullHost(host, object.namespace))) return [];
    return faultsOf(graph, object, [{ host, field: "spec.host" }], need);
  });
}

function faultsOf(graph: ObjectGraph, object: MeshObject, hosts: readonly Written[], need: string): readonly AmbientFault[] {
  const known = new Map<string, Written & { readonly found: Host }>();
  for (const written of hosts) {
    const name = fullHost(written.host, object.namespace);
    const found = ambientHost(graph, name);
    if (found !== undefined && !known.has(name)) known.set(name, { ...written, found });
  }
  if (known.size > 0) return [...known.values()].flatMap((one) => faultsAt(graph, object, one, need));
  const [first] = hosts;
  const isOutside = hosts.some(({ host }) => isExternalHost(graph, host, object.namespace));
  if (first === undefined || isOutside || !isAmbientNamespace(graph, object.namespace) || isEnrolled(graph, {}, object.namespace))
    return [];
  return [{ fault: "no-waypoint", object, ...first, namespace: object.namespace, need }];
}

function faultsAt(
  graph: ObjectGraph,
  object: MeshObject,
  { host, field, found }: Written & { readonly found: Host },
  need: string,
): readonly AmbientFault[] {
  const { labels, namespace } = found.object;
  const isElsewhere = namespace !== object.namespace;
  if (isElsewhere && mayHaveSidecars(graph, object.namespace)) return [];
  const fault = { object, host, field, namespace, need };
  return [
    ...(isElsewhere && !isFollowedFromAfar(graph, object, found.object) ? [{ ...fault, fault: "elsewhere" as const }] : []),
    ...(isEnrolled(graph, labels, namespace) ? [] : [{ ...fault, fault: "unenrolled" as const }]),
  ];
}

/** A waypoint follows objects of its own namespace as well, and DestinationRules of the root namespace. */
function isFollowedFromAfar(graph: ObjectGraph, { kind, namespace }: MeshObject, host: MeshObject): boolean {
  if (namespace === waypointNamespace(graph, host.labels, host.namespace)) return true;
  return kind === "DestinationRule" && namespace === graph.derive(meshConfig).rootNamespace;
}

/** The Service of a host in the ambient mesh, or the ServiceEntry of one that a waypoint stands before. */
function ambientHost(graph: ObjectGraph, name: string): Host | undefined {
  const found = graph.derive(hostIndex).exact.get(name);
  return found?.find(({ object: { kind, labels, namespace } }) =>
    kind === "Service" ? isAmbientNamespace(graph, namespace) : isEnrolled(graph, labels, namespace),
  );
}

/** Whether sidecars of the object's own namespace may follow it: it then works for their calls, wherever they go. */
function mayHaveSidecars(graph: ObjectGraph, namespace: string): boolean {
  if (isAmbientNamespace(graph, namespace)) return false;
  const injection = namespaceInjection(graph, namespace);
  return injection === "enabled" || injection === "unknown";
}

/** Hosts that gateways send requests to: they follow DestinationRules themselves. */
function edgeHosts(graph: ObjectGraph): ReadonlySet<string> {
  return new Set([...graph.derive(edgeRoutes).map(({ host }) => host), ...graph.derive(httpRouteHosts)]);
}
