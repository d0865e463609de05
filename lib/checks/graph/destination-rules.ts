import { text, texts } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { fullHost } from "./hosts";
import { meshConfig } from "./mesh-config";

/** DestinationRules by namespace, then by the host that they are for, in full. */
type Table = ReadonlyMap<string, ReadonlyMap<string, readonly MeshObject[]>>;

/** DestinationRules as Istio looks them up. */
interface DestinationRules {
  readonly rootNamespace: string;
  /** What callers of a namespace find in their own. */
  readonly local: Table;
  /** What a namespace shows to others. */
  readonly exported: Table;
  /** What the root namespace keeps to itself. */
  readonly privateRoot: Table;
}

/** A host that is called: its name in full, and the namespace of its Service. */
export interface CalledHost {
  readonly name: string;
  readonly namespace: string;
}

/** DestinationRules of a graph as Istio looks them up. @see https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration */
function destinationRules(graph: ObjectGraph): DestinationRules {
  const { rootNamespace, data } = graph.derive(meshConfig);
  const privateByDefault = texts(data.defaultDestinationRuleExportTo).includes(".");
  const [local, exported, privateRoot] = [newTable(), newTable(), newTable()];
  for (const rule of graph.of("DestinationRule")) {
    const exportTo = exportsOf(rule);
    if (isLocal(rule, exportTo)) add(local, rule);
    if (!isPrivate(rule, exportTo, privateByDefault)) add(exported, rule);
    else if (rule.namespace === rootNamespace) add(privateRoot, rule);
  }
  return { rootNamespace, local, exported, privateRoot };
}

/**
 * DestinationRules that callers of a namespace follow for a host: those of their own namespace, else those that the host's namespace shows
 * them, else those of the root namespace. In each place those for the most specific host.
 */
export function rulesFollowed(graph: ObjectGraph, host: CalledHost, caller: string): readonly MeshObject[] {
  const rules = graph.derive(destinationRules);
  const own = mostSpecific(caller === rules.rootNamespace ? rules.privateRoot : rules.local, caller, host.name);
  if (own.length > 0) return own;
  const shown = mostSpecific(rules.exported, host.namespace, host.name).filter((rule) => isShownTo(rule, caller));
  return shown.length > 0 ? shown : mostSpecific(rules.exported, rules.rootNamespace, host.name).filter((rule) => isShownTo(rule, caller));
}

/** Whether callers of any namespace can follow a DestinationRule for a host, or whether others hide it from all. */
export function isFollowed(graph: ObjectGraph, rule: MeshObject, host: CalledHost): boolean {
  const { rootNamespace, local, exported, privateRoot } = graph.derive(destinationRules);
  const isFoundIn = (table: Table): boolean => mostSpecific(table, rule.namespace, host.name).includes(rule);
  if (isFoundIn(rule.namespace === rootNamespace ? privateRoot : local)) return true;
  if (rule.namespace !== host.namespace && rule.namespace !== rootNamespace) return false;
  if (!isFoundIn(exported)) return false;
  return (
    rule.namespace === host.namespace || mostSpecific(exported, host.namespace, host.name).every((other) => exportsOf(other).length > 0)
  );
}

/** Namespaces that a DestinationRule is exported to: none named is all. One for some workloads only stays in its namespace. */
export function exportsOf({ spec }: MeshObject): readonly string[] {
  return spec.workloadSelector === undefined || spec.workloadSelector === null ? texts(spec.exportTo) : ["."];
}

function isLocal({ namespace }: MeshObject, exportTo: readonly string[]): boolean {
  return exportTo.length === 0 || exportTo.some((entry) => entry === "*" || entry === "." || entry === namespace);
}

function isPrivate({ namespace }: MeshObject, exportTo: readonly string[], byDefault: boolean): boolean {
  if (exportTo.length === 0) return byDefault;
  return exportTo.every((entry) => entry === "." || entry === namespace);
}

function isShownTo(rule: MeshObject, caller: string): boolean {
  const exportTo = exportsOf(rule);
  return exportTo.length === 0 || exportTo.includes("*") || exportTo.includes(caller);
}

/** No host name is longer (RFC 1035 §2.3.4). */
const longestName = 253;

/** Those for the host itself, else those for the wildcard with the longest ending. */
function mostSpecific(table: Table, namespace: string, host: string): readonly MeshObject[] {
  const byHost = table.get(namespace);
  if (byHost === undefined) return [];
  const exact = byHost.get(host);
  if (exact !== undefined || host.length > longestName) return exact ?? [];
  for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
    const wildcard = byHost.get(`*${host.slice(dot)}`);
    if (wildcard !== undefined) return wildcard;
  }
  return byHost.get("*") ?? [];
}

type WritableTable = Map<string, Map<string, MeshObject[]>>;

function newTable(): WritableTable {
  return new Map();
}

function add(table: WritableTable, rule: MeshObject): void {
  const host = fullHost(text(rule.spec.host) ?? "", rule.namespace);
  const byHost = table.get(rule.namespace) ?? new Map<string, MeshObject[]>();
  table.set(rule.namespace, byHost);
  const rules = byHost.get(host);
  if (rules === undefined) byHost.set(host, [rule]);
  else rules.push(rule);
}
