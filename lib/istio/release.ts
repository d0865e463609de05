import type { Construct } from "constructs";
import { InvalidInput, type Problem, problem, refuse } from "../core/problem";
import { catalogue, type IstioKind, type IstioMinor, minorNumber } from "./catalogue";

/** Which Istio and which Kubernetes a tree is rendered for. */
export interface ReleaseProps {
  /**
   * Istio release, with or without its patch: `"1.30.3"`, `"1.30"`.
   *
   * It decides the apiVersions, the charts' value names and the features. Range: 1.17 to the newest in the catalogue.
   */
  readonly istio: string;
  /**
   * Kubernetes release, with or without its patch: `"1.36"`, `"1.36.2"`.
   *
   * Refused when Istio does not support the pair.
   */
  readonly kubernetes: string;
  /**
   * Accepts a pair that Istio does not support, or an Istio newer than the catalogue (rendered as the newest that is in it).
   *
   * The reason stays with the releases and shows in the report.
   *
   * @default - such a pair is refused
   */
  readonly allowUnsupported?: { readonly reason: string };
}

/** An Istio release, as named and as the catalogue knows it. */
export interface IstioRelease {
  /** As the user wrote it: `"1.30.3"`. */
  readonly text: string;
  /** Its minor: `"1.30"`. */
  readonly minor: string;
  /** What the catalogue knows of the minor. The newest row for a release that is newer still. */
  readonly row: IstioMinor;
}

/** A Kubernetes release. */
export interface KubernetesRelease {
  /** As the user wrote it: `"1.36.2"`. */
  readonly text: string;
  /** The number after `1.`: 36. */
  readonly minor: number;
}

/** The pair that a tree, or a part of it, is rendered for. */
export interface Releases {
  /** Release of Istio. */
  readonly istio: IstioRelease;
  /** Release of Kubernetes. */
  readonly kubernetes: KubernetesRelease;
  /** Why the pair is accepted although Istio does not support it. Absent for a supported pair. */
  readonly unsupported?: string;
}

const istioPattern = /^(1\.\d{1,3})(?:\.\d{1,3})?(?:-[\da-z.-]{1,40})?$/;
const kubernetesPattern = /^1\.(\d{1,3})(?:\.\d{1,3})?$/;
const releasesByConstruct = new WeakMap<object, Releases>();

/**
 * Reads a pair of releases and looks it up in the catalogue.
 *
 * An Istio older than the catalogue is refused whatever the reason: no row says how to render it.
 *
 * @param subject - what errors name: a construct's path
 * @throws InvalidInput when a release is malformed or unknown, or when Istio does not support the pair and no reason is given.
 */
export function resolveReleases(subject: string, props: ReleaseProps): Releases {
  const reason = props.allowUnsupported?.reason;
  const istio = istioRelease(props.istio, reason !== undefined);
  const kubernetes = kubernetesRelease(props.kubernetes);
  const unreasoned = reason?.trim() === "" ? [problem("allowUnsupported.reason", reason, "why the pair is accepted")] : [];
  if (isProblem(istio) || isProblem(kubernetes)) throw new InvalidInput(subject, [istio, kubernetes, ...unreasoned].filter(isProblem));
  refuse(subject, unreasoned);
  if (supports(istio, kubernetes)) return { istio, kubernetes };
  if (reason === undefined) throw new InvalidInput(subject, [mismatch(istio.row, kubernetes)]);
  return { istio, kubernetes, unsupported: reason };
}

/**
 * Names the releases for a construct and everything below it. The door's function of this name looks at the environment first.
 *
 * @throws InvalidInput as `resolveReleases` does, and when the construct has other releases already.
 */
export function useReleases(scope: Construct, props: ReleaseProps): Releases {
  const subject = subjectOf(scope);
  const releases = resolveReleases(subject, props);
  const earlier = releasesByConstruct.get(scope);
  if (earlier !== undefined && !same(earlier, releases)) {
    refuse(subject, [
      {
        path: "",
        message: `releases are named already: Istio ${earlier.istio.text} on Kubernetes ${earlier.kubernetes.text}. Name them once.`,
      },
    ]);
  }
  releasesByConstruct.set(scope, releases);
  return releases;
}

/**
 * The releases of the nearest construct at or above this one that names them.
 *
 * @throws InvalidInput when none does.
 */
