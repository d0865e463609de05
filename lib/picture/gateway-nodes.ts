import { record, records, text, texts } from "../checks/fields";
import { exposures } from "../checks/graph/exposures";
import type { MeshObject } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { entryId, gatewayId } from "./ids";
import { mostItems } from "./limits";
import type { GatewayNode } from "./topology";

/** Gateways of Istio and of the Gateway API, Ingresses, and what else requests come in by. */
export function gatewayNodes(graph: ObjectGraph): readonly GatewayNode[] {
  const nodes = new Map<string, GatewayNode>();
  const written = [
    ...graph.of("Gateway").map((object) => gatewayNode(object, istioHosts(object))),
    ...graph.of("Gateway", "gateway.networking.k8s.io").map((object) => gatewayNode(object, standardHosts(object))),
    ...graph.of("Ingress").map(ingressNode),
  ];
  for (const node of written) if (!nodes.has(node.id)) nodes.set(node.id, node);
  for (const ways of graph.derive(exposures).values()) {
    for (const { by } of ways) if (!nodes.has(entryId(by))) nodes.set(entryId(by), entryNode(by));
  }
  return [...nodes.values()];
}

function gatewayNode(object: MeshObject, hosts: readonly string[]): GatewayNode {
  const { namespace, name } = object;
  return { id: gatewayId(object), kind: "Gateway", name, namespace, hosts: [...new Set(hosts)].slice(0, mostItems) };
}

/** `pay.example.no:443 HTTPS`. A host may name the namespace that it is for. */
function istioHosts({ spec }: MeshObject): readonly string[] {
  return records(spec.servers).flatMap(({ hosts, port }) => {
    const { number, protocol } = record(port);
    return texts(hosts).map((host) => hostText(host.slice(host.indexOf("/") + 1), number, protocol));
  });
}

function standardHosts({ spec }: MeshObject): readonly string[] {
  return records(spec.listeners).map(({ hostname, port, protocol }) => hostText(text(hostname) ?? "*", port, protocol));
}

function ingressNode({ namespace, name, spec }: MeshObject): GatewayNode {
  const hosts = records(spec.rules).map(({ host }) => text(host) ?? "*");
  return { id: `ingress:${namespace}/${name}`, kind: "Ingress", name, namespace, hosts: [...new Set(hosts)].slice(0, mostItems) };
}

/** What a route names although it is not among the objects, and Services that are open by themselves. */
function entryNode(by: string): GatewayNode {
  const id = entryId(by);
  if (by === "LoadBalancer" || by === "NodePort") return { id, kind: by, name: by, hosts: [] };
  const [namespace = "", name = ""] = by.slice(by.indexOf(" ") + 1).split("/", 2);
  return { id, kind: "Gateway", name, namespace, hosts: [] };
}

function hostText(host: string, port: unknown, protocol: unknown): string {
  const suffix = typeof port === "number" ? `:${port}` : "";
  return `${host}${suffix}${text(protocol) === undefined ? "" : ` ${text(protocol)}`}`;
}
