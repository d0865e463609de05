import type { Construct } from "constructs";
import { IstioControlPlane } from "../mesh/istio-control-plane";
import { controlPlanesOf } from "../mesh/tree";
import type { WrittenObject } from "./written-object";

/**
 * What the control planes of a tree are, as IstioOperators: gateways, resources, mesh configuration. For the checks; with Helm too, since both
 * installers get the same. One that exists already is what its props say.
 */
export function controlPlaneObjects(root: Construct): readonly WrittenObject[] {
  return controlPlanesOf(root)
    .filter((controlPlane): controlPlane is IstioControlPlane => controlPlane instanceof IstioControlPlane)
    .map((controlPlane) => ({ construct: controlPlane, data: controlPlane.istioOperator() }));
}
