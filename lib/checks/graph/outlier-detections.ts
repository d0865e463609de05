import { defaultEjectionPercent } from "../../istio/ejection";
import { type Data, number, text } from "../fields";
import type { MeshObject } from "../mesh-object";
import type { ObjectGraph } from "../object-graph";
import { type ClusterPolicy, clusterPolicies } from "./cluster-policies";
import { fullHost, serviceOf } from "./hosts";
import { judged } from "./judged";

/** An outlier detection that is written in a DestinationRule, and all that it holds for. */
export interface OutlierDetection {
  /** The DestinationRule. */
  readonly object: MeshObject;
  /** `spec.trafficPolicy.outlierDetection`. */
  readonly field: string;
  readonly data: Data;
  /** The host as written. */
  readonly written: string;
  /** The host in full. */
  readonly host: string;
  /** The Service that the host is of; undefined where it is not among the objects, or the host is none of a Service. */
  readonly service: MeshObject | undefined;
  /** Groups of pods that it holds for. */
  readonly policies: readonly ClusterPolicy[];
  /** Whether the DestinationRule has subsets. */
  readonly hasSubsets: boolean;
}

/** Every outlier detection of a graph, once for each place where one is written. */
export function outlierDetections(graph: ObjectGraph): readonly OutlierDetection[] {
  return judged(graph, "DestinationRule").flatMap((object) => {
    const all = clusterPolicies(graph, object);
    const policies = all.filter(({ outlierDetection }) => outlierDetection !== undefined);
    if (policies.length === 0) return [];
    const written = text(object.spec.host) ?? "";
    const host = fullHost(written, object.namespace);
    const named = serviceOf(host);
    const service = named === undefined ? undefined : graph.find("Service", named.namespace, named.name);
    const hasSubsets = all.some(({ subset }) => subset !== undefined);
    return [...Map.groupBy(policies, ({ outlierDetection }) => outlierDetection?.field ?? "")].map(([field, same]) => {
      const data = same[0]?.outlierDetection?.data ?? {};
      return { object, field, data, written, host, service, policies: same, hasSubsets };
    });
  });
}

/** Share of the pods that may be out at the same time. Unit: percent. */
export function ejectionPercent({ maxEjectionPercent }: Data): { readonly percent: number; readonly written: boolean } {
  const percent = number(maxEjectionPercent) ?? 0;
  return percent > 0 ? { percent, written: true } : { percent: defaultEjectionPercent, written: false };
}

/** Whether nothing that a pod answers counts: Istio takes 0 for never. */
export function countsNothing({
  consecutive5xxErrors,
  consecutiveGatewayErrors,
  consecutiveErrors,
  splitExternalLocalOriginErrors,
}: Data): boolean {
  const gateway = number(consecutiveGatewayErrors) ?? 0;
  return consecutive5xxErrors === 0 && gateway === 0 && consecutiveErrors === undefined && splitExternalLocalOriginErrors !== true;
}
