import { number, records, textMap } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { LabelIndex } from "./label-index";
import { assumedFor, type PodGroup, selectedAnywhere, selectorText } from "./pod-groups";
import { remembered } from "./remembered";
import { servicePorts, servicesFor, targetPort } from "./service-pods";
import { containersOf, type Workload } from "./workloads";

/** Ports on which the pods of a Gateway can be reached; `any` where the pods stand in the node's own network, or what leads to them lives outside. */
export type ReachablePorts = ReadonlySet<number> | "any";

/** Ports that lead to the pods that a Gateway selects: those of their Services, of the pods behind these, and of the nodes. Gateways with one selector share the answer. */
export function reachablePorts(graph: ObjectGraph, selector: Readonly<Record<string, string>>): ReachablePorts {
  return remembered(graph, answers, selectorText(selector), () => portsOf(graph, selector));
}

function answers(): Map<string, ReachablePorts> {
  return new Map();
}

function portsOf(graph: ObjectGraph, selector: Readonly<Record<string, string>>): ReachablePorts {
  const found = new Set<number>();
  const services = graph.derive(servicesBySelector).select("", selector);
  for (const port of services.flatMap(portsOfService)) found.add(port);
  for (const group of [...selectedAnywhere(graph, selector), ...assumedFor(graph, selector)]) {
    const ports = portsOfGroup(graph, group);
    if (ports === "any") return "any";
    for (const port of ports) found.add(port);
  }
  return found;
}

function portsOfGroup(graph: ObjectGraph, { workload, ports = [], namespace }: PodGroup): readonly number[] | "any" {
  if (workload === undefined) return ports;
  if (workload.pod.hostNetwork === true || hasOutsideService(graph, namespace)) return "any";
  const targets = servicesFor(graph, workload).flatMap((service) => [...portsOfService(service), ...targetsOf(service, workload)]);
  return [...targets, ...hostPorts(workload)];
}

/** Whether a Service of a namespace is declared to live outside: its ports cannot be seen. */
function hasOutsideService(graph: ObjectGraph, namespace: string): boolean {
  return graph.derive(outsideServices).some((declared) => declared === "*" || declared === namespace);
}

function outsideServices(graph: ObjectGraph): readonly string[] {
  const lines = graph.surroundings.externals ?? [];
  return lines.flatMap((line) => {
    if (!line.startsWith("Service ")) return [];
    const slash = line.indexOf("/");
    return [slash === -1 ? "*" : line.slice("Service ".length, slash)];
  });
}

function portsOfService(service: MeshObject): readonly number[] {
  return servicePorts(service).flatMap(({ number: port, target }) => [port, whole(target)].flatMap((one) => one ?? []));
}

function targetsOf(service: MeshObject, workload: Workload): readonly number[] {
  return servicePorts(service).flatMap((port) => targetPort(port, workload) ?? []);
}

function hostPorts(workload: Workload): readonly number[] {
  return containersOf(workload).flatMap(({ container }) => records(container.ports).flatMap(({ hostPort }) => number(hostPort) ?? []));
}

/** A port that is written as a number, or as text that is one. */
function whole(value: unknown): number | undefined {
  return typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : number(value);
}

/** Services by the labels that they ask for: one that asks for all that a Gateway asks for leads to pods of it. */
function servicesBySelector(graph: ObjectGraph): LabelIndex<MeshObject> {
  return new LabelIndex(
    graph.of("Service").filter(({ spec }) => Object.keys(textMap(spec.selector)).length > 0),
    ({ spec }) => textMap(spec.selector),
    () => "",
  );
}
