import { all, bool, type Check, isRecord, listOf, matching, oneOf, optional, satisfies, shape, when, wholeNumber } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import { dnsLabel, image } from "../core/name";
import { join, type Problem, problem } from "../core/problem";
import { type Replicas, replicas } from "./replicas";

/** Where the pods of a version come from. */
export type VersionSource =
  /** The construct renders a Deployment around this image. */
  | { readonly image: string; readonly workload?: never; readonly deployed?: never }
  /** The user's own Deployment: of any cdk8s-plus, or an ApiObject. Its pods get the labels that select them and the sidecar's annotations. */
  | { readonly workload: object; readonly image?: never; readonly deployed?: never }
  /** The pods are deployed outside this tree and carry the label `version`. */
  | { readonly deployed: "elsewhere"; readonly image?: never; readonly workload?: never };

/** One version of a service: a subset of its DestinationRule. */
export type Version = VersionSource & {
  /** Name of the subset, and value of the pods' label `version`. An RFC 1123 label. */
  readonly name: string;
  /**
   * Pods of this version.
   *
   * @default - the service's `replicas`
   */
  readonly replicas?: Replicas;
};

/** A version beside the stable one, and its share of the traffic. */
export type CanaryVersion = Version & {
  /** Share of the traffic. Unit: percent, a whole number from 0 to 100. The stable version gets what is left. */
  readonly weight: number;
};

/** A release that stays as it is written: two or more versions side by side, each with its weight. */
export interface PinnedReleaseProps {
  /** The version that takes what the others leave. */
  readonly stable: Version;
  /** The versions on trial. From weight 0: the pods run, no request reaches them but a tester's. */
  readonly canary: CanaryVersion | readonly [CanaryVersion, ...CanaryVersion[]];
  /**
   * Sends all traffic to the stable version. Only weights change: no pod is touched, so it takes effect as soon as istiod has told
   * the sidecars, within seconds.
   *
   * @default false
   */
  readonly rollBack?: boolean;
  /**
   * Raises alerts about the canary, for teams without a delivery controller: the alert names the one line that takes it back.
   *
   * @default - none
   */
  readonly alertWhen?: AlertWhen;
}

/** What tells that a version misbehaves. At least one of `p99Above` and `errorsAbove` is needed. */
export interface Thresholds {
  /**
   * 99th percentile of the latency. Between two ends of Istio's buckets (…, 50, 100, 250, 500, 1000 ms, …) Prometheus takes a straight line:
   * of a version that answers in 110 ms it may say up to 249.
   *
   * @default - latency does not count
   */
  readonly p99Above?: DurationText;
  /**
   * Share of the requests that fail: with status 5xx, or for gRPC with a status that is the server's fault.
   *
   * @default - errors do not count
   */
  readonly errorsAbove?: `${number}%`;
  /** Window that both are measured over. At least 10s, and at least four times what Prometheus scrapes at, or it sees nothing. */
  readonly over: DurationText;
}

/** When a progressive release is cut. */
export interface AbortWhen extends Thresholds {
  /**
   * How often the canary is judged. At least 10s for Flagger, 1s for Argo Rollouts.
   *
   * @default "10s"
   */
  readonly every?: DurationText;
  /**
   * Requests within `over` below which there is nothing to judge by: with fewer, one error is a large share. Range: 1 to 1000000.
   *
   * @default 10
   */
  readonly atLeast?: number;
  /**
   * What to do while there are fewer requests than `atLeast`. `"hold"` waits for them, for as long as it takes; `"promote"` goes on as if all
   * were well; `"abort"` takes the release back.
   */
  readonly noTraffic: "hold" | "promote" | "abort";
}

/** When an alert is raised about the canary of a pinned release, which nobody takes back but people. */
export interface AlertWhen extends Thresholds {
  /**
   * Requests within `over` below which nothing is said. Range: 1 to 1000000.
   *
   * @default 10
   */
  readonly atLeast?: number;
}

