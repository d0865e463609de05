import { join, type Problem, problem } from "../core/problem";
import { adoptionProblems, tryAdopt } from "./adopted-deployment";
import { accountProblems, namespaceProblems } from "./adoption-problems";
import { argoSubsets } from "./argo-rollouts";
import type { CanaryServiceProps } from "./canary-service-props";
import { flaggerSelectorLabels } from "./flagger";
import { flaggerProblems } from "./flagger-problems";
import type { ProgressiveRelease } from "./release-strategy";
import { defaultReplicas, fewest } from "./replicas";

/** The service around a progressive release. */
export interface ProgressiveService {
  readonly props: CanaryServiceProps;
  readonly release: ProgressiveRelease;
  readonly name: string;
  /** Undefined when the chart names none. */
  readonly namespace: string | undefined;
}

/** What is wrong between a progressive release and the service around it. */
export function progressiveProblems(service: ProgressiveService): readonly Problem[] {
  const { props, release, name } = service;
  return [
    ...(release.workload === undefined ? imageProblems(service) : workloadProblems(service, release.workload)),
    ...(release.controller === "flagger"
      ? [...flaggerProblems({ ...props, release }, name), ...rewrittenLabels(props)]
      : argoProblems(service)),
  ];
}

function imageProblems({ props }: ProgressiveService): readonly Problem[] {
  const { replicas = defaultReplicas, resources, defaults } = props;
  const blind = typeof replicas === "object" && resources?.requests?.cpu === undefined && (resources !== undefined || defaults === "none");
  return [
    ...(fewest(replicas) === 0 ? [problem("replicas", 0, "at least 1: the stable version has all the traffic")] : []),
    ...(blind ? [problem("resources.requests.cpu", undefined, "an amount of cpu: the autoscaler measures use against it")] : []),
  ];
}

function workloadProblems({ props, release, namespace }: ProgressiveService, workload: object): readonly Problem[] {
  const path = "release.workload";
  const adopted = tryAdopt(workload);
  const unnamed = adopted !== undefined && adopted.revision === undefined;
  const uncounted = adopted !== undefined && adopted.replicas === undefined && props.replicas === undefined;
  return [
    ...adoptionProblems(path, workload),
    ...namespaceProblems(path, workload, namespace),
    ...accountProblems(path, workload, props.serviceAccountName),
    ...(unnamed && release.controller === "argo-rollouts"
      ? [
          problem(
            join(path, "version"),
            undefined,
            "a label version on the Deployment's pods, another one at each release: Istio's metrics tell the canary from the stable version by it",
          ),
        ]
      : []),
    ...(["env", "resources", "health", "nodeSelector", "pool"] as const)
      .filter((prop) => props[prop] !== undefined)
      .map((prop) => ({ path: prop, message: "is for a release with an image: a Deployment of one's own says it itself." })),
    ...(uncounted && release.controller === "argo-rollouts"
      ? [
          problem(
            "replicas",
            undefined,
            "as many pods as run now, or bounds for an autoscaler",
            "The Deployment does not say how many, so an autoscaler or somebody does, and the Rollout would take the others away.",
          ),
        ]
      : []),
    ...(props.replicas !== undefined && release.controller === "flagger"
      ? [{ path: "replicas", message: "is for a release with an image: Flagger takes the number from the Deployment." }]
      : []),
  ];
}

function argoProblems({ props, namespace }: ProgressiveService): readonly Problem[] {
  const { testers, mirror, podSelector } = props;
  const subsets: readonly string[] = Object.values(argoSubsets);
  return [
    ...(testers === undefined || subsets.includes(testers.to) ? [] : [problem("testers.to", testers.to, '"canary" or "stable"')]),
    ...(mirror === undefined
      ? []
      : [
          {
            path: "mirror",
            message:
              "is for Release.pinned: between two releases canary and stable are the same pods, which would be sent every copied request a second time.",
          },
        ]),
    ...(podSelector?.version === undefined
      ? []
      : [{ path: "podSelector.version", message: "changes with each release, and the selector of a Rollout cannot change." }]),
    ...(namespace === undefined
      ? [
          problem(
            "release",
            undefined,
            "a chart with a namespace: the metrics are picked by it",
            "Put the service into a StrictMtlsNamespace.",
          ),
        ]
      : []),
  ];
}

function rewrittenLabels({ podSelector = {} }: CanaryServiceProps): readonly Problem[] {
  return flaggerSelectorLabels
    .filter((label) => podSelector[label] !== undefined)
    .map((label) => ({
      path: join("podSelector", label),
      message: "is rewritten by Flagger on the pods that serve, so that no policy would find them. Use another label.",
    }));
}
