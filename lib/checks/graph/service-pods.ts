import { records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { type LabelSelector, labelSelector, SelectorIndex } from "./selector-index";
import { containersOf, type Workload, workloadIndex } from "./workloads";

/** A port of a Service that carries TCP. */
export interface ServicePort {
  /** `spec.ports[0]`. */
  readonly field: string;
  readonly number: number | undefined;
  readonly name: string;
  /** As written: a number, the name of a container's port, or nothing. */
  readonly target: unknown;
}

/** The pods that a Service selects: none for one without a selector. */
export function serviceSelector({ spec }: MeshObject): LabelSelector {
  return spec.type === "ExternalName" ? {} : labelSelector(spec.selector);
}

/** Ports of a Service; those for UDP and SCTP never pass a proxy and are left out. */
export function servicePorts({ spec }: MeshObject): readonly ServicePort[] {
  return records(spec.ports).flatMap(({ port, name, protocol, targetPort }, index) => {
    if (protocol !== undefined && protocol !== "TCP") return [];
    const number = typeof port === "number" ? port : undefined;
    return [{ field: `spec.ports[${index}]`, number, name: text(name) ?? "", target: targetPort }];
  });
}

/** Pods of every Service. Services with one selector share the list. */
function podsByService(graph: ObjectGraph): ReadonlyMap<MeshObject, readonly Workload[]> {
  const index = graph.derive(workloadIndex);
  const known = new Map<string, readonly Workload[]>();
  return new Map(
    graph.of("Service").map((service) => {
      const selector = serviceSelector(service);
      if (selector === "unreadable" || Object.keys(selector).length === 0) return [service, []];
      const key = JSON.stringify([service.namespace, selector]);
      const pods = known.get(key) ?? index.select(service.namespace, selector);
      known.set(key, pods);
      return [service, pods];
    }),
  );
}

/** Pods that a Service sends to, among the objects. */
export function podsOf(graph: ObjectGraph, service: MeshObject): readonly Workload[] {
  return graph.derive(podsByService).get(service) ?? [];
}

/** Services by what they select. */
function serviceSelectors(graph: ObjectGraph): SelectorIndex<MeshObject> {
  return new SelectorIndex(graph.of("Service"), serviceSelector, ({ namespace }) => namespace);
}

/** Services that select the pods of a workload. */
export function servicesFor(graph: ObjectGraph, { namespace, labels }: Workload): readonly MeshObject[] {
  return graph.derive(serviceSelectors).selecting(namespace, labels);
}

/** The port of the pods that a Service's port leads to; undefined for a name that no container declares. */
export function targetPort({ number, target }: Pick<ServicePort, "number" | "target">, workload: Workload): number | undefined {
  if (target === undefined || target === null || target === 0) return number;
  return containerPort(target, workload);
}

/** A port of the pods by its number, or by the name that a container gives it. */
export function containerPort(port: unknown, workload: Workload): number | undefined {
  if (typeof port === "number") return port;
  return typeof port === "string" ? declaredPorts(workload).find(({ name }) => name === port)?.number : undefined;
}

/** Ports that containers declare: init containers that keep running among them. */
export function declaredPorts(workload: Workload): readonly { readonly number: number; readonly name: string }[] {
  return containersOf(workload, ["containers", "initContainers"]).flatMap(({ container }) =>
    records(container.ports).flatMap(({ containerPort: number, name, protocol }) =>
      typeof number === "number" && (protocol === undefined || protocol === "TCP") ? [{ number, name: text(name) ?? "" }] : [],
    ),
  );
}
