import { records } from "../checks/fields";
import { type Membership, membershipOf } from "../checks/graph/membership";
import { type MutualTlsDecision, type MutualTlsMode, mutualTlsOf, namespaceMutualTls } from "../checks/graph/mutual-tls";
import { type NodeGroup, nodeFinder, placementOf } from "../checks/graph/node-groups";
import { portProtocol } from "../checks/graph/port-protocol";
import { podsOf } from "../checks/graph/service-pods";
import type { Workload } from "../checks/graph/workloads";
import { type MeshObject, objectName } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { namespaceId, poolId, serviceId } from "./ids";
import { mostItems } from "./limits";
import type { DrawnService, Places } from "./places";
import type { PlaintextPort, ServiceNode } from "./topology";
import { versionsOf } from "./versions";

/** The services that are drawn, in the order of the objects. */
export function serviceNodes(graph: ObjectGraph, { drawn }: Places): readonly ServiceNode[] {
  return drawn.map((service) => serviceNode(graph, service));
}

function serviceNode(graph: ObjectGraph, { namespace, name, object }: DrawnService): ServiceNode {
  const named = { id: serviceId(namespace, name), parent: namespaceId(namespace), name };
  const pods = object === undefined ? [] : podsOf(graph, object);
  const proxy = proxyOf(graph, pods);
  const plaintext = plaintextPorts(graph, pods);
  const pools = poolsOf(graph, pods);
  return {
    ...named,
    ports: object === undefined ? [] : portTexts(object),
    mtls: modeOf(graph, namespace, pods),
    ...(proxy !== undefined && { proxy }),
    versions: object === undefined ? [] : versionsOf(graph, object, pods),
    ...(plaintext.length > 0 && { plaintext }),
    ...(pools.length > 0 && { pools }),
  };
}

function portTexts({ spec }: MeshObject): readonly string[] {
  return records(spec.ports)
    .slice(0, mostItems)
    .map((port) => [port.port, portProtocol(port)].filter((part) => typeof part === "number" || typeof part === "string").join(" "));
}

/** From what refuses plaintext to what takes nothing else. */
const byWeakness: readonly MutualTlsMode[] = ["STRICT", "UNKNOWN", "PERMISSIVE", "DISABLE"];

function modeOf(graph: ObjectGraph, namespace: string, pods: readonly Workload[]): MutualTlsMode {
  if (pods.length === 0) return namespaceMutualTls(graph, namespace).mode;
  return pods
    .map((workload) => mutualTlsOf(graph, workload).rest.mode)
    .reduce((weakest, mode) => (byWeakness.indexOf(mode) > byWeakness.indexOf(weakest) ? mode : weakest), "STRICT");
}

/** How the pods belong to the mesh; of several ways the one that protects least. */
function proxyOf(graph: ObjectGraph, pods: readonly Workload[]): Membership | undefined {
  const ways = new Set(pods.map((workload) => membershipOf(graph, workload)));
  const byProtection: readonly Membership[] = ["outside", "unknown", "proxyless", "gateway", "ambient", "sidecar"];
  return byProtection.find((way) => ways.has(way));
}

function plaintextPorts(graph: ObjectGraph, pods: readonly Workload[]): readonly PlaintextPort[] {
  const ports = new Map<number, MutualTlsDecision>();
  for (const workload of pods) {
    const mutualTls = mutualTlsOf(graph, workload);
    if (mutualTls.rest.mode !== "STRICT") continue;
    for (const [port, decision] of mutualTls.ports) if (decision.mode !== "STRICT") ports.set(port, decision);
  }
  return [...ports]
    .slice(0, mostItems)
    .map(([port, { mode, policy }]) => ({ port, mode, ...(policy !== undefined && { policy: objectName(policy) }) }));
}

/** Pools that any of the pods may run on. Pods that may run on all of them are found on none in particular. */
function poolsOf(graph: ObjectGraph, pods: readonly Workload[]): readonly string[] {
  const finder = graph.derive(nodeFinder);
  if (finder.groups.length === 0) return [];
  const groups = new Set<NodeGroup>();
  for (const { pod } of pods) {
    const found = finder.find(placementOf(pod));
    if (found.length > mostItems) return [];
    for (const group of found) groups.add(group);
  }
  return [...groups].slice(0, mostItems).map(({ name }) => poolId(name));
}
