import { text } from "../../fields";
import type { PodGroup } from "../../graph/pod-groups";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

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

/** Whether pods that carry labels can carry those of a subset too that hang on their node. Only a Pod is on one; what makes pods may bring them anywhere. */
export function meetsPlace(
  graph: ObjectGraph,
  { labels }: Pick<PodGroup, "labels">,
  workload: Workload | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  if (workload?.object.kind !== "Pod") return true;
  const carried = { ...labels, ...placeOf(workload, graph.derive(nodes)) };
  return Object.entries(visibleLabels(wanted, true)).every(([name, value]) => carried[name] === value);
}

function nodes(graph: ObjectGraph): ReadonlyMap<string, MeshObject> {
  return new Map(graph.of("Node").map((node) => [node.name, node]));
}

/** Place of a pod by its node. A subzone counts only within a zone. */
function placeOf({ pod }: Workload, known: ReadonlyMap<string, MeshObject>): Readonly<Record<string, string>> {
  const name = text(pod.nodeName) ?? "";
  const { labels = {} } = known.get(name) ?? {};
  const [inRegion = "", inZone = "", inSubzone = ""] = [labels[region], labels[zone], labels[subzone]];
  return {
    ...(inRegion !== "" && { [region]: inRegion }),
    ...(inZone !== "" && { [zone]: inZone }),
    ...(inZone !== "" && inSubzone !== "" && { [subzone]: inSubzone }),
    ...(name !== "" && { [hostname]: name }),
  };
}
