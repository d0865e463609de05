import { type Data, number, record, records, text, textMap } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { assumedGateways, standardPorts } from "./assumed-gateway";
import { LabelIndex } from "./label-index";
import { remembered } from "./remembered";
import { type Workload, workloads } from "./workloads";

/** Pods that selectors select, or what stands for pods that others make: a virtual machine, a gateway that an installer or a controller brings. */
export interface PodGroup {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The workload among the objects. @default - what makes the pods is not among them */
  readonly workload?: Workload;
  /** Ports that a Service of it offers, where the Service is not among the objects either; `any` where they cannot be known. @default - none */
  readonly ports?: readonly number[] | "any";
}

/** All namespaces in one: a Gateway selects pods wherever they run. */
const anywhere = "";

/** Everything among the objects that a selector can select. */
export function podGroups(graph: ObjectGraph): readonly PodGroup[] {
  const own = graph
    .derive(workloads)
    .map((workload) => ({ namespace: workload.namespace, name: workload.object.name, labels: workload.labels, workload }));
  return [
    ...own,
    ...graph.of("WorkloadEntry").map(machine),
    ...graph.of("WorkloadGroup").map(machines),
    ...graph.of("Gateway", "gateway.networking.k8s.io").map(managedGateway),
    ...graph.of("IstioOperator").flatMap(installedGateways),
  ];
}

/** Whether workloads are among the objects at all: where none is, they are all made elsewhere, and a selector cannot be judged. */
export function knowsWorkloads(graph: ObjectGraph): boolean {
  return graph.derive(workloads).length > 0;
}

/** Whether a selector selects anything in a namespace. */
export function selectsIn(graph: ObjectGraph, namespace: string, labels: Readonly<Record<string, string>>): boolean {
  const find = (): boolean => graph.derive(groupsByNamespace).select(namespace, labels).length > 0;
  return remembered(graph, answersWithin, `${namespace} ${selectorText(labels)}`, find);
}

/** Whether a selector selects anything in the whole mesh, Istio's own ingress gateway among it. */
export function selectsAnywhere(graph: ObjectGraph, labels: Readonly<Record<string, string>>): boolean {
  return remembered(graph, answersAnywhere, selectorText(labels), () => selectedAnywhere(graph, labels).length > 0);
}

function answersWithin(): Map<string, boolean> {
  return new Map();
}

function answersAnywhere(): Map<string, boolean> {
  return new Map();
}

/** What among the objects carries labels, in whatever namespace. */
export function podsAnywhere(graph: ObjectGraph, labels: Readonly<Record<string, string>>): readonly PodGroup[] {
  return graph.derive(groupsAnywhere).select(anywhere, labels);
}

/** What a selector selects in the whole mesh. Istio's own gateways count where nothing among the objects is selected. */
export function selectedAnywhere(graph: ObjectGraph, labels: Readonly<Record<string, string>>): readonly PodGroup[] {
  const found = podsAnywhere(graph, labels);
  return found.length > 0 ? found : assumedFor(graph, labels);
}

/** Gateways that are taken for granted and that a selector selects. */
export function assumedFor(graph: ObjectGraph, labels: Readonly<Record<string, string>>): readonly PodGroup[] {
  return graph.derive(assumedGateways).filter((group) => isSelected(group, labels));
}

/** A selector as Istio writes it: `app=pricing,version=v1`. */
export function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}=${labels[name]}`)
    .join(",");
}

function isSelected({ labels }: PodGroup, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

function groupsByNamespace(graph: ObjectGraph): LabelIndex<PodGroup> {
  return new LabelIndex(
    graph.derive(podGroups),
    ({ labels }) => labels,
    ({ namespace }) => namespace,
  );
}

function groupsAnywhere(graph: ObjectGraph): LabelIndex<PodGroup> {
  return new LabelIndex(
    graph.derive(podGroups),
    ({ labels }) => labels,
    () => anywhere,
  );
}

function machine({ namespace, name, labels, spec }: MeshObject): PodGroup {
  return { namespace, name, labels: { ...labels, ...textMap(spec.labels) } };
}

function machines({ namespace, name, spec }: MeshObject): PodGroup {
  return { namespace, name, labels: { ...textMap(record(spec.template).labels), ...textMap(record(spec.metadata).labels) } };
}

/** Istio's controller names the pods of a Kubernetes Gateway after it. */
function managedGateway({ namespace, name, spec }: MeshObject): PodGroup {
  const ports = records(spec.listeners).flatMap(({ port }) => number(port) ?? []);
  return { namespace, name, labels: { "gateway.networking.k8s.io/gateway-name": name, "istio.io/gateway-name": name }, ports };
}

function installedGateways({ spec }: MeshObject): readonly PodGroup[] {
  const { ingressGateways, egressGateways } = record(spec.components);
  return [
    ...records(ingressGateways).flatMap((gateway) => installed(gateway, "istio-ingressgateway")),
    ...records(egressGateways).flatMap((gateway) => installed(gateway, "istio-egressgateway")),
  ];
}

/** Without labels of its own a gateway carries those of the one that the profile brings. */
function installed({ name, enabled, namespace, label, k8s }: Data, standard: string): readonly PodGroup[] {
  if (enabled === false || typeof name !== "string") return [];
  const labels = textMap(label);
  const own = { app: standard, istio: standard.replace("istio-", "") };
  const ports = records(record(record(k8s).service).ports).flatMap(({ port, targetPort }) =>
    [port, targetPort].flatMap((one) => number(one) ?? []),
  );
  return [
    {
      namespace: text(namespace) ?? "istio-system",
      name,
      labels: Object.keys(labels).length > 0 ? { ...own, ...labels } : own,
      ports: ports.length > 0 ? ports : standardPorts,
    },
  ];
}
