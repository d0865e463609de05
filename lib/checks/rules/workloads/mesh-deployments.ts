import { isInMesh } from "../../graph/in-mesh";
import { judged } from "../../graph/judged";
import { servicesFor } from "../../graph/service-pods";
import { type Workload, workloads } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";

/** A Deployment of the mesh with the Services that select its pods. */
export interface MeshDeployment {
  readonly workload: Workload;
  readonly services: readonly MeshObject[];
}

/** Deployments whose pods are part of the mesh, but for waypoints, which Istio makes itself. */
export function meshDeployments(graph: ObjectGraph): readonly MeshDeployment[] {
  const deployments = new Set(judged(graph, "Deployment"));
  return graph
    .derive(workloads)
    .filter((workload) => deployments.has(workload.object) && !isWaypoint(workload.object) && isInMesh(graph, workload))
    .map((workload) => ({ workload, services: servicesFor(graph, workload) }));
}

function isWaypoint({ labels }: MeshObject): boolean {
  return labels["gateway.istio.io/managed"] === "istio.io-mesh-controller";
}
