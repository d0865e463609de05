import { poolLabel } from "../../nodes/node-registration";
import type { ObjectGraph } from "../object-graph";
import { hasOtherNodes, type NodeGroup, nodeFinder, type Placement } from "./node-groups";
import { type PodDemand, podDemands } from "./pod-demands";
import { noRequests, type Requests, sum, times } from "./pod-requests";

/** Nodes, and the pods that can run nowhere else. */
export interface Share {
  readonly groups: readonly NodeGroup[];
  /** Pods that can run on these nodes only, the largest demand first. Those on each node are not among them. */
  readonly demands: readonly PodDemand[];
  /** What the demands ask for, sidecars included. */
  readonly asked: Requests;
  /** Number of their pods. */
  readonly pods: number;
  /** What is asked for by pods that run on each of the nodes. */
  readonly daemons: Requests;
  /** Number of those pods. */
  readonly daemonPods: number;
  /** What the nodes have together; undefined where nobody says. */
  readonly cores: number | undefined;
  readonly memory: number | undefined;
  readonly room: number | undefined;
}

/** Beyond so many ways to place pods, only each way by itself and all together are looked at. */
const mostSets = 128;

/** What one pod asks for in all. */
export function podTotal({ requests, sidecar }: PodDemand): Requests {
  return sum(requests, sidecar);
}

/** Whether pods may run on nodes that are not among the objects. */
export function mayRunElsewhere(graph: ObjectGraph, { nodeSelector, nodeName }: Placement): boolean {
  return hasOtherNodes(graph) && nodeSelector[poolLabel] === undefined && nodeName === undefined;
}

/**
 * Sets of nodes with what must run on them: for each way in which pods are placed, the nodes that take them and every pod that has no other
 * choice. A set that is asked for more than it has cannot run all its pods, however they are spread.
 */
export function shares(graph: ObjectGraph): readonly Share[] {
  const finder = graph.derive(nodeFinder);
  if (finder.groups.length === 0) return [];
  const lasting = graph.derive(podDemands).filter(({ lasting, placement }) => lasting && !mayRunElsewhere(graph, placement));
  const byNodes = new Map<readonly NodeGroup[], PodDemand[]>();
  for (const demand of lasting) {
    const groups = demand.pods === "each node" ? [] : finder.find(demand.placement);
    const list = byNodes.get(groups);
    if (list !== undefined) list.push(demand);
    else if (groups.length > 0) byNodes.set(groups, [demand]);
  }
  const each = lasting.filter(({ pods }) => pods === "each node");
  const daemons = daemonsByGroup(each, ({ placement }) => finder.find(placement));
  return withinSets(byNodes, finder.groups).map(({ groups, demands }) => shareOf(groups, demands, daemons));
}

/** Nodes, and what can run on them only. */
interface Confined {
  readonly groups: readonly NodeGroup[];
  readonly demands: readonly PodDemand[];
}

/** Each set of nodes with the demands of all sets within it, and all nodes with all demands. The same demands are looked at once. */
function withinSets(byNodes: ReadonlyMap<readonly NodeGroup[], readonly PodDemand[]>, all: readonly NodeGroup[]): readonly Confined[] {
  const sets = [...byNodes].map(([groups, demands], index) => ({ groups, demands, index, members: new Set(groups) }));
  const whole: Confined = { groups: all, demands: sets.flatMap(({ demands }) => demands) };
  if (sets.length > mostSets) return [...sets, whole];
  const seen = new Set<string>();
  const found: Confined[] = [];
  for (const { groups, members } of sets) {
    const within = sets.filter((other) => other.groups.length <= groups.length && other.groups.every((group) => members.has(group)));
    const key = within.map(({ index }) => index).join();
    if (!seen.has(key)) found.push({ groups, demands: within.flatMap(({ demands }) => demands) });
    seen.add(key);
  }
  return found.some(({ demands }) => demands.length === whole.demands.length) ? found : [...found, whole];
}

interface Daemons {
  readonly requests: Requests;
  readonly pods: number;
}

function daemonsByGroup(demands: readonly PodDemand[], find: (demand: PodDemand) => readonly NodeGroup[]): ReadonlyMap<NodeGroup, Daemons> {
  const bySet = new Map<readonly NodeGroup[], Daemons>();
  for (const demand of demands) {
    const groups = find(demand);
    const { requests, pods } = bySet.get(groups) ?? { requests: noRequests, pods: 0 };
    bySet.set(groups, { requests: sum(requests, podTotal(demand)), pods: pods + 1 });
  }
  const byGroup = new Map<NodeGroup, Daemons>();
  for (const [groups, { requests, pods }] of bySet) {
    for (const group of groups) {
      const other = byGroup.get(group) ?? { requests: noRequests, pods: 0 };
      byGroup.set(group, { requests: sum(other.requests, requests), pods: other.pods + pods });
    }
  }
  return byGroup;
}

function shareOf(groups: readonly NodeGroup[], demands: readonly PodDemand[], daemons: ReadonlyMap<NodeGroup, Daemons>): Share {
  let [cores, memory, room]: (number | undefined)[] = [0, 0, 0];
  let [running, daemonPods] = [noRequests, 0];
  for (const group of groups) {
    const { count } = group;
    cores = plus(cores, count, group.cores);
    memory = plus(memory, count, group.memory);
    room = plus(room, count, group.pods);
    const own = daemons.get(group);
    running = sum(running, times(count ?? 0, own?.requests ?? noRequests));
    daemonPods += (count ?? 0) * (own?.pods ?? 0);
  }
  const asked = demands.reduce((total, demand) => sum(total, times(countOf(demand), podTotal(demand))), noRequests);
  const pods = demands.reduce((total, demand) => total + countOf(demand), 0);
  return { groups, demands, asked, pods, daemons: running, daemonPods, cores, memory, room };
}

/** Number of pods of a demand that is not on each node. */
export function countOf({ pods }: PodDemand): number {
  return pods === "each node" ? 0 : pods;
}

function plus(total: number | undefined, count: number | undefined, each: number | undefined): number | undefined {
  return total === undefined || count === undefined || each === undefined ? undefined : total + count * each;
}

/** Names of nodes for a message: `oslo`, `oslo and bergen`, `a, b, c and 9 more`. */
export function groupNames(groups: readonly NodeGroup[]): string {
  const names = groups.slice(0, groups.length > 4 ? 3 : 4).map(({ name }) => name);
  const words = groups.length > 4 ? [...names, `${groups.length - 3} more`] : names;
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Number of nodes of groups; undefined where nobody says. */
export function nodeCount(groups: readonly NodeGroup[]): number | undefined {
  return groups.reduce<number | undefined>((total, { count }) => plus(total, count, 1), 0);
}