/** Where the pods of a progressive release come from. */
type ProgressiveSource =
  /** The construct renders the pods around this image. A new image is a new release. */
  | { readonly image: string; readonly workload?: never }
  /** The user's own Deployment, taken over as it runs. Its pods carry a label `version` that is another one at each release. */
  | { readonly workload: object; readonly image?: never };

/** What both controllers share. */
type ProgressiveReleaseBase = ProgressiveSource & {
  /** Weights of the canary, one after the other, each larger than the one before. Unit: percent, whole numbers from 0 to 100; 100 is implied. */
  readonly steps: readonly [number, ...number[]];
  /**
   * How long each step lasts at least.
   *
   * @default - `abortWhen.over`, so that each step is judged by its own traffic
   */
  readonly pause?: DurationText;
  /**
   * Address of Prometheus, as the controller reaches it: `http://prometheus.monitoring:9090`.
   *
   * @default - that of the tree's `Observability`
   */
  readonly prometheus?: string;
};

/** A release that Argo Rollouts moves: a Rollout in place of the Deployment, and this library's own VirtualService and DestinationRule. */
export type ArgoRolloutsReleaseProps = ProgressiveReleaseBase & {
  /** The controller that is installed in the cluster and moves the weights. */
  readonly controller: "argo-rollouts";
  /** What cuts the release. */
  readonly abortWhen: AbortWhen;
};

/** Addresses that Flagger calls during a release. */
export interface FlaggerWebhooks {
  /** Asked before the first step; anything but status 200 holds the release. @default - none */
  readonly confirmRollout?: string;
  /** Asked before each step; anything but status 200 holds the weight where it is. @default - none */
  readonly confirmTrafficIncrease?: string;
  /** Asked after the last step; anything but status 200 holds the promotion. @default - none */
  readonly confirmPromotion?: string;
  /** Told at each step to send requests to the canary: the address of flagger-loadtester, and the command that it runs. @default - none */
  readonly loadTest?: { readonly url: string; readonly command: string };
}

/** A release that Flagger moves: a Deployment and a Canary. Flagger makes the Services, the routes and the primary's Deployment itself. */
export type FlaggerReleaseProps = ProgressiveReleaseBase & {
  /** The controller that is installed in the cluster and moves the weights. */
  readonly controller: "flagger";
  /** Addresses that Flagger calls. @default - none */
  readonly webhooks?: FlaggerWebhooks;
  /**
   * What cuts the release. Flagger cannot wait for traffic by itself: where it measures nothing it counts a failure. `"hold"` needs a
   * `webhooks.confirmTrafficIncrease` that says whether there is traffic.
   */
  readonly abortWhen: AbortWhen;
};

/** A release that a delivery controller moves forward, and takes back when the canary misbehaves. Taking one back by hand is the former image again. */
export type ProgressiveReleaseProps = ArgoRolloutsReleaseProps | FlaggerReleaseProps;

/** A pinned release, as `Release.pinned` makes it. */
export interface PinnedRelease extends PinnedReleaseProps {
  /** Tells it from a progressive one. */
  readonly kind: "pinned";
}

/** A progressive release, as `Release.progressive` makes it. */
export type ProgressiveRelease = ProgressiveReleaseProps & {
  /** Tells it from a pinned one. */
  readonly kind: "progressive";
};

/** How a service gets from one version to the next. */
export type Release = PinnedRelease | ProgressiveRelease;

/** The two ways to release. */
export const Release: {
  /** Versions side by side with fixed weights. Changing a weight, or rolling back, is changing a prop. */
  pinned(props: PinnedReleaseProps): PinnedRelease;
  /**
   * One image that Argo Rollouts or Flagger moves forward and cuts on latency and errors.
   *
   * The type is here so that programs can be written against it; a `CanaryService` refuses it until a later release renders it.
   */
  progressive(props: ProgressiveReleaseProps): ProgressiveRelease;
} = {
  pinned: (props) => ({ ...props, kind: "pinned" }),
  progressive: (props) => ({ ...props, kind: "progressive" }),
};

