import { all, type Check, isRecord, line, listOf, oneOf, optional, satisfies, satisfiesUnshown, shape, wholeNumber } from "../core/check";
import { type DurationText, duration } from "../core/duration";
import { image } from "../core/name";
import { join, problem } from "../core/problem";
import { type AbortWhen, abortWhen } from "./release-thresholds";

/** Where the pods of a progressive release come from. */
export type ProgressiveSource =
  /** The construct renders the pods around this image. A new image is a new release. */
  | { readonly image: string; readonly workload?: never }
  /** The user's own Deployment, taken over as it runs. Its pods carry a label `version` that is another one at each release. */
  | { readonly workload: object; readonly image?: never };

/** What both controllers share. */
export type ProgressiveReleaseBase = ProgressiveSource & {
  /**
   * Weights of the canary, one after the other, each larger than the one before. Unit: percent, whole numbers from 0 to 100; 100 is implied.
   *
   * At 0, which may be the first one for Argo Rollouts, a pod of the canary runs and only testers reach it.
   */
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
  /** Asked before the first step; anything but status 200 to 202 holds the release. @default - none */
  readonly confirmRollout?: string;
  /**
   * Asked before each step; anything but status 200 to 202 holds the weight where it is. Asked at weight 0 too, where it must say yes, or the release
   * never begins.
   *
   * @default - none
   */
  readonly confirmTrafficIncrease?: string;
  /** Asked after the last step; anything but status 200 to 202 holds the promotion. @default - none */
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

/** Both ways to give the pods. */
const workload = satisfies("a Deployment of cdk8s-plus, or an ApiObject", (value) => typeof value === "object" && value !== null);

/** An address that is asked by HTTP. What it holds is written into the cluster, so that it can hold no password. */
const httpAddress: Check = satisfiesUnshown("an http:// or https:// address without user, password and #", (value) => {
  if (typeof value !== "string" || value.length > 2_000 || !/^https?:\/\/[\x21-\x7e]+$/.test(value)) return false;
  const url = URL.parse(value);
  return url !== null && url.username === "" && url.password === "" && url.hash === "";
});

const rising: Check = (path, value) =>
  (value as readonly number[]).flatMap((weight, index, all) => {
    const before = all[index - 1];
    return before === undefined || weight > before ? [] : [problem(join(path, index), weight, `more than the step before it, ${before}`)];
  });
const someTraffic: Check = (path, value) =>
  (value as readonly number[]).some((weight) => weight > 0)
    ? []
    : [problem(path, value, "at least one weight above 0", "At 0 there is nothing to judge by.")];

const oneSource: Check = (path, value) => {
  const given = ["image", "workload"].filter((source) => (value as Readonly<Record<string, unknown>>)[source] !== undefined);
  return given.length === 1 ? [] : [{ path, message: `expected exactly one of image and workload, got ${given.length}.` }];
};

const shared = {
  kind: oneOf("progressive"),
  image: optional(image),
  workload: optional(workload),
  steps: all(listOf(wholeNumber(0, 100), { min: 1 }), rising, someTraffic),
  prometheus: optional(httpAddress),
};

const argoRollouts: Check = all(
  shape<ArgoRolloutsReleaseProps & { kind: string }>({
    ...shared,
    controller: oneOf("argo-rollouts"),
    // Argo Rollouts counts whole seconds.
    pause: optional(duration({ min: "1s", max: "8760h" })),
    abortWhen: abortWhen("1s"),
  }),
  oneSource,
);

const webhooks: Check = shape<FlaggerWebhooks>({
  confirmRollout: optional(httpAddress),
  confirmTrafficIncrease: optional(httpAddress),
  confirmPromotion: optional(httpAddress),
  loadTest: optional(shape<NonNullable<FlaggerWebhooks["loadTest"]>>({ url: httpAddress, command: line })),
});

/** Flagger counts a check that finds nothing as failed, so that somebody else must say when to wait. */
const somebodyHolds: Check = (path, value) => {
  const { abortWhen, webhooks } = value as FlaggerReleaseProps;
  if (abortWhen.noTraffic !== "hold" || webhooks?.confirmTrafficIncrease !== undefined) return [];
  const expected = "an address that says whether there is traffic, because Flagger cannot wait for it by itself";
  return [problem(join(join(path, "webhooks"), "confirmTrafficIncrease"), undefined, expected, 'Or use noTraffic: "promote" or "abort".')];
};

const flagger: Check = all(
  shape<FlaggerReleaseProps & { kind: string }>({
    ...shared,
    controller: oneOf("flagger"),
    pause: optional(duration({ min: "10s", max: "8760h" })),
    webhooks: optional(webhooks),
    abortWhen: abortWhen("10s"),
  }),
  oneSource,
  somebodyHolds,
);

/** A progressive release by itself. What it needs of the service around it is looked at there. */
export const progressive: Check = (path, value) => {
  const controller = isRecord(value) ? value.controller : undefined;
  const problems = oneOf("argo-rollouts", "flagger")(join(path, "controller"), controller);
  if (problems.length > 0) return problems;
  return (controller === "flagger" ? flagger : argoRollouts)(path, value);
};

/** How long each step lasts at least. */
export function pauseOf({ pause, abortWhen }: Pick<ProgressiveReleaseProps, "pause" | "abortWhen">): DurationText {
  return pause ?? abortWhen.over;
}
