import { number, record, records, text } from "../checks/fields";
import { podsAtRest } from "../checks/graph/autoscalers";
import { clusterDomain, fullHost, serviceOf } from "../checks/graph/hosts";
import { meshRoutesTo } from "../checks/graph/http-routes";
import { rulesByHost } from "../checks/graph/subsets";
import type { Workload } from "../checks/graph/workloads";
import type { MeshObject } from "../checks/mesh-object";
import type { ObjectGraph } from "../checks/object-graph";
import { mostItems } from "./limits";
import type { Version } from "./topology";

/**
 * Versions of a Service: where its last route for everybody sends requests, with what each gets. Without a route, the workloads behind it, each
 * a version by its label.
 */
export function versionsOf(graph: ObjectGraph, service: MeshObject, pods: readonly Workload[]): readonly Version[] {
  const host = `${service.name}.${service.namespace}.${clusterDomain}`;
  const routes = meshRoutesTo(graph, host, { namespace: service.namespace });
  const last = routes === "unknown" ? undefined : routes.at(-1);
  if (last === undefined) return pods.slice(0, mostItems).map((workload) => workloadVersion(graph, workload));
  const labels = subsetLabels(graph, host);
  const ends = records(last.data.route).slice(0, mostItems);
  return ends.map((end) => {
    const { host: named, subset } = record(end.destination);
    const version = text(subset) ?? "";
    const replicas = replicasWith(graph, pods, labels.get(version));
    return {
      name: version === "" ? hostName(text(named) ?? "", last.object.namespace) : version,
      weight: ends.length === 1 ? 100 : (number(end.weight) ?? 0),
      ...(replicas !== undefined && { replicas }),
    };
  });
}

function workloadVersion(graph: ObjectGraph, workload: Workload): Version {
  const { labels, object } = workload;
  const replicas = replicasOf(graph, workload);
  return { name: labels.version ?? object.name, ...(replicas !== undefined && { replicas }) };
}

/** Labels of each subset of a host. */
function subsetLabels(graph: ObjectGraph, host: string): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const rules = graph.derive(rulesByHost).get(host) ?? [];
  const subsets = rules.flatMap(({ spec }) => records(spec.subsets));
  return new Map(subsets.slice(0, mostItems).map(({ name, labels }) => [text(name) ?? "", record(labels)]));
}

function replicasWith(
  graph: ObjectGraph,
  pods: readonly Workload[],
  labels: Readonly<Record<string, unknown>> | undefined,
): number | undefined {
  if (labels === undefined) return undefined;
  const wanted = Object.entries(labels);
  const counts = pods
    .filter((pod) => wanted.every(([name, value]) => pod.labels[name] === value))
    .map((workload) => replicasOf(graph, workload));
  return counts.length === 0 || counts.includes(undefined) ? undefined : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** Pods at rest, as an autoscaler keeps them; undefined where each node has one. */
function replicasOf(graph: ObjectGraph, workload: Workload): number | undefined {
  return workload.object.kind === "DaemonSet" ? undefined : podsAtRest(graph, workload);
}

/** A Service by its short name, any other host as it is written. */
function hostName(host: string, namespace: string): string {
  return serviceOf(fullHost(host, namespace))?.name ?? host;
}
