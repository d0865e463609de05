import { number, record } from "../../fields";
import type { CalledHost } from "../../graph/destination-rules";
import { clusterDomain } from "../../graph/hosts";
import { namespaceInjection } from "../../graph/injection";
import { isSystemNamespace } from "../../graph/judged";
import { membershipOf } from "../../graph/membership";
import { meshConfig } from "../../graph/mesh-config";
import { candidates, type MutualTlsDecision, mutualTlsAt, namespaceMutualTls, peerSelector, portLevels } from "../../graph/mutual-tls";
import { hasOutsidePolicies } from "../../graph/outside-policies";
import { isCaptured } from "../../graph/plaintext";
import { type LabelSelector, SelectorIndex } from "../../graph/selector-index";
import { podsOf, type ServicePort, servicePorts, serviceSelector, targetPort } from "../../graph/service-pods";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** What pods of a Service insist on at one of its ports: mTLS, or plaintext. */
export interface Demand {
  /** Port of the Service; undefined where the Service is not among the objects. */
  readonly port: number | undefined;
  readonly mode: "STRICT" | "DISABLE";
  readonly policy: MeshObject;
  /** Labels of the pods; undefined where no pods are among the objects. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Whether the pods are seen to have a sidecar, or the policy is their namespace's own. */
  readonly certain: boolean;
}

/** A Service with what its pods insist on. */
export interface DemandingService {
  readonly host: CalledHost;
  readonly demands: readonly Demand[];
}

/** Pods of one Service that are looked at: beyond that they are alike. */
const enoughPods = 50;
/** Policies of one namespace that are looked at where no pods are seen. */
const enoughPolicies = 100;

/** Services whose pods take mTLS only, or plaintext only, on some port. What PERMISSIVE pods take is no demand. */
export function demandingServices(graph: ObjectGraph): ReadonlyMap<MeshObject, DemandingService> {
  const found = new Map<MeshObject, DemandingService>();
  for (const service of graph.of("Service")) {
    if (isSystemNamespace(service.namespace)) continue;
    const demands = demandsOf(graph, service);
    const host = { name: `${service.name}.${service.namespace}.${clusterDomain}`, namespace: service.namespace };
    if (demands.length > 0) found.set(service, { host, demands });
  }
  return found;
}

/**
 * What the pods of a Service that is not among the objects insist on, as far as its namespace says.
 *
 * Nothing where policies of the namespace select pods by labels, where its pods are seen to be outside the mesh, or where only the mesh as a whole
 * has a policy: such a Service may be one of those that are not in it.
 */
