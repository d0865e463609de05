import { poolLabel } from "../../nodes/node-registration";
import { type Data, record, records, text, textMap } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { tryAmount, tryCount } from "./amounts";
import { LabelIndex } from "./label-index";
import { type NodeTaint, nodePools, type PoolFacts, taintsOf, tryCores, tryMemory } from "./node-pools";

/** Nodes that are alike: those of a NodePool, or one Node. */
export interface NodeGroup {
  /** The NodePool or the Node. */
  readonly object: MeshObject;
  /** Name of the pool or the node. */
  readonly name: string;
  /** The pool, where it is one. */
  readonly pool: PoolFacts | undefined;
  /** Unit: nodes; undefined where nobody says. */
  readonly count: number | undefined;
  /** What each has for pods. Unit: cores, bytes, pods. */
  readonly cores: number | undefined;
  readonly memory: number | undefined;
  readonly pods: number;
  /** Labels of each; undefined where they are not known. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** Taints that keep pods away. */
  readonly taints: readonly NodeTaint[];
}

/** Where pods may run, but for their affinity, which can only narrow it. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Node that the pods are bound to. */
  readonly nodeName: string | undefined;
}

/** A toleration, read; an undefined field stands for any. */
interface Toleration {
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly effect: string | undefined;
}

/** Most pods that a kubelet takes where nobody told it otherwise. @see https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
const defaultMaxPods = 110;

/** Domains of labels that Kubernetes or a cloud gives to nodes, whoever made them. */
const givenDomains = ["kubernetes.io", "k8s.io"] as const;

/** The nodes that are known: NodePools, and Nodes that are of none of them. */
export function nodeGroups(graph: ObjectGraph): readonly NodeGroup[] {
  const pools = graph.derive(nodePools);
  const names = new Set(pools.map(({ name }) => name));
  const kubelet = Math.max(
    0,
    ...graph
      .of("KubeletConfiguration")
      .slice(0, 1_000)
      .map(({ data }) => tryCount(data.maxPods, 1) ?? 0),
  );
  const single = graph.of("Node").filter(({ labels }) => !names.has(labels[poolLabel] ?? ""));
  return [...pools.map((pool) => poolGroup(pool, kubelet)), ...single.map(nodeGroup)];
}

/** Whether it is said that there are nodes which are not among the objects: `externals: ["NodePool *"]`. */
export function hasOtherNodes(graph: ObjectGraph): boolean {
  return graph.isExternal("NodePool", "default", "") || graph.isExternal("Node", "default", "");
}

/** Pods that say nothing of where they run. */
const anywhere: Placement = { nodeSelector: {}, tolerations: [], nodeName: undefined };

/** Where the pods of a pod spec, or of the same fields of an IstioOperator, may run. */
export function placementOf({ nodeSelector, tolerations, nodeName }: Data): Placement {
  if (nodeSelector === undefined && tolerations === undefined && nodeName === undefined) return anywhere;
  return {
    nodeSelector: textMap(nodeSelector),
    tolerations: records(tolerations).map(toleration),
    nodeName: text(nodeName) === "" ? undefined : text(nodeName),
  };
}

function toleration({ key, operator, value, effect }: Data): Toleration {
  const byValue = operator === undefined || operator === "" || operator === "Equal";
  return {
    key: text(key) === "" ? undefined : text(key),
    value: byValue ? (text(value) ?? "") : undefined,
    effect: text(effect) === "" ? undefined : text(effect),
  };
}

/** A placement as text: equal placements have equal texts. */
function placementKey(placement: Placement): string {
  if (placement === anywhere) return "";
  const { nodeSelector, tolerations, nodeName } = placement;
  const selector = Object.entries(nodeSelector).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([selector, tolerations.map(({ key, value, effect }) => [key ?? 0, value ?? 0, effect ?? 0]), nodeName ?? 0]);
}

/** Finds the nodes that pods may run on. Pods that are placed alike share the answer. */
class NodeFinder {
  readonly groups: readonly NodeGroup[];
  readonly #order: ReadonlyMap<NodeGroup, number>;
  readonly #pools: LabelIndex<NodeGroup>;
  readonly #nodes: LabelIndex<NodeGroup>;
  readonly #unlabelled: readonly NodeGroup[];
  readonly #byName: ReadonlyMap<string, NodeGroup>;
  readonly #found = new Map<string, readonly NodeGroup[]>();

