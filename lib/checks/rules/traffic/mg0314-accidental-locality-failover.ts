import { type Data, record } from "../../fields";
import type { ClusterPolicy } from "../../graph/cluster-policies";
import { serviceOf } from "../../graph/hosts";
import { localities, spreadsOverZones } from "../../graph/localities";
import { meshConfig } from "../../graph/mesh-config";
import { type OutlierDetection, outlierDetections } from "../../graph/outlier-detections";
import { podsOf } from "../../graph/service-pods";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** Outlier detection switches locality failover on, which the mesh's configuration has ready for it. */
export const accidentalLocalityFailover: Rule = {
  code: "MG0314",
  title: "locality failover switched on by outlier detection",
  severity: "warning",
  consequence:
    "With an outlierDetection and nothing said of localities, callers send all requests to the pods in their own region and zone while these are healthy, instead of to all pods alike: where callers and pods are spread unevenly a few pods get most of the load and the others idle. It begins the day nodes carry the labels topology.kubernetes.io/region and zone, without any change to the mesh. Where no node is known of it is a note.",
  fix: "Say it: loadBalancer.localityLbSetting.enabled: false beside the outlierDetection for no preference, or true with failover or distribute where it is wanted. For the whole mesh: localityLbSetting.enabled: false in MeshConfig.",
  see: [
    "https://github.com/istio/istio/issues/39477",
    "https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting",
    "https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/",
  ],
  example: {
    bad: `
apiVersion: v1
kind: Node
metadata:
  name: oslo-1
  labels:
    topology.kubernetes.io/region: oslo
    topology.kubernetes.io/zone: oslo-a
---
apiVersion: v1
kind: Node
metadata:
  name: oslo-2
  labels:
    topology.kubernetes.io/region: oslo
    topology.kubernetes.io/zone: oslo-b
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 5
      maxEjectionPercent: 66
`,
    good: `
apiVersion: v1
kind: Node
metadata:
  name: oslo-1
  labels:
    topology.kubernetes.io/region: oslo
    topology.kubernetes.io/zone: oslo-a
---
apiVersion: v1
kind: Node
metadata:
  name: oslo-2
  labels:
    topology.kubernetes.io/region: oslo
    topology.kubernetes.io/zone: oslo-b
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: pricing
  namespace: shop
spec:
  host: pricing
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        enabled: false
    outlierDetection:
      consecutive5xxErrors: 5
      maxEjectionPercent: 66
`,
    externals: ["Service shop/pricing"],
  },
  *check(graph) {
    const { data } = graph.derive(meshConfig);
    const { names, known } = graph.derive(localities);
    if (isSaid(data.localityLbSetting) || isSaid(data.zoneAwareLbSetting) || (known && names.length < 2)) return;
    for (const detection of graph.derive(outlierDetections)) yield* accident(detection, names, graph);
  },
};

function* accident(detection: OutlierDetection, names: readonly string[], graph: ObjectGraph): Iterable<RuleFinding> {
  const { object, field, host, policies, service } = detection;
  if (serviceOf(host) === undefined || policies.every(saysOfLocalities) || (service !== undefined && prefersNear(service))) return;
  const spread = names.length > 1 ? `nodes stand in ${names.slice(0, 3).join(", ")}` : spreadOf(service, graph);
  const outcome = "callers stay with the pods of their own region and zone while these are healthy, and the others get no requests";
  yield spread === undefined
    ? {
        object,
        field,
        severity: "note",
        message: `nothing is said of localities, and outlierDetection switches locality failover on: as soon as nodes carry topology labels, ${outcome}.`,
      }
    : {
        object,
        field,
        message: `nothing is said of localities, outlierDetection switches locality failover on, and ${spread}: ${outcome}.`,
      };
}

function spreadOf(service: MeshObject | undefined, graph: ObjectGraph): string | undefined {
  const spread = service !== undefined && podsOf(graph, service).some(spreadsOverZones);
  return spread ? "the pods are told to spread over zones" : undefined;
}

function saysOfLocalities({ loadBalancer }: ClusterPolicy): boolean {
  const { localityLbSetting, zoneAwareLbSetting }: Data = record(loadBalancer?.data);
  return isSaid(localityLbSetting) || isSaid(zoneAwareLbSetting);
}

/** A Service that asks for near pods itself. */
function prefersNear({ spec, annotations }: MeshObject): boolean {
  return isSaid(spec.trafficDistribution) || annotations["networking.istio.io/traffic-distribution"] !== undefined;
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}
