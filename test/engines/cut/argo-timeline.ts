import type { Manifest } from "../../support/examples";
import type { KubernetesApi } from "../mesh/kubernetes-api";
import { canaryWeights, listOf } from "./routes";
import { Timeline } from "./timeline";

/**
 * Follows every Rollout of the namespace: `NAME.phase`, `.message`, `.step`, `.canary` and `.stable` (the hashes in the names of their pods),
 * `.weight` of the canary in the VirtualService, and `.failed`, how many measurements of latency and errors have failed in all its AnalysisRuns.
 */
export function followRollouts(api: KubernetesApi): Timeline {
  return new Timeline(async () => {
    const [rollouts, runs, weights] = await Promise.all([
      listOf<Rollout>(api, "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts"),
      listOf<AnalysisRun>(api, "/apis/argoproj.io/v1alpha1/namespaces/shop/analysisruns"),
      canaryWeights(api, "canary"),
    ]);
    const values = rollouts.flatMap(({ metadata: { name }, status = {} }) => {
      const own = runs.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === name);
      const { phase, message, currentStepIndex: step, currentPodHash: canary, stableRS: stable } = status;
      const failed = own.flatMap(failuresOf).length;
      return Object.entries({ phase, message, step, canary, stable, failed, runs: own.length, weight: weights[name] }).map(
        ([key, value]) => [`${name}.${key}`, value] as const,
      );
    });
    return Object.fromEntries(values);
  });
}

interface Rollout extends Manifest {
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly currentStepIndex?: number;
    readonly currentPodHash?: string;
    readonly stableRS?: string;
  };
}

interface AnalysisRun extends Manifest {
  readonly metadata: Manifest["metadata"] & { readonly ownerReferences?: readonly { readonly name: string }[] };
  readonly status?: {
    readonly metricResults?: readonly { readonly name: string; readonly measurements?: readonly { readonly phase: string }[] }[];
  };
}

/** What is waited for and not there is no failure. */
function failuresOf({ status }: AnalysisRun): readonly unknown[] {
  return (status?.metricResults ?? [])
    .filter(({ name }) => name !== "traffic")
    .flatMap(({ measurements = [] }) => measurements.filter(({ phase }) => phase === "Failed"));
}
