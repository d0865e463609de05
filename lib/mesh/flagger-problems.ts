import { milliseconds } from "../core/duration";
import { type Problem, problem } from "../core/problem";
import { servedWords } from "../istio/retry-arithmetic";
import type { CanaryServiceProps } from "./canary-service-props";
import { type FlaggerReleaseProps, pauseOf } from "./progressive-release";
import type { RetryPolicy } from "./retries";

/** What of a service's props Flagger has to carry, each of them checked by itself before. */
export type FlaggerProps = Pick<CanaryServiceProps, "retries" | "circuitBreaker" | "extraPorts" | "testers" | "mirror"> & {
  /** A release that Flagger moves. */
  readonly release: FlaggerReleaseProps;
};

/** What Flagger cannot carry of a service with this name, and would leave out or stop at in silence. */
export function flaggerProblems(props: FlaggerProps, serviceName: string = ""): readonly Problem[] {
  const { retries, circuitBreaker, extraPorts = [], release } = props;
  return [
    ...stepProblems(release),
    ...(retries === undefined ? [] : retryProblems(retries)),
    ...(circuitBreaker?.maxConnections === undefined
      ? []
      : [{ path: "circuitBreaker.maxConnections", message: "is dropped by Flagger 1.36, whose Canary has no TCP limits. Leave it out." }]),
    ...(extraPorts.length === 0 ? [] : [{ path: "extraPorts", message: `Flagger makes the Service itself, with one port. ${elsewhere}` }]),
    ...(["testers", "mirror"] as const)
      .filter((prop) => props[prop] !== undefined)
      .map((prop) => ({ path: prop, message: `Flagger makes the route itself, and has no place for it. ${elsewhere}` })),
    ...(serviceName.length > longestName
      ? [problem("name", serviceName, `at most ${longestName} characters: Flagger adds "-primary" to it`)]
      : []),
  ];
}

const elsewhere = 'Leave it out, or use controller: "argo-rollouts".';
const longestName = 63 - "-primary".length;

/** Flagger has one interval for two things, and never gets from weight 0 to weight 0. */
function stepProblems(release: FlaggerReleaseProps): readonly Problem[] {
  const { steps, abortWhen } = release;
  const interval = pauseOf(release);
  const { every = interval } = abortWhen;
  return [
    ...(steps[0] === 0
      ? [problem("release.steps[0]", 0, "at least 1", "Flagger starts at 0 by itself, and would stay there for ever.")]
      : []),
    ...(milliseconds(every) === milliseconds(interval)
      ? []
      : [
          problem(
            "release.abortWhen.every",
            every,
            `${interval}, the length of a step`,
            `Flagger judges once a step and then moves on. Leave every out, or set pause: "${every}" too.`,
          ),
        ]),
  ];
}

/** There is one route, for every method. Repeating what never reached the service does no harm to any of them. */
function retryProblems({ attempts, methods, on }: RetryPolicy): readonly Problem[] {
  if (attempts === 0 || methods === "all") return [];
  const late = on === "default" ? ["Istio's default"] : servedWords(on);
  if (late.length === 0) return [];
  return [
    problem(
      "retries.methods",
      methods,
      `"all": Flagger has one route, and ${late.join(", ")} would repeat the other methods too, though the service may have done the work already`,
      'Name only conditions that nothing was served under, such as on: ["connect-failure", "refused-stream"], or use controller: "argo-rollouts".',
    ),
  ];
}
