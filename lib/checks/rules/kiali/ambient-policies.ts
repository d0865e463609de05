import { minorNumber } from "../../../istio/catalogue";
import { record, records, text } from "../../fields";
import { distinct } from "../../graph/distinct";
import { judged } from "../../graph/judged";
import { membershipOf } from "../../graph/membership";
import { runningIndex } from "../../graph/running";
import { type LabelSelector, labelSelector } from "../../graph/selector-index";
import { servicesFor } from "../../graph/service-pods";
import { isEnrolled, partlyEnrolled } from "../../graph/waypoints";
import type { Workload } from "../../graph/workloads";
import type { MeshObject } from "../../mesh-object";
import type { KnownKind, ObjectGraph } from "../../object-graph";
import { gatewaySelectors } from "../policy/gateway-selectors";
import { isAmbientNamespace } from "../policy/selections";
import { isAttached } from "../policy/telemetries";

/** A policy of an ambient namespace, with the field because of which only a waypoint can follow it. */
export interface WaypointPolicy {
  readonly object: MeshObject;
  readonly need: string;
}

/** Policies of a kind that only a waypoint can follow, in namespaces that are in ambient mode. */
export function waypointPolicies(
  graph: ObjectGraph,
  kind: KnownKind,
  needOf: (object: MeshObject) => string | undefined,
): readonly WaypointPolicy[] {
  const objects = distinct(judged(graph, kind)).filter(({ namespace }) => isAmbientNamespace(graph, namespace));
  return objects.flatMap((object) => {
    const need = needOf(object);
    return need === undefined || hasOtherProxies(graph, object) ? [] : [{ object, need }];
  });
}

/** Whether a policy is attached to nothing, so that waypoints pass it over. What IST0166 tells is left to it. */
export function isUnattached(graph: ObjectGraph, object: MeshObject): boolean {
  const isTold = minorNumber(graph.surroundings.releases.istio.minor) >= minorNumber("1.21") && graph.derive(gatewaySelectors).has(object);
  return !isAttached(object) && !isTold;
}

/** Whether the calls that a policy is for go past every waypoint, as far as it can be seen. */
export function lacksWaypoint(graph: ObjectGraph, object: MeshObject): boolean {
  return isAttached(object) ? targetsLackWaypoint(graph, object) : selectedLackWaypoint(graph, object);
}

/** Services that it is attached to decide. A Service that is not among the objects may be labelled, and a Gateway is a proxy itself. */
function targetsLackWaypoint(graph: ObjectGraph, { spec, namespace }: MeshObject): boolean {
  return [record(spec.targetRef), ...records(spec.targetRefs)].some(({ kind, group, name }) => {
    if (kind !== "Service" || !["", "core", undefined, null].includes(group as string)) return false;
    const service = graph.find("Service", namespace, text(name) ?? "");
    return service !== undefined && !isEnrolled(graph, service.labels, namespace);
  });
}

function selectedLackWaypoint(graph: ObjectGraph, object: MeshObject): boolean {
  const { namespace } = object;
  const selector = policySelector(object);
  const isNarrow = selector !== "unreadable" && Object.keys(selector).length > 0;
  const pods = isNarrow ? selected(graph, object).filter((workload) => membershipOf(graph, workload) === "ambient") : [];
  if (pods.length > 0) return pods.some((workload) => !isPodEnrolled(graph, workload));
  return !isEnrolled(graph, {}, namespace) && !graph.derive(partlyEnrolled).has(namespace);
}

/** By a label of the pods, or of a Service that calls come in by. */
function isPodEnrolled(graph: ObjectGraph, workload: Workload): boolean {
  if (isEnrolled(graph, workload.labels, workload.namespace)) return true;
  return servicesFor(graph, workload).some(({ labels, namespace }) => isEnrolled(graph, labels, namespace));
}

/** Whether all pods that a policy without targets means have a proxy of their own, or are in no mesh: ingress gateways, pods with a sidecar. */
function hasOtherProxies(graph: ObjectGraph, object: MeshObject): boolean {
  if (isAttached(object)) return false;
  const pods = selected(graph, object).filter((workload) => !isWaypoint(workload));
  return pods.length > 0 && pods.every((workload) => membershipOf(graph, workload) !== "ambient");
}

function selected(graph: ObjectGraph, object: MeshObject): readonly Workload[] {
  const selector = policySelector(object);
  return selector === "unreadable" ? [] : graph.derive(runningIndex).select(object.namespace, selector).slice(0, enough);
}

function isWaypoint({ labels }: Workload): boolean {
  return (
    labels["gateway.istio.io/managed"] === "istio.io-mesh-controller" ||
    labels["gateway.networking.k8s.io/gateway-class-name"] === "istio-waypoint"
  );
}

/** Pods of one selector that are looked at. */
const enough = 50;

function policySelector({ spec }: MeshObject): LabelSelector {
  return labelSelector(record(spec.selector).matchLabels);
}