export function releasesOf(scope: Construct): Releases {
  for (let construct: Construct | undefined = scope; construct !== undefined; construct = parentOf(construct)) {
    const releases = releasesByConstruct.get(construct);
    if (releases !== undefined) return releases;
  }
  throw new InvalidInput(subjectOf(scope), [
    {
      path: "",
      message: `no Istio release is named above this construct. Use a MeshApp, or call useReleases(app, { istio: "1.30.3", kubernetes: "1.36" }) first.`,
    },
  ]);
}

/** The newest stable apiVersion that a release serves a kind under. */
export function apiVersionOf(kind: IstioKind, release: IstioRelease): string {
  return release.row.apiVersions[kind];
}

/**
 * Whether an injected proxy is a native sidecar (an init container that keeps running) unless told otherwise.
 *
 * Istio looks at the node's kubelet; this looks at the Kubernetes release, which kubelets may lag behind.
 */
export function hasNativeSidecars({ istio, kubernetes }: Releases): boolean {
  return istio.row.features.nativeSidecarsByDefault && kubernetes.minor >= 33;
}

function istioRelease(text: string, allowNewer: boolean): IstioRelease | Problem {
  const minor = istioPattern.exec(text)?.[1];
  if (minor === undefined) return malformed("istio", text, istioPattern, `1.30.3" or "1.30`);
  const newest = catalogue.at(-1) as IstioMinor;
  const newer = minorNumber(minor) > minorNumber(newest.minor);
  const row = newer && allowNewer ? newest : catalogue.find((known) => known.minor === minor);
  return row === undefined ? unknownMinor(text, newer) : { text, minor, row };
}

function kubernetesRelease(text: string): KubernetesRelease | Problem {
  const minor = kubernetesPattern.exec(text)?.[1];
  return minor === undefined ? malformed("kubernetes", text, kubernetesPattern, `1.36" or "1.36.2`) : { text, minor: Number(minor) };
}

function isProblem(value: object): value is Problem {
  return "message" in value;
}

function supports({ minor, row }: IstioRelease, kubernetes: KubernetesRelease): boolean {
  return row.minor === minor && inRange(row, kubernetes.minor);
}

function inRange({ kubernetes: { oldest, newest } }: IstioMinor, minor: number): boolean {
  return minor >= oldest && minor <= newest;
}

function malformed(prop: string, got: unknown, pattern: RegExp, examples: string): Problem {
  const release = typeof got === "string" ? got.trim().replace(/^v/, "").replace(/\+.*$/, "") : "";
  const hint = pattern.test(release) ? `Did you mean "${release}"?` : undefined;
  return problem(prop, got, `a release such as "${examples}"`, hint);
}

function unknownMinor(text: string, newer: boolean): Problem {
  const [oldest, newest] = [catalogue[0]?.minor, catalogue.at(-1)?.minor];
  const hint = newer ? `Nearest: "${newest}"; to render as ${newest}: allowUnsupported: { reason: "…" }.` : `Nearest: "${oldest}".`;
  return problem("istio", text, `a release from ${oldest} to ${newest}`, hint);
}

function mismatch(row: IstioMinor, kubernetes: KubernetesRelease): Problem {
  const { oldest, newest } = row.kubernetes;
  const distance = ({ minor }: IstioMinor): number => Math.abs(minorNumber(minor) - minorNumber(row.minor));
  const [nearest] = catalogue.filter((other) => inRange(other, kubernetes.minor)).sort((a, b) => distance(a) - distance(b));
  const other =
    nearest === undefined
      ? `No Istio of the catalogue supports Kubernetes 1.${kubernetes.minor}`
      : `The nearest Istio for Kubernetes 1.${kubernetes.minor} is ${nearest.minor}`;
  return problem(
    "kubernetes",
    kubernetes.text,
    `1.${oldest} to 1.${newest}, which Istio ${row.minor} supports`,
    `${other}; to accept the pair: allowUnsupported: { reason: "…" }.`,
  );
}

function same(a: Releases, b: Releases): boolean {
  return a.istio.text === b.istio.text && a.kubernetes.text === b.kubernetes.text && a.unsupported === b.unsupported;
}

function parentOf(construct: Construct): Construct | undefined {
  return construct.node.scope as Construct | undefined;
}

function subjectOf(scope: Construct): string {
  return scope.node.path === "" ? "app" : scope.node.path;
}
