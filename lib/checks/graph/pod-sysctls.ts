import { tryKeyScope } from "../../nodes/kernel-keys";
import { isSafeInPods } from "../../nodes/pod-sysctls";
import { at, record, records, text, texts } from "../fields";
import type { ObjectGraph } from "../object-graph";
import { type NodeGroup, nodeFinder, placementOf } from "./node-groups";
import { type Workload, workloads } from "./workloads";

/** A kernel setting that the pods of a workload ask for. */
export interface PodSysctlRequest {
  readonly workload: Workload;
  /** Name with dots. */
  readonly name: string;
  readonly value: string;
  /** `spec.template.spec.securityContext.sysctls[0].name`. */
  readonly field: string;
}

/** Every kernel setting that pods ask for. */
export function podSysctlRequests(graph: ObjectGraph): readonly PodSysctlRequest[] {
  return graph.derive(workloads).flatMap((workload) => {
    const list = records(record(workload.pod.securityContext).sysctls);
    if (list.length === 0) return [];
    const spec = workload.template === "" ? "spec" : `${workload.template}.spec`;
    return list.flatMap(({ name, value }, index) =>
      typeof name === "string" && name !== ""
        ? [{ workload, name: dotted(name), value: text(value) ?? "", field: `${spec}.securityContext.sysctls[${index}].name` }]
        : [],
    );
  });
}

/** Safe keys beside those that a node's profile knows: name to the first Kubernetes minor. */
const otherSafe: ReadonlyMap<string, number> = new Map([
  ["kernel.shm_rmid_forced", 0],
  ["net.ipv4.ping_group_range", 18],
  ["net.ipv4.tcp_notsent_lowat", 37],
]);

/** Whether the kubelet lets pods have a key without being asked, and so do all levels of Pod Security. */
export function isSafe(name: string, kubernetesMinor: number): boolean {
  const since = otherSafe.get(name);
  return isSafeInPods(name, kubernetesMinor) || (since !== undefined && kubernetesMinor >= since);
}

/** Namespace of the kernel that a key belongs to; undefined for one of the whole node, which no pod can have. */
export function kernelNamespace(name: string): "net" | "ipc" | undefined {
  if (tryKeyScope(name)?.scope === "node") return undefined;
  if (name.startsWith("net.")) return "net";
  return name === "kernel.sem" || ["kernel.shm", "kernel.msg", "fs.mqueue."].some((start) => name.startsWith(start)) ? "ipc" : undefined;
}

/** Whether a list of the kubelet's `allowedUnsafeSysctls` has a key; an entry may end in `*`. */
export function allows(list: readonly string[], name: string): boolean {
  return list.some((entry) => {
    const pattern = dotted(entry);
    return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
  });
}

/** What is known of the kubelets of the nodes that pods may run on. */
interface KubeletView {
  /** Nodes whose kubelet allows the key. */
  readonly allowing: readonly NodeGroup[];
  /** Nodes whose kubelet is known not to. */
  readonly refusing: readonly NodeGroup[];
  /** Whether there are nodes of which it is not known. */
  readonly unknown: boolean;
}

/** Which of the nodes that a workload's pods may run on allow a key that is not safe. */
export function kubeletsFor(graph: ObjectGraph, { pod }: Workload, name: string): KubeletView {
  const groups = graph.derive(nodeFinder).find(placementOf(pod));
  const views = graph.derive(knownViews);
  const known = views.get(groups) ?? new Map<string, KubeletView>();
  views.set(groups, known);
  const view = known.get(name) ?? viewOf(groups, graph.derive(kubeletList), name);
  known.set(name, view);
  return view;
}

/** Views by nodes and key: workloads that are placed alike share them. */
function knownViews(): Map<readonly NodeGroup[], Map<string, KubeletView>> {
  return new Map();
}

function viewOf(groups: readonly NodeGroup[], common: readonly string[] | undefined, name: string): KubeletView {
  const lists = groups.map((group) => ({ group, list: group.pool?.allowedUnsafeSysctls ?? common }));
  return {
    allowing: lists.filter(({ list }) => list !== undefined && allows(list, name)).map(({ group }) => group),
    refusing: lists.filter(({ list }) => list !== undefined && !allows(list, name)).map(({ group }) => group),
    unknown: lists.some(({ list }) => list === undefined),
  };
}

/** What all KubeletConfigurations of a graph allow together; undefined where there is none. */
export function kubeletList(graph: ObjectGraph): readonly string[] | undefined {
  const documents = graph.of("KubeletConfiguration");
  return documents.length === 0 ? undefined : documents.flatMap(({ data }) => texts(at(data, "allowedUnsafeSysctls")));
}

/** `net/core/somaxconn` with dots, as the kubelet reads it. */
function dotted(name: string): string {
  const [slash, dot] = [name.indexOf("/"), name.indexOf(".")];
  if (slash === -1 || (dot !== -1 && dot < slash)) return name;
  return name.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/"));
}
