import { callOrder } from "../checks/graph/call-order";
import { type CallEnd, serviceKey } from "../checks/graph/calls";
import { deadlines } from "../checks/graph/deadlines";
import { exposures } from "../checks/graph/exposures";
import { type Hop, hops } from "../checks/graph/hops";
import { membershipOf } from "../checks/graph/membership";
import { podsOf } from "../checks/graph/service-pods";
import type { ObjectGraph } from "../checks/object-graph";
import { entryId } from "./ids";
import type { Places } from "./places";
import type { Edge } from "./topology";

/** The calls that CallGraphs declare. */
export function declaredEdges(graph: ObjectGraph, { idOf }: Places): readonly Edge[] {
  return graph.derive(hops).flatMap((hop) => {
    if (hop.call === undefined) return [];
    const [from, to] = [idOf(hop.call.from.namespace, hop.call.from.name), idOf(hop.call.to.namespace, hop.call.to.name)];
    if (from === undefined || to === undefined) return [];
    const { port } = hop.call;
    const plaintext = isOutside(graph, hop.call.from) || isOutside(graph, hop.call.to);
    return [
      {
        from,
        to,
        kind: "declared",
        ...(port !== undefined && { port }),
        ...(plaintext && { plaintext: true as const }),
        ...limits(graph, hop),
      },
    ];
  });
}

/** Where requests come in. */
export function exposedEdges(graph: ObjectGraph, { idOf }: Places): readonly Edge[] {
  const edgeHops = new Map(graph.derive(hops).flatMap((hop) => (hop.call === undefined ? [[`${hop.by} ${hop.to}`, hop] as const] : [])));
  return [...graph.derive(exposures).values()].flat().flatMap(({ by, to }) => {
    const id = idOf(to.namespace, to.name);
    const hop = edgeHops.get(`${by} ${serviceKey(to)}`);
    return id === undefined ? [] : [{ from: entryId(by), to: id, kind: "exposed", ...(hop !== undefined && limits(graph, hop)) }];
  });
}

/** Services that call each other hardly do so within one request: the hop that closes a circle is late for nobody. */
function limits(graph: ObjectGraph, hop: Hop): Pick<Edge, "timeout" | "tries" | "late"> {
  const { from, policy } = hop;
  if (policy.kind !== "http" && policy.kind !== "grpc") return {};
  const before = from === undefined ? undefined : graph.derive(deadlines).get(from)?.least.time;
  const closesCircle = graph.derive(callOrder).cut.has(hop);
  const late = !closesCircle && before !== undefined && Number.isFinite(before) && policy.wait.most > before;
  return {
    ...(Number.isFinite(policy.wait.most) && { timeout: policy.wait.most }),
    tries: policy.tries,
    ...(late && { late: true as const }),
  };
}

/** Whether all pods behind a Service are without a proxy. */
function isOutside(graph: ObjectGraph, { namespace, name }: CallEnd): boolean {
  const service = graph.find("Service", namespace, name);
  const pods = service === undefined ? [] : podsOf(graph, service);
  return pods.length > 0 && pods.every((workload) => membershipOf(graph, workload) === "outside");
}
