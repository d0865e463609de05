import { maxEjectionPercent, mostEjected } from "../../../istio/ejection";
import { number } from "../../fields";
import type { ClusterPolicy } from "../../graph/cluster-policies";
import { serviceOf } from "../../graph/hosts";
import { countsNothing, ejectionPercent, type OutlierDetection, outlierDetections } from "../../graph/outlier-detections";
import { podCount } from "../../graph/pod-counts";
import { stableVersions, wholeHost } from "../../graph/stable-versions";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";

/** If every pod of the version that carries a service may be ejected, a fault that all of them share takes the service away. */
export const ejectsEverything: Rule = {
  code: "MG0313",
  title: "outlier detection that can eject every pod",
  severity: "warning",
  consequence:
    "When all pods fail for a while, because a database behind them is slow, say, each caller ejects one after the other until none is left. Istio sets the panic threshold to 0, so it then answers 503 (no healthy upstream) itself for the whole baseEjectionTime, which grows each time: the service stays away after the pods have come back. Nothing falls back to another subset.",
  fix: "Keep at least one pod: maxEjectionPercent at most 100 * (pods - 1) / pods, rounded down. 100 is for a canary alone.",
  see: [
    "https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection",
    "https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier#ejection-algorithm",
  ],
  example: {
    bad: `
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
      baseEjectionTime: 30s
      maxEjectionPercent: 100
`,
    good: `
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
      baseEjectionTime: 30s
      maxEjectionPercent: 66
`,
    externals: ["Service shop/pricing"],
  },
  *check(graph) {
    for (const detection of graph.derive(outlierDetections)) yield* emptied(detection, graph);
  },
};

/** Ejections are for whoever wants to lose a whole locality to another, and minHealthPercent lets requests through again. */
function* emptied(detection: OutlierDetection, graph: ObjectGraph): Iterable<RuleFinding> {
  const { object, field, data, host, policies, written } = detection;
  if (serviceOf(host) === undefined || countsNothing(data) || (number(data.minHealthPercent) ?? 0) > 0) return;
  const stable = stableVersions(graph, host);
  for (const policy of policies) {
    if (!hasNothingElse(policy, stable)) continue;
    const pods = detection.service === undefined ? undefined : podCount(graph, detection.service, policy.subset?.labels);
    if (!canEmpty(detection, pods, graph)) continue;
    const name = policy.subset?.name ?? written;
    yield { object, field, message: messageOf(name, pods, ejectionPercent(data).percent), fix: fixOf(pods) };
    return;
  }
}

/** Whether a policy is of a version that carries the host, and nothing takes over when its pods are gone. */
function hasNothingElse(policy: ClusterPolicy, stable: ReadonlySet<string>): boolean {
  return stable.has(policy.subset?.name ?? wholeHost) && !keepsLocalities(policy);
}

function keepsLocalities({ loadBalancer }: ClusterPolicy): boolean {
  const setting = loadBalancer?.data.localityLbSetting;
  return typeof setting === "object" && setting !== null && (setting as { readonly enabled?: unknown }).enabled !== false;
}

/** How many pods there are does not matter where all of them may go. */
function canEmpty({ data }: OutlierDetection, pods: number | undefined, graph: ObjectGraph): boolean {
  const { percent } = ejectionPercent(data);
  const strict = graph.surroundings.releases.istio.row.features.strictEjectionPercent;
  return percent >= 100 || (pods !== undefined && mostEjected(pods, percent, strict) >= pods);
}

function messageOf(name: string, pods: number | undefined, percent: number): string {
  const all = pods === undefined ? "all pods" : pods === 1 ? "the only pod" : `all ${pods} pods`;
  return `with maxEjectionPercent ${percent} ${all} of ${name} can be out at the same time: its callers then get a 503 from their own sidecars.`;
}

function fixOf(pods: number | undefined): string {
  if (pods === undefined) return "Set maxEjectionPercent to at most 100 * (pods - 1) / pods, rounded down: 50 for two pods, 66 for three.";
  return pods === 1
    ? "Run at least two pods and set maxEjectionPercent to 50, or leave outlierDetection out."
    : `Set maxEjectionPercent to at most ${maxEjectionPercent(pods, 1)}.`;
}
