import { text } from "../../fields";
import { type CalledHost, isFollowed, rulesFollowed } from "../../graph/destination-rules";
import { clusterDomain, fullHost, isExternalHost, serviceOf } from "../../graph/hosts";
import { judged } from "../../graph/judged";
import { meshConfig } from "../../graph/mesh-config";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { type ClientTls, clientTls } from "./client-tls";
import { absentDemand, type Demand, type DemandingService, demandingServices } from "./server-tls";

/** Callers and pods that do not understand each other. */
export interface MtlsConflict {
  /** The DestinationRule, or the PeerAuthentication where no DestinationRule is for the host. */
  readonly object: MeshObject;
  readonly field: string;
  readonly tls: Pick<ClientTls, "sending" | "written">;
  /** Services that it happens at, as `pricing.shop`; not all of them where they are many. */
  readonly services: readonly string[];
  /** The first that it happens at. */
  readonly demand: Demand;
}

/** Services that one conflict names at most. */
const enoughServices = 6;

/** Demands by where a wildcard finds them. */
interface Demanding {
  readonly all: readonly DemandingService[];
  readonly byNamespace: ReadonlyMap<string, readonly DemandingService[]>;
}

/** Every place where callers send what pods refuse, by the object that holds it. */
export function mtlsConflicts(graph: ObjectGraph): ReadonlyMap<MeshObject, readonly MtlsConflict[]> {
  const found = new Map<MeshObject, readonly MtlsConflict[]>();
  if (graph.of("PeerAuthentication").length === 0) return found;
  for (const rule of judged(graph, "DestinationRule")) {
    const conflicts = clientTls(graph, rule).flatMap((tls) => conflictOf(graph, rule, tls));
    if (conflicts.length > 0) found.set(rule, conflicts);
  }
  for (const conflict of unruled(graph)) found.set(conflict.object, [conflict]);
  return found;
}

function conflictOf(graph: ObjectGraph, rule: MeshObject, tls: ClientTls): readonly MtlsConflict[] {
  const mode = tls.sending === "mutual" ? "DISABLE" : "STRICT";
  const services: string[] = [];
  let first: Demand | undefined;
  for (const { host, demands } of servicesUnder(graph, rule, mode)) {
    const demand = demands.find((one) => one.mode === mode && isUnder(tls, one));
    if (demand === undefined || !isFollowed(graph, rule, host)) continue;
    services.push(shortName(host));
    first ??= demand;
    if (services.length === enoughServices) break;
  }
  return first === undefined ? [] : [{ object: rule, field: tls.field, tls, services, demand: first }];
}

interface Called {
  readonly host: CalledHost;
  readonly demands: readonly Demand[];
}

/** Services with demands that a DestinationRule is for. */
function servicesUnder(graph: ObjectGraph, rule: MeshObject, mode: Demand["mode"]): readonly Called[] {
  const host = fullHost(text(rule.spec.host) ?? "", rule.namespace);
  const service = serviceOf(host);
  if (service !== undefined) return oneService(graph, { name: host, namespace: service.namespace }, service.name);
  const { all, byNamespace } = graph.derive(mode === "STRICT" ? strict : disabled);
  if (isMeshWide(host)) return all;
  const namespace = namespaceOf(host);
  return namespace === undefined ? [] : (byNamespace.get(namespace) ?? []);
}

function oneService(graph: ObjectGraph, host: CalledHost, name: string): readonly Called[] {
  const object = graph.find("Service", host.namespace, name);
  if (object !== undefined) return [{ host, demands: graph.derive(demandingServices).get(object)?.demands ?? [] }];
  const demand = isExternalHost(graph, host.name, host.namespace) ? undefined : absentDemand(graph, { name, namespace: host.namespace });
  return demand === undefined ? [] : [{ host, demands: [demand] }];
}

/** `pricing.shop` of `pricing.shop.svc.cluster.local`. */
function shortName({ name }: CalledHost): string {
  return name.slice(0, -clusterDomain.length - 1);
}

/** Whether a wildcard is for the Services of every namespace. */
export function isMeshWide(host: string): boolean {
  return ["*", "*.local", "*.cluster.local", `*.${clusterDomain}`].includes(host);
}

/** The namespace whose Services a wildcard is for: `shop` of `*.shop.svc.cluster.local`. */
export function namespaceOf(host: string): string | undefined {
  const end = `.${clusterDomain}`;
  if (!host.startsWith("*.") || !host.endsWith(end) || host.length <= end.length + 2) return undefined;
  const namespace = host.slice(2, -end.length);
  return namespace.includes(".") ? undefined : namespace;
}

/** Whether what a DestinationRule says holds for a port and its pods. */
function isUnder({ sending, port, except, subset }: ClientTls, demand: Demand): boolean {
  // TLS of another kind is sent to servers that ask for it themselves: mostly ones outside the mesh.
  if (sending === "tls" && !demand.certain) return false;
  if (demand.port !== undefined && (port === undefined ? except.has(demand.port) : port !== demand.port)) return false;
  if (subset === undefined || demand.labels === undefined) return true;
  const { labels } = demand;
  return subset !== "unreadable" && Object.entries(subset).every(([name, value]) => labels[name] === value);
}

/** With automatic mTLS switched off, callers without a DestinationRule send plaintext: one conflict a PeerAuthentication. */
function unruled(graph: ObjectGraph): Iterable<MtlsConflict> {
  if (graph.derive(meshConfig).data.enableAutoMtls !== false) return [];
  const found = new Map<MeshObject, MtlsConflict>();
  for (const { host, demands } of graph.derive(strict).all) {
    if (rulesFollowed(graph, host, host.namespace).length > 0) continue;
    for (const demand of demands.filter(({ mode }) => mode === "STRICT")) {
      const { services = [], demand: first = demand } = found.get(demand.policy) ?? {};
      const name = shortName(host);
      if (services.length === enoughServices || services.includes(name)) continue;
      const tls = { sending: "plaintext", written: undefined } as const;
      found.set(demand.policy, { object: demand.policy, field: "spec.mtls.mode", tls, services: [...services, name], demand: first });
    }
  }
  return found.values();
}

const strict = (graph: ObjectGraph): Demanding => demanding(graph, "STRICT");
const disabled = (graph: ObjectGraph): Demanding => demanding(graph, "DISABLE");

function demanding(graph: ObjectGraph, mode: Demand["mode"]): Demanding {
  const all = [...graph.derive(demandingServices).values()].filter(({ demands }) => demands.some((one) => one.mode === mode));
  const byNamespace = new Map<string, DemandingService[]>();
  for (const one of all) {
    const list = byNamespace.get(one.host.namespace);
    if (list === undefined) byNamespace.set(one.host.namespace, [one]);
    else list.push(one);
  }
  return { all, byNamespace };
}
