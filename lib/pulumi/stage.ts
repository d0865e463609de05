import { all, listOf, oneOf, optional, satisfies } from "../core/check";
import { type Problem, problem } from "../core/problem";

const order = ["machines", "hosts", "kubernetes", "istio", "namespaces", "policies", "services"] as const;

/**
 * A stage of a {@link MeshStack}. Each waits for what it needs of the earlier ones:
 *
 * - `machines`: what the drivers make; nothing for servers that exist
 * - `hosts`: each machine tuned and verified
 * - `kubernetes`: a cluster on the machines
 * - `istio`: Istio's CRDs and control plane, as Helm releases
 * - `namespaces`: namespaces, and whatever else defines instead of runs (CustomResourceDefinition, PriorityClass, …)
 * - `policies`: PeerAuthentication, AuthorizationPolicy, RequestAuthentication, NetworkPolicy
 * - `services`: everything else
 */
export type Stage = (typeof order)[number];

/** What is asked for, in the order of the stages; all of them unless a cluster is there already. */
export function stagesOf(asked: readonly Stage[] | undefined, clusterExists: boolean): ReadonlySet<Stage> {
  return new Set(order.filter((stage) => asked?.includes(stage) ?? !(clusterExists && stage === "kubernetes")));
}

/** Whether a stage is on the machines, below the cluster. */
export function needsMachines(stages: ReadonlySet<Stage>): boolean {
  return stages.has("machines") || stages.has("hosts") || stages.has("kubernetes");
}

/** Whether a stage puts something into the cluster. */
export function needsCluster(stages: ReadonlySet<Stage>): boolean {
  return stages.has("istio") || stages.has("namespaces") || stages.has("policies") || stages.has("services");
}

/** What is wrong with the stages asked for. */
export function stageProblems(path: string, asked: unknown): readonly Problem[] {
  const once = satisfies("each stage once", (value) => new Set(value as readonly Stage[]).size === (value as readonly Stage[]).length);
  return optional(all(listOf(oneOf(...order), { min: 1 }), once))(path, asked);
}

/** What is wrong between the stages and the kubeconfig. */
export function kubeconfigProblems(asked: readonly Stage[] | undefined, given: boolean): readonly Problem[] {
  const stages = stagesOf(asked, given);
  if (given && stages.has("kubernetes"))
    return [{ path: "kubeconfig", message: 'is given, and the stage "kubernetes" makes a cluster of its own. Leave out one of the two.' }];
  if (given || stages.has("kubernetes") || !needsCluster(stages)) return [];
  const upper = [...stages].filter((stage) => needsCluster(new Set([stage])));
  const why = `${upper.join(", ")} need${upper.length === 1 ? "s" : ""} a cluster`;
  return [
    problem("kubeconfig", undefined, "the cluster's kubeconfig, as a secret", `${why}, and the stage "kubernetes" is not asked for.`),
  ];
}
