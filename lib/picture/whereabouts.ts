import { record, text, texts } from "../checks/fields";
import { fullHost, serviceOf } from "../checks/graph/hosts";
import { labelSelector } from "../checks/graph/selector-index";
import { servicesFor } from "../checks/graph/service-pods";
import { type Workload, workloadIndex, workloads } from "../checks/graph/workloads";
import type { MeshObject } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { externalId, gatewayId, namespaceId, poolId } from "./ids";
import type { Places } from "./places";

/** The id of what an object is part of in the picture; undefined where it is part of nothing there. */
export type Whereabouts = (object: MeshObject) => string | undefined;

/** Finds where objects belong. What belongs to no service belongs to its namespace. */
export function whereabouts(graph: ObjectGraph, places: Places): Whereabouts {
  const byObject = new Map(graph.derive(workloads).map((workload) => [workload.object, workload]));
  return (object) => {
    const own = owners[object.kind]?.(object, { graph, places, workload: byObject.get(object) });
    return own ?? (object.writtenNamespace === undefined ? undefined : namespaceId(object.namespace));
  };
}

interface Around {
  readonly graph: ObjectGraph;
  readonly places: Places;
  readonly workload: Workload | undefined;
}

type Owner = (object: MeshObject, around: Around) => string | undefined;

const ofWorkload: Owner = (_, { graph, places, workload }) => (workload === undefined ? undefined : serviceFor(workload, graph, places));

/** By the first workload that a selector selects. */
function selected(labels: unknown, { namespace }: MeshObject, { graph, places }: Around): string | undefined {
  const selector = labelSelector(labels);
  if (selector === "unreadable" || Object.keys(selector).length === 0) return undefined;
  const [workload] = graph.derive(workloadIndex).select(namespace, selector);
  return workload === undefined ? undefined : serviceFor(workload, graph, places);
}

function serviceFor(workload: Workload, graph: ObjectGraph, { idOf }: Places): string | undefined {
  const [service] = servicesFor(graph, workload);
  return service === undefined ? undefined : idOf(service.namespace, service.name);
}

function ofHost(host: string, namespace: string, { idOf }: Places): string | undefined {
  const service = serviceOf(fullHost(host, namespace));
  return service === undefined ? undefined : idOf(service.namespace, service.name);
}

const bySelector: Owner = (object, around) => selected(record(object.spec.selector).matchLabels, object, around);

/** By kind of the object. */
const owners: Readonly<Record<string, Owner>> = {
  Namespace: ({ name }) => namespaceId(name),
  Service: ({ namespace, name }, { places }) => places.idOf(namespace, name),
  NodePool: ({ name }) => poolId(name),
  Node: ({ name }) => poolId(name),
  Gateway: (object) => gatewayId(object),
  ServiceEntry: ({ spec }) => texts(spec.hosts).slice(0, 1).map(externalId)[0],
  VirtualService: ({ namespace, spec }, { places }) => ofHost(texts(spec.hosts)[0] ?? "", namespace, places),
  DestinationRule: ({ namespace, spec }, { places }) => ofHost(text(spec.host) ?? "", namespace, places),
  AuthorizationPolicy: bySelector,
  PeerAuthentication: bySelector,
  RequestAuthentication: bySelector,
  PodDisruptionBudget: bySelector,
  Sidecar: (object, around) => selected(record(object.spec.workloadSelector).labels, object, around),
  NetworkPolicy: (object, around) => selected(record(object.spec.podSelector).matchLabels, object, around),
  Deployment: ofWorkload,
  StatefulSet: ofWorkload,
  DaemonSet: ofWorkload,
  ReplicaSet: ofWorkload,
  Rollout: ofWorkload,
  Pod: ofWorkload,
  Job: ofWorkload,
};
