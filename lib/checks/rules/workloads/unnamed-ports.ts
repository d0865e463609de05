import { type Data, records } from "../../fields";
import { judged } from "../../graph/judged";
import { portProtocol } from "../../graph/port-protocol";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import { isControlPlane } from "./control-plane";

/** A port of a Service that does not say which protocol it speaks. */
export interface UnnamedPort {
  readonly service: MeshObject;
  readonly port: Data;
  /** `spec.ports[0]`. */
  readonly field: string;
  /** Whether the Service stands for a name outside the cluster. */
  readonly isExternalName: boolean;
}

/** Values of the label with which Istio marks what it makes for a Gateway. */
const managed: ReadonlySet<unknown> = new Set(["istio.io-gateway-controller", "istio.io-mesh-controller", "istio.io-eastwest-controller"]);

/** Ports without a protocol that Istio knows; of ExternalName Services also those named `tcp`. Services that Istio makes itself are left out. */
export function unnamedPorts(graph: ObjectGraph): readonly UnnamedPort[] {
  return judged(graph, "Service")
    .filter((service) => !isControlPlane(service) && !managed.has(service.labels["gateway.istio.io/managed"]))
    .flatMap((service) => {
      const isExternalName = service.spec.type === "ExternalName";
      return records(service.spec.ports).flatMap((port, index) =>
        portProtocol(port) === undefined || (isExternalName && port.name === "tcp")
          ? [{ service, port, field: `spec.ports[${index}]`, isExternalName }]
          : [],
      );
    });
}
