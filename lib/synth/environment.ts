import { isAbsolute, join, relative, resolve } from "node:path";
import { type ReleaseProps, resolveReleases } from "../istio/release";

/** What the environment says of a synth. Read here alone. */
const variables = {
  /** Folder that everything is written into, whatever the program names: the folders of a trial stand in it as they would below the working folder. */
  trial: "MESHGROUND_TRIAL",
  /** Release of Istio in place of the program's. */
  istio: "MESHGROUND_ISTIO",
  /** Release of Kubernetes in place of the program's. */
  kubernetes: "MESHGROUND_KUBERNETES",
} as const;

/** Releases that the environment puts in place of those that a program names. */
export type ReleaseOverride = Partial<Pick<ReleaseProps, "istio" | "kubernetes">>;

/** The releases that MESHGROUND_ISTIO and MESHGROUND_KUBERNETES name; undefined where neither is set. */
export function releaseOverride(): ReleaseOverride | undefined {
  const [istio, kubernetes] = [process.env[variables.istio], process.env[variables.kubernetes]];
  if (!istio && !kubernetes) return undefined;
  return { ...(istio && { istio }), ...(kubernetes && { kubernetes }) };
}

/**
 * The releases that are in force: those of the program, or what the environment puts in their place.
 *
 * @throws InvalidInput naming the variables when what they say is malformed, or makes a pair that Istio does not support.
 */
export function releasesInForce(props: ReleaseProps): ReleaseProps {
  const override = releaseOverride();
  if (override === undefined) return props;
  const inForce = { ...props, ...override };
  resolveReleases(`${variables.istio} and ${variables.kubernetes}`, inForce);
  return inForce;
}

/** The folder to write into: that of the program, or its place in the folder of a trial. */
export function outputFolder(folder: string): string {
  const trial = process.env[variables.trial];
  if (!trial || typeof folder !== "string") return folder;
  const [root, wanted] = [resolve(trial), resolve(folder)];
  // cdk8s's own variable may name a folder in the trial already.
  if (isBelow(root, wanted)) return folder;
  const here = process.cwd();
  return join(root, isBelow(here, wanted) ? relative(here, wanted) : wanted.replace(/^[A-Za-z]:/, ""));
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}
