import { record, records, texts } from "../checks/fields";
import { enforcedAllowPolicies, policyRules } from "../checks/graph/allow-policies";
import { mutualTlsAt, namespaceMutualTls } from "../checks/graph/mutual-tls";
import { labelSelector } from "../checks/graph/selector-index";
import { servicesFor } from "../checks/graph/service-pods";
import { workloadIndex, workloads } from "../checks/graph/workloads";
import type { MeshObject } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { namespaceId, outsideId } from "./ids";
import { mostItems, mostMeant } from "./limits";
import type { Places } from "./places";
import type { Edge, OutsideNode } from "./topology";

/** Whom AuthorizationPolicies let in. Those that let in everybody say nothing of who calls. */
export function allowedEdges(graph: ObjectGraph, places: Places): readonly Edge[] {
  const callers: Callers = { byAccount: callersByAccount(graph, places), edges: edgeNamespaces(graph) };
  return [...graph.derive(enforcedAllowPolicies), ...denials(graph)].flatMap((policy) => {
    const target: Target = { ids: targetsOf(graph, policy, places), takesPlaintext: (port) => takesPlaintext(graph, policy, port) };
    return policyRules(policy).flatMap(({ rule }) => ruleEdges(policy, rule, target, callers));
  });
}

/** Addresses that AuthorizationPolicies let in, each once. */
export function outsideNodes(edges: readonly Edge[]): readonly OutsideNode[] {
  const ids = new Set(edges.flatMap(({ from }) => (from.startsWith(outsideId("")) ? [from] : [])));
  return [...ids].map((id) => ({ id, name: id.slice(outsideId("").length) }));
}

/** Who is meant by a certificate. */
interface Callers {
  /** Ids of services by the account that their pods run as. */
  readonly byAccount: ReadonlyMap<string, ReadonlySet<string>>;
  /** Namespaces of gateways: what their accounts may call is drawn by the routes. */
  readonly edges: ReadonlySet<string>;
}

function edgeNamespaces(graph: ObjectGraph): ReadonlySet<string> {
  return new Set([...graph.of("Gateway"), ...graph.of("Gateway", "gateway.networking.k8s.io")].map(({ namespace }) => namespace));
}

/** Policies that refuse plaintext from anywhere but some addresses: where access is open, they say who comes from outside. */
function denials(graph: ObjectGraph): readonly MeshObject[] {
  return graph.of("AuthorizationPolicy").filter(({ spec }) => spec.action === "DENY");
}

/** What a policy is for. */
interface Target {
  readonly ids: readonly string[];
  readonly takesPlaintext: (port: number | undefined) => boolean;
}

function ruleEdges(policy: MeshObject, rule: Readonly<Record<string, unknown>>, target: Target, callers: Callers): readonly Edge[] {
  const sources = records(rule.from).map(({ source }) => record(source));
  const isDenial = policy.spec.action === "DENY";
  const port = portOf(rule);
  const reason = policy.annotations["meshground.io/reason"];
  const rest = { kind: "allowed" as const, ...(port !== undefined && { port }), ...(reason !== undefined && { reason }) };
  const toEach = (from: string, more: Partial<Edge>): readonly Edge[] => target.ids.map((to) => ({ from, to, ...rest, ...more }));
  const byAddress = target.takesPlaintext(port) ? { plaintext: true as const } : {};
  return sources.flatMap((source) => [
    ...(isDenial ? [] : named(source, callers)).flatMap((from) => toEach(from, {})),
    ...(isDenial ? spared(source) : addresses(source)).flatMap((from) => toEach(from, byAddress)),
  ]);
}

/** The one port that a rule is for; undefined for several or any. */
function portOf({ to }: Readonly<Record<string, unknown>>): number | undefined {
  const [port, ...others] = records(to).flatMap(({ operation }) => texts(record(operation).ports));
  return port !== undefined && others.length === 0 && /^\d{1,5}$/.test(port) ? Number(port) : undefined;
}

/** Whether pods that a policy selects take plaintext. */
function takesPlaintext(graph: ObjectGraph, { namespace, spec }: MeshObject, port: number | undefined): boolean {
  const selector = labelSelector(record(spec.selector).matchLabels);
  if (selector === "unreadable" || Object.keys(selector).length === 0) return namespaceMutualTls(graph, namespace).mode !== "STRICT";
  const selected = graph.derive(workloadIndex).select(namespace, selector).slice(0, mostMeant);
  return selected.some((workload) => mutualTlsAt(graph, workload, port).mode !== "STRICT");
}

/** Those who are known by their certificate. */
function named(source: Readonly<Record<string, unknown>>, callers: Callers): readonly string[] {
  const principals = texts(source.principals).slice(0, mostItems);
  return [
    ...texts(source.namespaces).slice(0, mostItems).filter(isExact).map(namespaceId),
    ...principals.flatMap((principal) => principalIds(principal, callers)),
  ];
}

/** `cluster.local/ns/shop/sa/checkout`; a `*` for the account stands for the namespace. */
function principalIds(principal: string, callers: Callers): readonly string[] {
  const [, namespace, account] = /^[^/]+\/ns\/([^/*]+)\/(?:sa\/([^/]+)|\*)$/.exec(principal) ?? [];
  if (namespace === undefined) return [];
  const known = account === undefined ? undefined : callers.byAccount.get(`${namespace}/${account}`);
  if (known === undefined && callers.edges.has(namespace)) return [];
  return known === undefined || known.size > mostMeant ? [namespaceId(namespace)] : [...known];
}

/** Those who are known by their address only come from outside the mesh. */
function addresses({ ipBlocks, remoteIpBlocks, principals, namespaces }: Readonly<Record<string, unknown>>): readonly string[] {
  if (texts(principals).length > 0 || texts(namespaces).length > 0) return [];
  return [...texts(ipBlocks), ...texts(remoteIpBlocks)].slice(0, mostItems).map(outsideId);
}

/** Addresses that a refusal of everybody without a certificate leaves out. */
function spared({ notPrincipals, notIpBlocks, notRemoteIpBlocks }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!texts(notPrincipals).includes("*")) return [];
  return [...texts(notIpBlocks), ...texts(notRemoteIpBlocks)].slice(0, mostItems).map(outsideId);
}

function isExact(name: string): boolean {
  return !name.includes("*");
}

function callersByAccount(graph: ObjectGraph, { idOf }: Places): Callers["byAccount"] {
  const byAccount = new Map<string, Set<string>>();
  for (const workload of graph.derive(workloads)) {
    const key = `${workload.namespace}/${workload.serviceAccount}`;
    const ids = byAccount.get(key) ?? new Set();
    byAccount.set(key, ids);
    if (ids.size > mostMeant) continue;
    for (const { namespace, name } of servicesFor(graph, workload)) {
      const id = idOf(namespace, name);
      if (id !== undefined) ids.add(id);
    }
  }
  return byAccount;
}

/** The services that a policy is for: the whole namespace where it selects no workload, or too many. */
function targetsOf(graph: ObjectGraph, { namespace, spec }: MeshObject, { idOf }: Places): readonly string[] {
  const selector = labelSelector(record(spec.selector).matchLabels);
  if (selector === "unreadable") return [];
  const selected = Object.keys(selector).length === 0 ? [] : graph.derive(workloadIndex).select(namespace, selector);
  if (selected.length === 0 || selected.length > mostMeant) return Object.keys(selector).length === 0 ? [namespaceId(namespace)] : [];
  const services = selected.flatMap((workload) => servicesFor(graph, workload));
  return [...new Set(services.flatMap((service) => idOf(namespace, service.name) ?? []))];
}
