import { catalogue, type EndOfLife, type IstioMinor } from "./catalogue";
import { kubernetesEndOfLife } from "./kubernetes-support";

/** Whether a release is supported on a day: `unknown` where no end is published. */
export type SupportState = "supported" | "ended" | "not released" | "unknown";

/** A release of Kubernetes that a release of Istio supports, and how long it is maintained itself. */
export interface KubernetesFacts {
  /** `"1.36"`. */
  readonly minor: string;
  /** Last day, ISO date. Absent where the table has none. */
  readonly endOfLife?: string;
}

/** Whether Istio supports a minor release on a day, ISO date. */
export function supportState({ released, endOfLife }: IstioMinor, today: string): SupportState {
  if (today < released) return "not released";
  if (endOfLife === undefined) return "unknown";
  return today <= endOfLife.date ? "supported" : "ended";
}

/** `2026-11-30`, `about 2026-11-30`, or that nothing is published. */
export function endText(endOfLife: EndOfLife | undefined): string {
  if (endOfLife === undefined) return "not published";
  return endOfLife.approximate ? `about ${endOfLife.date}` : endOfLife.date;
}

/** The releases of Kubernetes that a release of Istio supports, oldest first. */
export function kubernetesOf({ kubernetes: { oldest, newest } }: IstioMinor): readonly KubernetesFacts[] {
  return Array.from({ length: newest - oldest + 1 }, (_, index) => {
    const endOfLife = kubernetesEndOfLife(oldest + index);
    return { minor: `1.${oldest + index}`, ...(endOfLife !== undefined && { endOfLife }) };
  });
}

/** The row of a release, with or without its patch: `"1.30"`, `"1.30.3"`; undefined for one that the catalogue does not have. */
export function tryRelease(text: string): IstioMinor | undefined {
  const minor = /^(1\.\d{1,3})(?:\.\d{1,3})?$/.exec(text)?.[1];
  return catalogue.find((row) => row.minor === minor);
}

/** What a release has and how its charts call things, as pairs of a name and a value. */
export function factsOf({ apiVersions, charts, features }: IstioMinor): readonly (readonly [name: string, value: string])[] {
  const yes = (is: boolean): string => (is ? "yes" : "no");
  return [
    ["apiVersion of routes and gateways", apiVersions.VirtualService],
    ["apiVersion of policies", apiVersions.PeerAuthentication],
    ["apiVersion of Telemetry", apiVersions.Telemetry],
    ["images from", features.registry],
    ["sidecars may be native", yes(features.nativeSidecars)],
    ["sidecars are native by default (kubelet 1.33 and newer)", yes(features.nativeSidecarsByDefault)],
    ["a pod chooses by annotation", yes(features.nativeSidecarAnnotation)],
    ["retries a 503 by default", yes(features.retries503ByDefault)],
    ["maxEjectionPercent holds for the first pod too", yes(features.strictEjectionPercent)],
    ["operator in the cluster", yes(features.operatorInCluster)],
    ["CRD of the IstioOperator", yes(features.operatorCrd)],
    ["charts", charts.names.join(", ")],
    ["values of istiod begin with", charts.istiodPrefix === "" ? "nothing" : charts.istiodPrefix],
    ["value that says that the CNI plugin is there", charts.cniEnabled],
    ["charts take profile", yes(charts.profile)],
    ["charts take global.platform", yes(charts.platform)],
    ["charts take base.validationFailurePolicy", yes(charts.validationFailurePolicy)],
  ];
}