  constructor(groups: readonly NodeGroup[]) {
    const nodes = groups.filter(({ pool }) => pool === undefined);
    this.groups = groups;
    this.#order = new Map(groups.map((group, index) => [group, index]));
    this.#pools = labelled(groups.filter(({ pool, labels }) => pool !== undefined && labels !== undefined));
    this.#nodes = labelled(nodes);
    this.#unlabelled = groups.filter(({ labels }) => labels === undefined);
    this.#byName = new Map(nodes.map((group) => [group.name, group]));
  }

  /** Nodes that pods may run on. Empty where none of the known nodes takes them. */
  find(placement: Placement): readonly NodeGroup[] {
    const key = placementKey(placement);
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = this.#search(placement);
    this.#found.set(key, found);
    return found;
  }

  #search({ nodeSelector, tolerations, nodeName }: Placement): readonly NodeGroup[] {
    const bound = nodeName === undefined ? undefined : this.#byName.get(nodeName);
    if (bound !== undefined) return [bound];
    if (nodeName !== undefined) return this.groups;
    const own = Object.fromEntries(Object.entries(nodeSelector).filter(([name]) => !isGiven(name)));
    const selected = [...this.#pools.select("", own), ...this.#unlabelled, ...this.#nodes.select("", nodeSelector)];
    return selected
      .filter(
        (group) => !contradicts(group, nodeSelector) && group.taints.every((taint) => tolerations.some((one) => tolerates(one, taint))),
      )
      .sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }
}

function labelled(groups: readonly NodeGroup[]): LabelIndex<NodeGroup> {
  return new LabelIndex(
    groups,
    ({ labels = {} }) => labels,
    () => "",
  );
}

function isGiven(label: string): boolean {
  const domain = label.slice(0, Math.max(0, label.indexOf("/")));
  return givenDomains.some((given) => domain === given || domain.endsWith(`.${given}`));
}

/** The nodes of a graph, for questions about where pods run. */
export function nodeFinder(graph: ObjectGraph): NodeFinder {
  return new NodeFinder(graph.derive(nodeGroups));
}

/** Whether a label of a group is another one than a selector wants. What a pool does not say, it may have. */
function contradicts({ labels, name }: NodeGroup, nodeSelector: Readonly<Record<string, string>>): boolean {
  const known = labels ?? { [poolLabel]: name };
  return Object.entries(nodeSelector).some(([key, value]) => known[key] !== undefined && known[key] !== value);
}

function tolerates({ key, value, effect }: Toleration, taint: NodeTaint): boolean {
  return (
    (key === undefined || key === taint.key) &&
    (value === undefined || value === taint.value) &&
    (effect === undefined || effect === taint.effect)
  );
}

function poolGroup(pool: PoolFacts, kubeletMaxPods: number): NodeGroup {
  const { object, name, count, cores, memory, maxPods, labels, taints } = pool;
  const pods = maxPods ?? (kubeletMaxPods > 0 ? kubeletMaxPods : defaultMaxPods);
  return { object, name, pool, count, cores, memory, pods, labels, taints: taints.filter(keepsAway) };
}

function nodeGroup(object: MeshObject): NodeGroup {
  const status = record(object.data.status);
  const amount = (name: string): unknown => record(status.allocatable)[name] ?? record(status.capacity)[name];
  return {
    object,
    name: object.name,
    pool: undefined,
    count: 1,
    cores: tryCores(amount("cpu")),
    memory: tryMemory(amount("memory")),
    pods: tryAmount(amount("pods")) ?? defaultMaxPods,
    labels: { ...object.labels, "kubernetes.io/hostname": object.labels["kubernetes.io/hostname"] ?? object.name },
    taints: taintsOf(object.spec.taints).filter(keepsAway),
  };
}

/** Taints of Kubernetes' own come and go with the state of a node. */
function keepsAway({ key, effect }: NodeTaint): boolean {
  return effect !== "PreferNoSchedule" && !key.startsWith("node.kubernetes.io/") && !key.startsWith("node.cloudprovider.kubernetes.io/");
}
