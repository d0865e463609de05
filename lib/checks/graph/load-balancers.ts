import { at, records, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { gateways } from "./pod-demands";

/** Ports that something wants from the cluster's load balancer. */
export interface LoadBalanced {
  /** `Service istio-system/istio-ingressgateway`, `the gateway istio-ingressgateway`. */
  readonly name: string;
  readonly object: MeshObject;
  /** Where the ports stand. */
  readonly field: string;
  /** `80/TCP`. */
  readonly ports: readonly string[];
  /** Nodes that k3s's ServiceLB is kept to; empty for all. */
  readonly nodes: string;
}

/** Ports of Istio's own ingress gateway where nobody names others. */
const statusPort = "15021/TCP";
const gatewayPorts = [statusPort, "80/TCP", "443/TCP"] as const;
const lbPool = "svccontroller.k3s.cattle.io/lbpool";

/** Services of type LoadBalancer that the cluster's own load balancer answers, and gateways that become one. */
export function loadBalanced(graph: ObjectGraph): readonly LoadBalanced[] {
  const services = graph.of("Service").filter(({ spec }) => spec.type === "LoadBalancer" && spec.loadBalancerClass === undefined);
  const listed = services.map((object) => ({
    name: `Service ${object.namespace}/${object.name}`,
    object,
    field: "spec.ports",
    ports: portsOf(object.spec.ports),
    nodes: object.labels[lbPool] ?? "",
  }));
  return [
    ...listed,
    ...graph.of("IstioOperator").flatMap((operator) => operatorGateways(graph, operator)),
    ...graph.of("Gateway", "gateway.networking.k8s.io").flatMap((gateway) => deployedGateway(graph, gateway)),
  ];
}

/** A Gateway of the Gateway API that Istio makes a Service for, named after its class: LoadBalancer unless it is told otherwise. */
function deployedGateway(graph: ObjectGraph, object: MeshObject): readonly LoadBalanced[] {
  const { namespace, name, spec, annotations } = object;
  const told = spec.addresses !== undefined || at(spec, "infrastructure", "parametersRef") !== undefined;
  const type = annotations["networking.istio.io/service-type"] ?? "LoadBalancer";
  const isThere = graph.find("Service", namespace, `${name}-istio`) !== undefined;
  if (spec.gatewayClassName !== "istio" || told || type !== "LoadBalancer" || isThere) return [];
  const ports = [
    ...new Set([statusPort, ...records(spec.listeners).flatMap(({ port }) => (typeof port === "number" ? [`${port}/TCP`] : []))]),
  ];
  return [{ name: `Gateway ${namespace}/${name}`, object, field: "spec.listeners", ports, nodes: "" }];
}

/** Ingress gateways of an IstioOperator whose Service is not among the objects. */
function operatorGateways(graph: ObjectGraph, operator: MeshObject): readonly LoadBalanced[] {
  return gateways(operator).flatMap(({ name, namespace, direction, field, k8s }) => {
    const type = text(at(k8s, "service", "type")) ?? (direction === "ingress" ? "LoadBalancer" : "ClusterIP");
    if (type !== "LoadBalancer" || graph.find("Service", namespace, name) !== undefined) return [];
    const own = portsOf(at(k8s, "service", "ports"));
    return [{ name: `the gateway ${name}`, object: operator, field, ports: own.length === 0 ? gatewayPorts : own, nodes: "" }];
  });
}

function portsOf(ports: unknown): readonly string[] {
  return records(ports).flatMap(({ port, protocol }) => (typeof port === "number" ? [`${port}/${text(protocol) ?? "TCP"}`] : []));
}
