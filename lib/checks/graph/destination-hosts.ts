import { number, records, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { assumedGateway } from "./assumed-gateway";
import { clusterDomain, fullHost, type Host, hosts, serviceOf } from "./hosts";
import { meshConfig } from "./mesh-config";

/** No host name is longer (RFC 1035 §2.3.4). */
const longestName = 253;

/** Hosts by who sees them: `*` for all namespaces, else the namespace. */
interface VisibleHosts {
  /** Exact names, in full. */
  readonly exact: ByScope;
  /** Wildcards, without their `*`. */
  readonly wildcard: ByScope;
  /** How long the wildcards are, longest first. */
  readonly lengths: readonly number[];
}

type ByScope = ReadonlyMap<string, ReadonlyMap<string, Host>>;

/**
 * The host that a VirtualService or DestinationRule means, as Istio's analyzers find it: among what all namespaces see, then among what the
 * namespaces see that the object itself is exported to, then among the wildcards. Undefined for one that is not among the objects.
 */
export function destinationHost(graph: ObjectGraph, object: MeshObject, host: string): Host | undefined {
  const { exact } = graph.derive(visibleHosts);
  const name = fullHost(host, object.namespace);
  const found = exact.get("*")?.get(name);
  if (found !== undefined) return found;
  for (const scope of exportScopes(object)) {
    const seen = exact.get(scope)?.get(name);
    if (seen !== undefined) return seen;
  }
  return coveringHost(graph, host, object.namespace);
}

/** Namespaces that an object is exported to; its own where it says nothing. */
function exportScopes({ spec, namespace }: MeshObject): readonly string[] {
  const exportTo = texts(spec.exportTo);
  return exportTo.length === 0 ? [namespace] : exportTo.map((entry) => (entry === "." ? namespace : entry));
}

/** The longest wildcard that covers a host as it is written. */
function coveringHost(graph: ObjectGraph, host: string, namespace: string): Host | undefined {
  const { wildcard, lengths } = graph.derive(visibleHosts);
  const end = host.startsWith("*") ? host.slice(1) : host;
  for (const length of lengths) {
    if (length > end.length) continue;
    const suffix = end.slice(end.length - length);
    const found = wildcard.get("*")?.get(suffix) ?? wildcard.get(namespace)?.get(suffix);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a wildcard such as `*.shop.svc.cluster.local` means any host that is among the objects, whoever sees it. */
export function meansAnyHost(graph: ObjectGraph, host: string): boolean {
  return host.startsWith("*") && graph.derive(hostEndings).has(host.slice(1));
}

/**
 * Whether a host can be missed: one of a Service only where Services are among the objects, one from outside the cluster where anything has a
 * host. Those that every cluster and mesh has, and those that other clusters export, never can.
 */
export function canJudgeHost(graph: ObjectGraph, host: string, namespace: string): boolean {
  const name = fullHost(host, namespace);
  if (isGivenHost(graph, name)) return false;
  if (graph.of("Service").length > 0) return true;
  return !name.endsWith(`.${clusterDomain}`) && graph.of("ServiceEntry").length > 0;
}

/** Whether a host in full needs no manifest: the API server, istiod in any revision, and what other clusters export. */
export function isGivenHost(graph: ObjectGraph, name: string): boolean {
  if (name.endsWith(".clusterset.local") || name.endsWith(".global")) return true;
  const service = serviceOf(name);
  if (service?.namespace === "default") return service.name === "kubernetes";
  return service?.namespace === graph.derive(meshConfig).rootNamespace && /^istiod(?:-|$)/.test(service.name);
}

/** A Service goes before a ServiceEntry of the same name, else the first is taken. */
function visibleHosts(graph: ObjectGraph): VisibleHosts {
  const [exact, wildcard] = [new Map<string, Map<string, Host>>(), new Map<string, Map<string, Host>>()];
  const lengths = new Set<number>();
  for (const host of [...graph.derive(hosts), ...assumedHost(graph)]) {
    if (host.name.length > longestName) continue;
    const isWildcard = host.name.startsWith("*");
    const name = isWildcard ? host.name.slice(1) : host.name;
    if (isWildcard) lengths.add(name.length);
    addToScopes(isWildcard ? wildcard : exact, name, host);
  }
  return { exact, wildcard, lengths: [...lengths].sort((a, b) => b - a) };
}

function addToScopes(scopes: Map<string, Map<string, Host>>, name: string, host: Host): void {
  for (const scope of scopesOf(host)) {
    const names = scopes.get(scope) ?? new Map<string, Host>();
    scopes.set(scope, names);
    if (!names.has(name)) names.set(name, host);
  }
}

function assumedHost(graph: ObjectGraph): readonly Host[] {
  const object = graph.derive(assumedGateway);
  if (object === undefined) return [];
  const ports = records(object.spec.ports).map(({ port }) => ({ number: number(port), name: "", protocol: "" }));
  return [{ name: fullHost(object.name, object.namespace), object, ports, exportTo: [] }];
}

function scopesOf({ exportTo, object }: Host): readonly string[] {
  if (exportTo.length === 0) return ["*"];
  return exportTo.map((entry) => (entry === "." ? object.namespace : entry));
}

/** Every ending of a host that a wildcard can name, from the dots on, and the empty one. */
function hostEndings(graph: ObjectGraph): ReadonlySet<string> {
  const endings = new Set<string>([""]);
  for (const { name } of [...graph.derive(hosts), ...assumedHost(graph)]) {
    if (name.length > longestName) continue;
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) endings.add(name.slice(dot));
  }
  return endings;
}
