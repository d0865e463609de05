import { all, bool, type Check, isRecord, listOf, oneOf, optional, satisfies, shape, when, wholeNumber } from "../core/check";
import { dnsLabel, image } from "../core/name";
import { join, type Problem, problem } from "../core/problem";
import { type ProgressiveReleaseProps, progressive } from "./progressive-release";
import { type AlertWhen, alertWhen } from "./release-thresholds";
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
   * One image that Argo Rollouts or Flagger moves forward, and takes back when the canary is slow or fails.
   *
   * There is no `rollBack`: with the weights in the controller's hands, going back is releasing the former image.
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
  if (isRecord(value) && value.kind === "progressive") return progressive(path, value);
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
const canaryVersion: Check = all(shape<CanaryVersion>({ ...versionChecks, weight: wholeNumber(0, 100) }), oneSource);

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