/** A version with the weight it gets in the routes. */
export interface WeightedVersion {
  /** The version, as it was given. */
  readonly version: Version;
  /** Share of the traffic. Unit: percent, 0 to 100. */
  readonly weight: number;
  /** Whether it takes what the others leave. */
  readonly role: "stable" | "canary";
}

/** Every version with its weight, the stable one first. The weights add to 100. */
export function weightedVersions({ stable, canary, rollBack = false }: PinnedReleaseProps): readonly WeightedVersion[] {
  const canaries = canariesOf(canary).map((version) => ({ version, weight: rollBack ? 0 : version.weight, role: "canary" as const }));
  const left = 100 - canaries.reduce((sum, { weight }) => sum + weight, 0);
  return [{ version: stable, weight: left, role: "stable" }, ...canaries];
}

/** A release that a CanaryService can render. */
export const release: Check = (path, value) => {
  if (isRecord(value) && value.kind === "progressive") {
    return [
      {
        path,
        message: "progressive releases are not rendered by this version of meshground. Use Release.pinned and move the weight by hand.",
      },
    ];
  }
  const problems = pinned(path, value);
  return problems.length > 0 ? problems : versionSetProblems(path, value as unknown as PinnedRelease);
};

function canariesOf(canary: PinnedReleaseProps["canary"]): readonly CanaryVersion[] {
  return Array.isArray(canary) ? canary : [canary as CanaryVersion];
}

const workload = satisfies("a Deployment of cdk8s-plus, or an ApiObject", (value) => typeof value === "object" && value !== null);
const versionChecks = {
  name: dnsLabel,
  image: optional(image),
  workload: optional(workload),
  deployed: optional(oneOf("elsewhere")),
  replicas: optional(replicas),
};
const oneSource: Check = (path, value) => {
  const { image, workload, deployed } = value as Partial<Record<"image" | "workload" | "deployed", unknown>>;
  const given = [image, workload, deployed].filter((source) => source !== undefined).length;
  return given === 1 ? [] : [{ path, message: `expected exactly one of image, workload and deployed: "elsewhere", got ${given}.` }];
};
const version: Check = all(shape<Version>(versionChecks), oneSource);
const percentage: Check = all(
  matching(/^\d{1,2}(?:\.\d{1,3})?%$/, 'a share below 100 percent, such as "1%" or "0.5%"', 8),
  satisfies("more than 0%", (value) => Number.parseFloat(String(value)) > 0),
);
const canaryVersion: Check = all(shape<CanaryVersion>({ ...versionChecks, weight: wholeNumber(0, 100) }), oneSource);

const thresholds = {
  p99Above: optional(duration()),
  errorsAbove: optional(percentage),
  over: duration({ min: "10s" }),
  atLeast: optional(wholeNumber(1, 1_000_000)),
};
const oneThreshold: Check = (path, value) => {
  const { p99Above, errorsAbove } = value as AlertWhen;
  return p99Above === undefined && errorsAbove === undefined ? [problem(path, value, "p99Above, errorsAbove or both")] : [];
};
const alertWhen: Check = all(shape<AlertWhen>(thresholds), oneThreshold);

const pinned: Check = shape<PinnedRelease>({
  kind: oneOf("pinned"),
  stable: version,
  canary: when(Array.isArray, listOf(canaryVersion, { min: 1 }), canaryVersion),
  rollBack: optional(bool),
  alertWhen: optional(alertWhen),
});

function versionSetProblems(path: string, { stable, canary }: PinnedRelease): readonly Problem[] {
  const canaries = canariesOf(canary);
  const at = (index: number): string => (Array.isArray(canary) ? join(join(path, "canary"), index) : join(path, "canary"));
  const names = [stable.name, ...canaries.map(({ name }) => name)];
  const sum = canaries.reduce((total, { weight }) => total + weight, 0);
  return [
    ...canaries.flatMap(({ name }, index) =>
      names.indexOf(name) === index + 1 ? [] : [problem(join(at(index), "name"), name, "a name that no other version has")],
    ),
    ...(sum > 100 ? [problem(join(path, "canary"), sum, "weights of at most 100 in all", "The stable version gets what is left.")] : []),
  ];
}
