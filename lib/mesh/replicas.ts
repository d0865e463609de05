import { all, type Check, optional, shape, when, wholeNumber } from "../core/check";
import { problem } from "../core/problem";

/** Bounds between which a HorizontalPodAutoscaler keeps the number of pods. */
export interface Autoscaling {
  /** Pods at rest. Range: 1 to 1000. */
  readonly min: number;
  /** Pods at most. Range: 1 to 1000, not below `min`. */
  readonly max: number;
  /**
   * Cpu use at which pods are added. Unit: percent of what the pods request, 1 to 100.
   *
   * @default 80
   */
  readonly targetCpu?: number;
}

/** Number of pods where none is asked for: one is an outage at each update of a node. */
export const defaultReplicas = 2;

/** A fixed number of pods, or bounds for an autoscaler. */
export type Replicas = number | Autoscaling;

const bounds: Check = all(
  shape<Autoscaling>({ min: wholeNumber(1, 1000), max: wholeNumber(1, 1000), targetCpu: optional(wholeNumber(1, 100)) }),
  (path, value) => {
    const { min, max } = value as Autoscaling;
    return min > max ? [problem(`${path}.min`, min, `at most max, ${max}`)] : [];
  },
);

/** Bounds of an autoscaler. */
export const autoscaling: Check = bounds;

/** A fixed number of pods from 0 to 1000, or bounds for an autoscaler. */
export const replicas: Check = when((value) => typeof value === "object", bounds, wholeNumber(0, 1000));

/** The fewest pods that there are at rest. */
export function fewest(count: Replicas): number {
  return typeof count === "number" ? count : count.min;
}

/** The spec of a HorizontalPodAutoscaler that keeps a workload's number of pods between the bounds. */
export function autoscalerSpec(
  workload: string,
  { min, max, targetCpu = 80 }: Autoscaling,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string } = { apiVersion: "apps/v1", kind: "Deployment" },
): Readonly<Record<string, unknown>> {
  return {
    scaleTargetRef: { apiVersion, kind, name: workload },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCpu } } }],
  };
}
