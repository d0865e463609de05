import { record, records } from "../fields";
import { type MeshObject, meshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { meshConfig } from "./mesh-config";

/** A gateway that whoever installs Istio brings, so that no manifest shows it. */
export interface AssumedGateway {
  readonly namespace: string;
  readonly name: string;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of its Service and of its pods; `any` where installations differ. */
  readonly ports: readonly number[] | "any";
}

/** Ports of the ingress gateway's Service by Istio's profiles. */
const servicePorts = [80, 443, 15021, 15443, 31400] as const;
/** Ports of its pods that lead there by another number. */
const podPorts = [8080, 8443] as const;
/** Ports of its Service that Istio's analyzers take for granted. */
const takenForGranted = [80, 443, 31400, 15443] as const;

/** Ports of a gateway that an installer brings and that is told of none. */
export const standardPorts: readonly number[] = [...servicePorts, ...podPorts];

/**
 * Gateways that Istio's installers bring: the ingress gateway, and where no IstioOperator says what is installed, those for traffic that leaves
 * the mesh and for other clusters.
 *
 * Istio's analyzers know the first alone. There is none where the mesh is told so: by `ingressControllerMode: OFF`, or by an IstioOperator.
 */
export function assumedGateways(graph: ObjectGraph): readonly AssumedGateway[] {
  const ingress = graph.derive(assumedGateway) === undefined ? [] : [standard("ingressgateway", standardPorts)];
  const others = graph.of("IstioOperator").length > 0 ? [] : [standard("egressgateway", "any"), standard("eastwestgateway", "any")];
  return [...ingress, ...others];
}

/** The Service of the ingress gateway, where it is taken for granted. */
export function assumedGateway(graph: ObjectGraph): MeshObject | undefined {
  if (graph.derive(meshConfig).data.ingressControllerMode === "OFF" || graph.derive(isSwitchedOff)) return undefined;
  const ports = takenForGranted.map((port) => ({ name: `port-${port}`, port }));
  const metadata = { name: "istio-ingressgateway", namespace: "istio-system" };
  return meshObject({ apiVersion: "v1", kind: "Service", metadata, spec: { ports, selector: { istio: "ingressgateway" } } }, {});
}

function standard(kind: string, ports: AssumedGateway["ports"]): AssumedGateway {
  const name = `istio-${kind}`;
  return { namespace: "istio-system", name, labels: { istio: kind, app: name }, ports };
}

function isSwitchedOff(graph: ObjectGraph): boolean {
  return graph
    .of("IstioOperator")
    .flatMap(({ spec }) => records(record(spec.components).ingressGateways))
    .some(({ name, enabled }) => name === "istio-ingressgateway" && enabled === false);
}
