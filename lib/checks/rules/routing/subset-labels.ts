import { text } from "../../fields";
import { podGroups } from "../../graph/pod-groups";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** Labels by which subsets can select pods. */
export interface LabelSet {
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it is known where the pods run: the labels that hang on that are all there. */
  readonly placed: boolean;
}

const region = "topology.kubernetes.io/region";
const zone = "topology.kubernetes.io/zone";
const subzone = "topology.istio.io/subzone";
const hostname = "kubernetes.io/hostname";

/** Labels that no object can show: a cluster and its network are told to Istio, not to pods. */
const never: ReadonlySet<string> = new Set(["topology.istio.io/cluster", "topology.istio.io/network"]);
const ofNodes: ReadonlySet<string> = new Set([region, zone, subzone, hostname]);

/** Labels of a subset that can be seen on pods; of pods that are not placed yet without those that hang on their node. */
export function visibleLabels(labels: Readonly<Record<string, string>>, placed: boolean): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !never.has(name) && (placed || !ofNodes.has(name))));
}

/** Labels of everything that a subset can select. istiod adds the region, zone and name of the node to those of a pod. */
export function labelSets(graph: ObjectGraph): readonly LabelSet[] {
  const nodes = new Map(graph.of("Node").map((node) => [node.name, node]));
  return graph.derive(podGroups).map(({ labels, workload }) => {
    const placed = workload?.object.kind === "Pod";
    return { placed, labels: placed ? { ...labels, ...placeOf(workload, nodes) } : labels };
  });
}

/** Place of a pod by its node. A subzone counts only within a zone. */
function placeOf({ pod }: Workload, nodes: ReadonlyMap<string, MeshObject>): Readonly<Record<string, string>> {
  const name = text(pod.nodeName) ?? "";
  const { labels = {} } = nodes.get(name) ?? {};
  const [inRegion = "", inZone = "", inSubzone = ""] = [labels[region], labels[zone], labels[subzone]];
  return {
    ...(inRegion !== "" && { [region]: inRegion }),
    ...(inZone !== "" && { [zone]: inZone }),
    ...(inZone !== "" && inSubzone !== "" && { [subzone]: inSubzone }),
    ...(name !== "" && { [hostname]: name }),
  };
}
