import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { type Call, calls, serviceKey } from "./calls";
import { membershipOf } from "./membership";
import { namedServices } from "./named-addresses";
import { serviceRefusal } from "./plaintext";
import { type ServicePort, servicePorts, servicesFor } from "./service-pods";
import type { Workload } from "./workloads";

/** A call of pods without a sidecar to pods that refuse plaintext. */
export interface RefusedCall {
  /** The Service that is called. */
  readonly service: MeshObject;
  /** Pods behind it that refuse. */
  readonly pods: Workload;
  /** The PeerAuthentication that says so. */
  readonly policy: MeshObject;
  /** Field of the caller that holds the address. @default - the call is declared in a CallGraph */
  readonly field?: string;
}

/**
 * The calls of pods outside the mesh that are refused, as far as they can be seen: declared in a CallGraph, or an address of the Service in what
 * the containers are started with. Empty for pods that are in the mesh, or may be.
 */
export function refusedCalls(graph: ObjectGraph, caller: Workload): readonly RefusedCall[] {
  if (membershipOf(graph, caller) !== "outside") return [];
  return [...declared(graph, caller), ...named(graph, caller)];
}

function declared(graph: ObjectGraph, caller: Workload): readonly RefusedCall[] {
  const from = graph.derive(callsByCaller);
  if (from.size === 0) return [];
  return servicesFor(graph, caller)
    .flatMap((service) => from.get(serviceKey(service)) ?? [])
    .flatMap(({ to, port }) => {
      const service = graph.find("Service", to.namespace, to.name);
      const ports = service === undefined ? [] : servicePorts(service).filter(({ number }) => port === undefined || number === port);
      return service === undefined ? [] : refusal(graph, service, ports);
    });
}

function named(graph: ObjectGraph, caller: Workload): readonly RefusedCall[] {
  return namedServices(graph, caller).flatMap(({ service, ports, field }) =>
    refusal(graph, service, ports).map((refused) => ({ ...refused, field })),
  );
}

/** Refused for certain: whichever of the ports is meant, some pods behind it refuse. */
function refusal(graph: ObjectGraph, service: MeshObject, ports: readonly ServicePort[]): readonly RefusedCall[] {
  const each = ports.map((port) => serviceRefusal(graph, service, port));
  const [first] = each;
  return first === undefined || each.includes(undefined) ? [] : [{ service, pods: first.workload, policy: first.policy }];
}

/** Declared calls by the Service that calls. */
function callsByCaller(graph: ObjectGraph): ReadonlyMap<string, readonly Call[]> {
  const byCaller = new Map<string, Call[]>();
  for (const call of graph.derive(calls)) {
    const key = serviceKey(call.from);
    const list = byCaller.get(key);
    if (list === undefined) byCaller.set(key, [call]);
    else list.push(call);
  }
  return byCaller;
}