export function absentDemand(
  graph: ObjectGraph,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Demand | undefined {
  const isApiServer = name === "kubernetes" && namespace === "default";
  if (isApiServer || isSystemNamespace(namespace) || !hasPodsInMesh(graph, namespace)) return undefined;
  if (graph.derive(narrowPolicies).byNamespace.has(namespace) || hasOutsidePolicies(graph, "PeerAuthentication", namespace))
    return undefined;
  const { mode, policy } = namespaceDecision(graph, namespace);
  if (policy?.namespace !== namespace || (mode !== "STRICT" && mode !== "DISABLE")) return undefined;
  return { port: undefined, mode, policy, labels: undefined, certain: false };
}

function demandsOf(graph: ObjectGraph, service: MeshObject): readonly Demand[] {
  const selector = serviceSelector(service);
  if (selector === "unreadable" || Object.keys(selector).length === 0) return [];
  // Gateways take what their Gateways say.
  if (selector.istio?.endsWith("gateway")) return [];
  const pods = podsOf(graph, service);
  const ports = servicePorts(service);
  if (pods.length === 0) return hasPodsInMesh(graph, service.namespace) ? ports.flatMap((port) => unseenDemand(graph, service, port)) : [];
  return pods.slice(0, enoughPods).flatMap((pod) => ports.flatMap((port) => podDemand(graph, service, pod, port)));
}

function podDemand(graph: ObjectGraph, service: MeshObject, pod: Workload, port: ServicePort): readonly Demand[] {
  const membership = membershipOf(graph, pod);
  const isUnknown = membership === "unknown" && service.namespace !== graph.derive(meshConfig).rootNamespace;
  const target = targetPort(port, pod);
  if ((membership !== "sidecar" && !isUnknown) || !isCaptured(pod, target)) return [];
  const decision = mutualTlsAt(graph, pod, target);
  return demand(decision, port, { labels: pod.labels, certain: !isUnknown || decision.policy?.namespace === service.namespace });
}

/** Whether pods that are not among the objects would be in the mesh, as far as their namespace says. */
function hasPodsInMesh(graph: ObjectGraph, namespace: string): boolean {
  const injection = namespaceInjection(graph, namespace);
  return namespace !== graph.derive(meshConfig).rootNamespace && (injection === "enabled" || injection === "unknown");
}

/** What pods that are not seen insist on: they carry the labels that the Service selects, and perhaps others. */
function unseenDemand(graph: ObjectGraph, service: MeshObject, port: ServicePort): readonly Demand[] {
  const decision = unseenDecision(graph, service, port);
  return demand(decision, port, { labels: undefined, certain: decision.policy?.namespace === service.namespace });
}

function unseenDecision(graph: ObjectGraph, service: MeshObject, port: ServicePort): MutualTlsDecision {
  const labels = serviceSelector(service);
  const { selecting, byNamespace } = graph.derive(narrowPolicies);
  const around = byNamespace.get(service.namespace) ?? [];
  const inherited = namespaceDecision(graph, service.namespace);
  if (hasOutsidePolicies(graph, "PeerAuthentication", service.namespace)) return { mode: "UNKNOWN" };
  if (around.length === 0 || labels === "unreadable") return inherited;
  const own = candidates(selecting.selecting(service.namespace, labels));
  const others = around.length > enoughPolicies || around.some((policy) => !own.includes(policy) && canMeet(peerSelector(policy), labels));
  const [policy, ...more] = own;
  if (others || more.length > 0) return { mode: "UNKNOWN" };
  return policy === undefined ? inherited : decisionAt(policy, port, inherited);
}

/** What holds for a namespace as a whole, worked out once. */
function namespaceDecision(graph: ObjectGraph, namespace: string): MutualTlsDecision {
  const known = graph.derive(namespaceDecisions);
  const decision = known.get(namespace) ?? namespaceMutualTls(graph, namespace);
  known.set(namespace, decision);
  return decision;
}

function namespaceDecisions(): Map<string, MutualTlsDecision> {
  return new Map();
}

function decisionAt(policy: MeshObject, { number: service, target }: ServicePort, inherited: MutualTlsDecision): MutualTlsDecision {
  const ports = portLevels(policy);
  const port = target === undefined || target === null ? service : number(target);
  if (port === undefined && ports.length > 0) return { mode: "UNKNOWN" };
  const rest = written(record(policy.spec.mtls).mode, policy, inherited);
  const named = ports.find((one) => one.port === port);
  return named === undefined ? rest : written(named.mode, policy, rest);
}

function written(mode: unknown, policy: MeshObject, inherited: MutualTlsDecision): MutualTlsDecision {
  if (mode === undefined || mode === null || mode === "UNSET") return inherited;
  return mode === "STRICT" || mode === "DISABLE" || mode === "PERMISSIVE" ? { mode, policy } : { mode: "UNKNOWN" };
}

function demand(
  { mode, policy }: MutualTlsDecision,
  { number: port }: ServicePort,
  seen: Pick<Demand, "labels" | "certain">,
): readonly Demand[] {
  if (policy === undefined || port === undefined) return [];
  return mode === "STRICT" || mode === "DISABLE" ? [{ port, mode, policy, ...seen }] : [];
}

/** PeerAuthentications with a selector. */
function narrowPolicies(graph: ObjectGraph): {
  readonly selecting: SelectorIndex<MeshObject>;
  readonly byNamespace: ReadonlyMap<string, readonly MeshObject[]>;
} {
  const byNamespace = new Map<string, MeshObject[]>();
  const narrow = graph.of("PeerAuthentication").filter((policy) => Object.keys(peerSelector(policy)).length > 0);
  for (const policy of narrow) {
    const list = byNamespace.get(policy.namespace);
    if (list === undefined) byNamespace.set(policy.namespace, [policy]);
    else list.push(policy);
  }
  return { selecting: new SelectorIndex(narrow, peerSelector, ({ namespace }) => namespace), byNamespace };
}

/** Whether pods with some labels may carry all that a selector asks for. */
function canMeet(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector === "unreadable" || Object.entries(selector).every(([name, value]) => (labels[name] ?? value) === value);
}
