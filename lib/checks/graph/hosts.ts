import { records, text, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";

/** A host that requests can be sent to: a Service's, or one of a ServiceEntry's. */
export interface Host {
  /** In full, or a wildcard: `pricing.shop.svc.cluster.local`, `*.example.no`. */
  readonly name: string;
  /** The Service or ServiceEntry that it is of. */
  readonly object: MeshObject;
  readonly ports: readonly HostPort[];
  /** Namespaces that see it; `*` for all. */
  readonly exportTo: readonly string[];
}

/** A port of a host. */
interface HostPort {
  readonly number: number | undefined;
  readonly name: string;
  /** As Istio takes it: from a ServiceEntry's `protocol`, from a Service's `appProtocol` or the first word of the name; empty for none. */
  readonly protocol: string;
}

/** Ending of the names of Services. */
export const clusterDomain = "svc.cluster.local";

/** A host in full: a short name is a Service of the namespace. Names with a dot and wildcards stay as they are. */
export function fullHost(host: string, namespace: string): string {
  return host.startsWith("*") || host.includes(".") ? host : `${host}.${namespace}.${clusterDomain}`;
}

/** Name and namespace of the Service that a host in full is of; undefined for a host of none. */
export function serviceOf(fullName: string): { readonly name: string; readonly namespace: string } | undefined {
  const [, name, namespace] = /^([^.*]+)\.([^.]+)\.svc\.cluster\.local$/.exec(fullName) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

/** Whether two host names, each of which may begin with a wildcard, can mean the same host. */
export function hostsOverlap(a: string, b: string): boolean {
  if (!a.startsWith("*")) return b.startsWith("*") ? a.endsWith(b.slice(1)) : a === b;
  if (!b.startsWith("*")) return b.endsWith(a.slice(1));
  return a.length < b.length ? b.endsWith(a.slice(1)) : a.endsWith(b.slice(1));
}

/** Whether a namespace is among those that something is exported to. Nothing said is all. */
export function isVisibleIn(exportTo: readonly string[], from: string, to: string): boolean {
  return exportTo.length === 0 || exportTo.some((entry) => entry === "*" || entry === to || (entry === "." && from === to));
}

/** Every host of a graph. */
export function hosts(graph: ObjectGraph): readonly Host[] {
  return [...graph.of("Service").map(serviceHost), ...graph.of("ServiceEntry").flatMap(entryHosts)];
}

/** Exact hosts by name, wildcards apart. */
export function hostIndex(graph: ObjectGraph): {
  readonly exact: ReadonlyMap<string, readonly Host[]>;
  readonly wildcard: readonly Host[];
} {
  const exact = new Map<string, Host[]>();
  const wildcard: Host[] = [];
  for (const host of graph.derive(hosts)) {
    const list = host.name.startsWith("*") ? wildcard : exact.get(host.name);
    if (list === undefined) exact.set(host.name, [host]);
    else list.push(host);
  }
  return { exact, wildcard };
}

/** The host that a name means to a namespace, among those that it sees: exact names before wildcards. */
export function findHost(graph: ObjectGraph, host: string, namespace: string): Host | undefined {
  const { exact, wildcard } = graph.derive(hostIndex);
  const name = fullHost(host, namespace);
  const sees = ({ exportTo, object }: Host): boolean => isVisibleIn(exportTo, object.namespace, namespace);
  return exact.get(name)?.find(sees) ?? wildcard.find((candidate) => sees(candidate) && hostsOverlap(candidate.name, name));
}

/** Whether a host is declared to live outside: as a Host, or as the Service that it is of. */
export function isExternalHost(graph: ObjectGraph, host: string, namespace: string): boolean {
  const name = fullHost(host, namespace);
  const service = serviceOf(name);
  if (service !== undefined && graph.isExternal("Service", service.namespace, service.name)) return true;
  return graph.isExternal("Host", namespace, name) || graph.isExternal("Host", namespace, host);
}

function serviceHost(object: MeshObject): Host {
  const exported = object.annotations["networking.istio.io/exportTo"] ?? "";
  return {
    name: `${object.name}.${object.namespace}.${clusterDomain}`,
    object,
    ports: records(object.spec.ports).map((port) => {
      const name = text(port.name) ?? "";
      return { number: portNumber(port.port), name, protocol: text(port.appProtocol) ?? name.split("-")[0] ?? "" };
    }),
    exportTo: exported === "" ? [] : exported.split(",").map((entry) => entry.trim()),
  };
}

function entryHosts(object: MeshObject): readonly Host[] {
  const ports = records(object.spec.ports).map((port) => ({
    number: portNumber(port.number),
    name: text(port.name) ?? "",
    protocol: text(port.protocol) ?? "",
  }));
  return texts(object.spec.hosts).map((host) => ({
    name: fullHost(host, object.namespace),
    object,
    ports,
    exportTo: texts(object.spec.exportTo),
  }));
}

function portNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
