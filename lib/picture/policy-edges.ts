import { record, records, texts } from "../checks/fields";
import { enforcedAllowPolicies, policyRules } from "../checks/graph/allow-policies";
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
  return graph.derive(enforcedAllowPolicies).flatMap((policy) => {
    const to = targetsOf(graph, policy, places);
    return policyRules(policy).flatMap(({ rule }) => ruleEdges(rule, to, callers));
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

function ruleEdges({ from, to: operations }: Readonly<Record<string, unknown>>, to: readonly string[], callers: Callers): readonly Edge[] {
  const sources = records(from).map(({ source }) => record(source));
  const ports = records(operations).flatMap(({ operation }) => texts(record(operation).ports));
  const port = ports.length === 1 && /^\d{1,5}$/.test(String(ports[0])) ? Number(ports[0]) : undefined;
  const rest = { kind: "allowed" as const, ...(port !== undefined && { port }) };
  return sources.flatMap((source) => [
    ...named(source, callers).flatMap((caller) => to.map((target) => ({ from: caller, to: target, ...rest }))),
    ...addresses(source).flatMap((caller) => to.map((target) => ({ from: caller, to: target, ...rest, plaintext: true as const }))),
  ]);
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
function addresses({ ipBlocks, remoteIpBlocks }: Readonly<Record<string, unknown>>): readonly string[] {
  return [...texts(ipBlocks), ...texts(remoteIpBlocks)].slice(0, mostItems).map(outsideId);
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
