import { record, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { meshConfig } from "./mesh-config";
import { hasOutsidePolicies } from "./outside-policies";
import { type LabelSelector, labelSelector, SelectorIndex } from "./selector-index";
import { type Workload, workloads } from "./workloads";

/** What pods take: mTLS only, both, plaintext only; `UNKNOWN` where two policies of one rank disagree, or one cannot be read. */
export type MutualTlsMode = "STRICT" | "PERMISSIVE" | "DISABLE" | "UNKNOWN";

/** A mode, and the PeerAuthentication that sets it. */
export interface MutualTlsDecision {
  readonly mode: MutualTlsMode;
  /** @default - none does: PERMISSIVE by Istio's own default */
  readonly policy?: MeshObject;
}

/** What holds for the pods of a workload. */
export interface WorkloadMutualTls {
  /** Ports that no policy of the workload's own names. */
  readonly rest: MutualTlsDecision;
  /** Ports that one names. */
  readonly ports: ReadonlyMap<number, MutualTlsDecision>;
  /** What would hold without policies of the workload's own: the namespace's mode, else the mesh's. */
  readonly inherited: MutualTlsDecision;
  /** PeerAuthentications that select the pods. Istio follows the oldest and ignores the others. */
  readonly own: readonly MeshObject[];
}

const byDefault: MutualTlsDecision = { mode: "PERMISSIVE" };

/** What cannot be known: policies that live outside may say anything. */
const unseen: Pick<WorkloadMutualTls, "rest" | "ports"> = { rest: { mode: "UNKNOWN" }, ports: new Map() };

/** The mesh-wide and namespace-wide PeerAuthentications, and those of workloads by what they select. */
interface Policies {
  readonly rootNamespace: string;
  readonly wide: ReadonlyMap<string, readonly MeshObject[]>;
  readonly selecting: SelectorIndex<MeshObject>;
}

/** The pods that a PeerAuthentication selects; an empty selector means all of its namespace. */
export function peerSelector({ spec }: MeshObject): LabelSelector {
  return labelSelector(record(spec.selector).matchLabels);
}

/** Ports of a PeerAuthentication's `portLevelMtls` with what is written for each. Ports of the workload, not of a Service. */
export function portLevels({ spec }: MeshObject): readonly { readonly port: number; readonly key: string; readonly mode: unknown }[] {
  return Object.entries(record(spec.portLevelMtls)).flatMap(([key, value]) => {
    const port = /^\d{1,5}$/.test(key) ? Number(key) : 0;
    return port > 0 && port <= 65535 ? [{ port, key, mode: record(value).mode }] : [];
  });
}

/** What holds for a namespace as a whole. */
export function namespaceMutualTls(graph: ObjectGraph, namespace: string): MutualTlsDecision {
  const { rootNamespace, wide } = graph.derive(policies);
  const mesh = decided(wide.get(rootNamespace) ?? [], byDefault);
  return namespace === rootNamespace ? mesh : decided(wide.get(namespace) ?? [], mesh);
}

/** What holds for every workload. */
function mutualTls(graph: ObjectGraph): ReadonlyMap<Workload, WorkloadMutualTls> {
  const { selecting } = graph.derive(policies);
  const wide = new Map<string, MutualTlsDecision>();
  return new Map(
    graph.derive(workloads).map((workload) => {
      const inherited = wide.get(workload.namespace) ?? namespaceMutualTls(graph, workload.namespace);
      wide.set(workload.namespace, inherited);
      const own = selecting.selecting(workload.namespace, workload.labels);
      const seen = hasOutsidePolicies(graph, "PeerAuthentication", workload.namespace) ? unseen : combined(candidates(own), inherited);
      return [workload, { ...seen, inherited, own }];
    }),
  );
}

/** What holds for the pods of a workload. */
export function mutualTlsOf(graph: ObjectGraph, workload: Workload): WorkloadMutualTls {
  return graph.derive(mutualTls).get(workload) ?? { rest: byDefault, ports: new Map(), inherited: byDefault, own: [] };
}

/**
 * What holds for a port of the pods. Without a port: for one that nobody could resolve; `UNKNOWN` where ports differ.
 *
 * @param port Port of the workload, not of a Service.
 */
export function mutualTlsAt(graph: ObjectGraph, workload: Workload, port: number | undefined): MutualTlsDecision {
  const { rest, ports } = mutualTlsOf(graph, workload);
  if (port !== undefined) return ports.get(port) ?? rest;
  return [...ports.values()].some(({ mode }) => mode !== rest.mode) ? { mode: "UNKNOWN" } : rest;
}

/** PeerAuthentications without a selector, by namespace: Istio follows the oldest of each and ignores the others. */
export function widePolicies(graph: ObjectGraph): ReadonlyMap<string, readonly MeshObject[]> {
  return graph.derive(policies).wide;
}

/** The policies of one rank, oldest first: where all carry the day of their creation only the oldest counts, else any may. */
export function candidates(own: readonly MeshObject[]): readonly MeshObject[] {
  if (own.length < 2) return own;
  const dated = own.map((object) => ({ object, created: text(record(object.data.metadata).creationTimestamp) ?? "" }));
  if (dated.some(({ created }) => !/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/.test(created))) return own;
  const oldest = dated.reduce((first, next) => (isBefore(next, first) ? next : first));
  return [oldest.object];
}

/** Of the same second, Istio takes the first by name. */
function isBefore(a: { object: MeshObject; created: string }, b: { object: MeshObject; created: string }): boolean {
  return a.created === b.created ? a.object.name < b.object.name : a.created < b.created;
}

function policies(graph: ObjectGraph): Policies {
  const { rootNamespace } = graph.derive(meshConfig);
  const wide = new Map<string, MeshObject[]>();
  const narrow: MeshObject[] = [];
  for (const object of graph.of("PeerAuthentication")) {
    const selector = peerSelector(object);
    if (selector === "unreadable") continue;
    if (Object.keys(selector).length > 0) {
      if (object.namespace !== rootNamespace) narrow.push(object);
      continue;
    }
    const list = wide.get(object.namespace);
    if (list === undefined) wide.set(object.namespace, [object]);
    else list.push(object);
  }
  return { rootNamespace, wide, selecting: new SelectorIndex(narrow, peerSelector, ({ namespace }) => namespace) };
}

/** The mode of wide policies of one rank. */
function decided(wide: readonly MeshObject[], inherited: MutualTlsDecision): MutualTlsDecision {
  const decisions = candidates(wide).map((policy) => decision(record(policy.spec.mtls).mode, policy, inherited));
  return agreed(decisions, inherited);
}

/** More rivals than anybody could mean: what holds is not worked out. */
const mostRivals = 10;

/** Modes of the workload's own policies, which may name ports. */
function combined(own: readonly MeshObject[], inherited: MutualTlsDecision): Pick<WorkloadMutualTls, "rest" | "ports"> {
  if (own.length > mostRivals) return unseen;
  const each = own.map((policy) => {
    const rest = decision(record(policy.spec.mtls).mode, policy, inherited);
    return { rest, ports: new Map(portLevels(policy).map(({ port, mode }) => [port, decision(mode, policy, rest)])) };
  });
  const rest = agreed(
    each.map((one) => one.rest),
    inherited,
  );
  const named = new Set(each.flatMap(({ ports }) => [...ports.keys()]));
  const of = (port: number): MutualTlsDecision =>
    agreed(
      each.map((one) => one.ports.get(port) ?? one.rest),
      rest,
    );
  return { rest, ports: new Map([...named].map((port) => [port, of(port)])) };
}

function decision(mode: unknown, policy: MeshObject, inherited: MutualTlsDecision): MutualTlsDecision {
  if (mode === undefined || mode === null || mode === "UNSET") return inherited;
  return mode === "STRICT" || mode === "PERMISSIVE" || mode === "DISABLE" ? { mode, policy } : { mode: "UNKNOWN", policy };
}

function agreed(decisions: readonly MutualTlsDecision[], inherited: MutualTlsDecision): MutualTlsDecision {
  const [first, ...others] = decisions;
  if (first === undefined) return inherited;
  return others.every(({ mode }) => mode === first.mode) ? first : { mode: "UNKNOWN" };
}
