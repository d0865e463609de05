import { record, records } from "../../fields";
import { reachablePorts } from "../../graph/gateway-ports";
import { judged } from "../../graph/judged";
import { selectorText, selectsAnywhere } from "../../graph/pod-groups";
import { labelSelector } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { RuleFinding } from "../../rule";

/** Servers of Gateways on ports that nothing leads to. A Gateway that selects no pods is told of elsewhere. */
export function* unreachablePorts(graph: ObjectGraph): Iterable<RuleFinding> {
  for (const object of judged(graph, "Gateway")) {
    const labels = labelSelector(object.spec.selector);
    if (labels === "unreadable" || !selectsAnywhere(graph, labels)) continue;
    const reachable = reachablePorts(graph, labels);
    if (reachable !== "any") yield* unreachableServers(object, labels, reachable);
  }
}

function* unreachableServers(
  object: MeshObject,
  labels: Readonly<Record<string, string>>,
  reachable: ReadonlySet<number>,
): Iterable<RuleFinding> {
  const selector = selectorText(labels);
  const pods = selector === "" ? "of any gateway" : `with ${selector}`;
  for (const [index, server] of records(object.spec.servers).entries()) {
    const port = record(server.port).number;
    if (typeof port !== "number" || reachable.has(port)) continue;
    const message = `no Service that was checked leads to port ${port} of the pods ${pods}; ${offered(reachable)}. Whoever calls ${port} through the Service is refused.`;
    yield { object, field: `spec.servers[${index}].port.number`, message };
  }
}

function offered(ports: ReadonlySet<number>): string {
  if (ports.size === 0) return "none selects them";
  const first = [...ports].sort((a, b) => a - b).slice(0, 10);
  return `there ${first.length === 1 ? "is the port" : "are the ports"} ${first.join(", ")}`;
}
