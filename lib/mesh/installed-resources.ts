import { join, type Problem, problem } from "../core/problem";
import { type CpuQuantity, type MemoryQuantity, quantity, type Resources } from "../core/quantity";

/** What Istio's charts set where nobody says otherwise. Whatever is said is merged into it, amount by amount. */
interface ChartResources {
  readonly requests: { readonly cpu: CpuQuantity; readonly memory: MemoryQuantity };
  readonly limits?: { readonly cpu: CpuQuantity; readonly memory: MemoryQuantity };
}

/** Sidecars and gateways, in every profile but demo. */
export const chartProxy: ChartResources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "2", memory: "1Gi" } };
/** Sidecars of the profile demo. */
export const demoProxy: ChartResources = { ...chartProxy, requests: { cpu: "10m", memory: "40Mi" } };
/** istiod, in every profile but demo. */
export const chartPilot: ChartResources = { requests: { cpu: "500m", memory: "2Gi" } };
/** The istiod of the profile demo. */
export const demoPilot: ChartResources = { requests: { cpu: "10m", memory: "100Mi" } };

/** Amounts that Kubernetes refuses beside those of the chart that stay: a request above its limit. */
export function mergedProblems(path: string, { requests = {}, limits = {} }: Resources, chart: ChartResources): readonly Problem[] {
  return (["cpu", "memory"] as const).flatMap((kind) => {
    const [asked, limit] = [requests[kind], limits[kind]];
    const [chartAsks, chartLimit] = [chart.requests[kind], chart.limits?.[kind]];
    if (asked !== undefined && limit === undefined && chartLimit !== undefined && quantity(asked) > quantity(chartLimit))
      return [
        problem(join(join(path, "requests"), kind), asked, `at most the limit of Istio's charts, ${chartLimit}`, `Set limits.${kind} too.`),
      ];
    if (limit !== undefined && asked === undefined && quantity(limit) < quantity(chartAsks))
      return [
        problem(join(join(path, "limits"), kind), limit, `at least what Istio's charts request, ${chartAsks}`, `Set requests.${kind} too.`),
      ];
    return [];
  });
}
