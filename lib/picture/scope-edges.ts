import { record, records, texts } from "../checks/fields";
import { fullHost, serviceOf } from "../checks/graph/hosts";
import { destinationsOf, isForMesh } from "../checks/graph/routes";
import { labelSelector } from "../checks/graph/selector-index";
import { servicesFor } from "../checks/graph/service-pods";
import { workloadIndex } from "../checks/graph/workloads";
import type { MeshObject } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { externalId, namespaceId } from "./ids";
import { mostItems, mostMeant } from "./limits";
import type { Places } from "./places";
import type { Edge } from "./topology";

/** Where a VirtualService for one Service sends its requests to another. */
export function routedEdges(graph: ObjectGraph, { idOf }: Places): readonly Edge[] {
  return graph
    .of("VirtualService")
    .filter(isForMesh)
    .flatMap((object) => {
      const ends = (host: string): string | undefined => endOf(host, object.namespace, idOf);
      const from = [...new Set(texts(object.spec.hosts).slice(0, mostMeant).map(ends))];
      const to = [
        ...new Set(
          destinationsOf(object)
            .slice(0, mostItems)
            .map(({ host }) => ends(host)),
        ),
      ];
      return pairs(from, to, "routed");
    });
}

/** What Sidecars let their pods see by name, and hosts that are exported to one namespace. */
export function seenEdges(graph: ObjectGraph, places: Places): readonly Edge[] {
  return [...graph.of("Sidecar").flatMap((object) => sidecarEdges(graph, object, places)), ...exportEdges(graph)];
}

function sidecarEdges(graph: ObjectGraph, object: MeshObject, places: Places): readonly Edge[] {
  const external = new Set(graph.of("ServiceEntry").flatMap(({ spec }) => texts(spec.hosts)));
  const hosts = records(object.spec.egress)
    .flatMap((egress) => texts(egress.hosts))
    .map((host) => host.slice(host.indexOf("/") + 1));
  const to = hosts.slice(0, mostItems).map((host) => (external.has(host) ? externalId(host) : endOf(host, object.namespace, places.idOf)));
  return pairs(scopeOf(graph, object, places), to, "seen");
}

/** The services that a Sidecar is for: the whole namespace where it selects no workload, or too many. */
function scopeOf(graph: ObjectGraph, { namespace, spec }: MeshObject, { idOf }: Places): readonly (string | undefined)[] {
  const selector = labelSelector(record(spec.workloadSelector).labels);
  if (selector === "unreadable") return [];
  if (Object.keys(selector).length === 0) return [namespaceId(namespace)];
  const workloads = graph.derive(workloadIndex).select(namespace, selector).slice(0, mostMeant);
  return [...new Set(workloads.flatMap((workload) => servicesFor(graph, workload)).map((service) => idOf(namespace, service.name)))];
}

/** Namespaces that a ServiceEntry is exported to by name, its own among them. */
function exportEdges(graph: ObjectGraph): readonly Edge[] {
  return graph.of("ServiceEntry").flatMap(({ namespace, spec }) => {
    const names = texts(spec.exportTo).filter((name) => name !== "*" && name !== "~");
    const from = names.slice(0, mostMeant).map((name) => namespaceId(name === "." ? namespace : name));
    return pairs(from, texts(spec.hosts).slice(0, mostItems).map(externalId), "seen");
  });
}

function endOf(host: string, namespace: string, idOf: Places["idOf"]): string | undefined {
  const service = serviceOf(fullHost(host, namespace));
  return service === undefined ? undefined : idOf(service.namespace, service.name);
}

function pairs(from: readonly (string | undefined)[], to: readonly (string | undefined)[], kind: Edge["kind"]): readonly Edge[] {
  return from.flatMap((one) => to.flatMap((other) => (one === undefined || other === undefined ? [] : [{ from: one, to: other, kind }])));
}
