import { record } from "../../fields";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { LabelIndex } from "../../graph/label-index";
import { running } from "../../graph/running";
import { labelSelector } from "../../graph/selector-index";
import { workloads } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { isAbsent, isAttached } from "./telemetries";

/** Label of the pods of a Gateway of the Gateway API, waypoints among them: its name. */
const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

const kinds = ["AuthorizationPolicy", "RequestAuthentication", "Telemetry", "WasmPlugin"] as const;

/** Policies that select pods of Gateways of the Gateway API by labels, with the names of these Gateways. */
export function gatewaySelectors(graph: ObjectGraph): ReadonlyMap<MeshObject, readonly string[]> {
  if (graph.derive(workloads).every(({ labels }) => labels[gatewayNameLabel] === undefined)) return new Map();
  const pods = new LabelIndex(
    graph.derive(running).filter(({ labels }) => labels[gatewayNameLabel] !== undefined),
    ({ labels }) => labels,
    ({ namespace }) => namespace,
  );
  const found = new Map<MeshObject, readonly string[]>();
  for (const object of kinds.flatMap((kind) => distinct(judged(graph, kind)))) {
    const { selector } = object.spec;
    const labels =
      isAbsent(selector) || isAttached(object) || typeof selector !== "object" ? "unreadable" : labelSelector(record(selector).matchLabels);
    const selected = labels === "unreadable" ? [] : pods.select(object.namespace, labels);
    if (selected.length > 0) found.set(object, [...new Set(selected.map((pod) => pod.labels[gatewayNameLabel] ?? ""))]);
  }
  return found;
}
