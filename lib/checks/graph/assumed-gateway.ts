import { record, records } from "../fields";
import { type MeshObject, meshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { meshConfig } from "./mesh-config";

/** Labels of the pods of Istio's own ingress gateway. */
export const assumedLabels: Readonly<Record<string, string>> = { istio: "ingressgateway" };

/** Ports of its Service, and those of its pods that they lead to. */
export const assumedPorts: readonly number[] = [80, 443, 15021, 15443, 31400, 8080, 8443];

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "istio-ingressgateway", namespace: "istio-system" },
  spec: { ports: [80, 443, 31400, 15443].map((port) => ({ name: `port-${port}`, port })), selector: assumedLabels },
};

/**
 * The Service of the ingress gateway that Istio's analyzers take for granted, because whoever installs Istio brings it: `istio-ingressgateway`.
 *
 * Undefined where the mesh is told to have none: by `ingressControllerMode: OFF`, or by an IstioOperator that switches it off.
 */
export function assumedGateway(graph: ObjectGraph): MeshObject | undefined {
  if (graph.derive(meshConfig).data.ingressControllerMode === "OFF" || graph.derive(isSwitchedOff)) return undefined;
  return meshObject(service, {});
}

function isSwitchedOff(graph: ObjectGraph): boolean {
  return graph
    .of("IstioOperator")
    .flatMap(({ spec }) => records(record(spec.components).ingressGateways))
    .some(({ name, enabled }) => name === "istio-ingressgateway" && enabled === false);
}
