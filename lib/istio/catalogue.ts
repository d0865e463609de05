/** The kinds of Istio that this library makes. */
export type IstioKind =
  | "VirtualService"
  | "DestinationRule"
  | "Gateway"
  | "ServiceEntry"
  | "Sidecar"
  | "PeerAuthentication"
  | "AuthorizationPolicy"
  | "RequestAuthentication"
  | "Telemetry";

/** What one minor release of Istio supports, serves and calls its things. */
export interface IstioMinor {
  /** `"1.30"`. */
  readonly minor: string;
  /** Day its first release was tagged. ISO date. */
  readonly released: string;
  /** Last day of support. Absent where none is published. */
  readonly endOfLife?: EndOfLife;
  /** Newest patch known when the row was written; newer ones may exist. */
  readonly lastPatch: string;
  /** Oldest and newest Kubernetes that Istio supports. Unit: the number after `1.`. */
  readonly kubernetes: { readonly oldest: number; readonly newest: number };
  /** apiVersion for each kind. */
  readonly apiVersions: Readonly<Record<IstioKind, string>>;
  /** Names and values of its Helm charts. */
  readonly charts: ChartFacts;
  /** What came or went. */
  readonly features: IstioFeatures;
  /** What the row rests on. */
  readonly verified: string;
}

/** Last day of support of a release. */
export interface EndOfLife {
  /** ISO date. */
  readonly date: string;
  /** Istio has only named the month; the date is its last day. */
  readonly approximate: boolean;
}

/** Names and values of the Helm charts of a release. */
export interface ChartFacts {
  /** Charts in Istio's Helm repository. The chart `gateway` refuses values it does not know, in every release of the catalogue. */
  readonly names: readonly ("base" | "istiod" | "istiod-remote" | "cni" | "gateway" | "ztunnel")[];
  /**
   * What stands before istiod's own values: `resources`, `replicaCount`, `autoscaleEnabled`, `autoscaleMin`, `autoscaleMax`,
   * `traceSampling`, `env`. `pilot.` still works in newer charts, and is what an IstioOperator's `values` take in every release.
   */
  readonly istiodPrefix: "pilot." | "";
  /** Value of the chart `istiod` that says the CNI plugin is there. */
  readonly cniEnabled: "istio_cni.enabled" | "cni.enabled";
  /** Whether the charts take `profile`. */
  readonly profile: boolean;
  /** Whether the charts take `global.platform` with the presets k3s, k3d, microk8s, minikube and openshift. */
  readonly platform: boolean;
  /**
   * Whether the charts `base` and `istiod` take `base.validationFailurePolicy`.
   *
   * Where they do not, istiod itself rewrites the webhook's policy after the install, and tools that watch for drift see it.
   */
  readonly validationFailurePolicy: boolean;
}

/** What came or went with a release. */
export interface IstioFeatures {
  /** Whether the proxy can run as a native sidecar at all (`ENABLE_NATIVE_SIDECARS`). */
  readonly nativeSidecars: boolean;
  /** Whether the proxy is a native sidecar unless told otherwise. Only on nodes with a kubelet of 1.33 or newer: `hasNativeSidecars`. */
  readonly nativeSidecarsByDefault: boolean;
  /** Whether a pod may choose with the annotation `sidecar.istio.io/nativeSidecar`. */
  readonly nativeSidecarAnnotation: boolean;
  /** Whether a route without `retryOn` retries an answer of 503. */
  readonly retries503ByDefault: boolean;
  /**
   * Whether `maxEjectionPercent` also holds for the first pod: with fewer pods than 100 divided by it, none is ejected.
   *
   * Before, one pod was always ejected.
   */
  readonly strictEjectionPercent: boolean;
  /** Whether the installers put the CRD of the IstioOperator into the cluster. */
  readonly operatorCrd: boolean;
  /** Whether the operator that runs in the cluster exists. */
  readonly operatorInCluster: boolean;
  /** Registry that the images come from by default. */
  readonly registry: "docker.io/istio" | "registry.istio.io/release";
}

type Row = readonly [
  minor: string,
  released: string,
  endOfLife: string | undefined,
  lastPatch: string,
  kubernetes: readonly [oldest: number, newest: number],
];

const supportTable = "Kubernetes range and end of life from Istio's table of supported releases";
const read = (tag: string): string =>
  `CRD bundle, charts and their values, defaults in code and minimum Kubernetes version read at tag ${tag}`;

/** Rows that rest on something else than the tag of their last patch and Istio's table of supported releases. */
const verifiedOtherwise: Readonly<Record<string, string>> = {
  "1.30": `${read("1.30.3")}; ${supportTable}; newest patch from the tags of istio.io/api`,
  "1.31": `${read("1.31.0-rc.0")}; Kubernetes range from the development row of Istio's table of supported releases; no end of life published; newest patch from the tags of istio.io/api`,
};

/** `~` marks an end of life of which Istio has only named the month. */
const rows: readonly Row[] = [
  ["1.17", "2023-02-14", "2023-10-27", "1.17.8", [23, 26]],
  ["1.18", "2023-06-06", "2024-01-04", "1.18.7", [24, 27]],
  ["1.19", "2023-08-31", "2024-04-24", "1.19.10", [25, 28]],
  ["1.20", "2023-11-13", "2024-06-25", "1.20.8", [25, 29]],
  ["1.21", "2024-03-12", "2024-09-27", "1.21.6", [26, 29]],
  ["1.22", "2024-05-10", "2025-01-22", "1.22.8", [27, 30]],
  ["1.23", "2024-08-11", "2025-04-16", "1.23.6", [27, 30]],
  ["1.24", "2024-11-05", "2025-06-24", "1.24.6", [28, 31]],
  ["1.25", "2025-02-25", "2025-09-30", "1.25.5", [29, 32]],
  ["1.26", "2025-05-06", "2025-12-22", "1.26.8", [29, 33]],
  ["1.27", "2025-08-08", "2026-04-07", "1.27.9", [29, 33]],
  ["1.28", "2025-10-30", "2026-07-01", "1.28.10", [30, 34]],
  ["1.29", "2026-02-10", "~2026-08-31", "1.29.6", [31, 35]],
  ["1.30", "2026-05-15", "~2026-11-30", "1.30.8", [32, 36]],
  ["1.31", "2026-08-24", undefined, "1.31.4", [32, 36]],
];

/**
 * Every minor release of Istio that this library knows, oldest first.
 *
 * @see https://istio.io/latest/docs/releases/supported-releases/
 */
export const catalogue: readonly IstioMinor[] = rows.map(([minor, released, endOfLife, lastPatch, [oldest, newest]]) => {
  const number = minorNumber(minor);
  return {
    minor,
    released,
    ...(endOfLife !== undefined && { endOfLife: { date: endOfLife.replace("~", ""), approximate: endOfLife.startsWith("~") } }),
    lastPatch,
    kubernetes: { oldest, newest },
    apiVersions: number < 22 ? apiVersions("v1beta1", "v1alpha1") : apiVersions("v1", "v1"),
    charts: chartFacts(number),
    features: features(number),
    verified: verifiedOtherwise[minor] ?? `${read(lastPatch)}; ${supportTable}`,
  };
});

/** The number after `1.` of a minor release: 30 of `"1.30"`. */
export function minorNumber(minor: string): number {
  return Number(minor.slice(2));
}

function apiVersions(version: string, telemetry: string): Readonly<Record<IstioKind, string>> {
  const networking = `networking.istio.io/${version}`;
  const security = `security.istio.io/${version}`;
  return {
    VirtualService: networking,
    DestinationRule: networking,
    Gateway: networking,
    ServiceEntry: networking,
    Sidecar: networking,
    PeerAuthentication: security,
    AuthorizationPolicy: security,
    RequestAuthentication: security,
    Telemetry: `telemetry.istio.io/${telemetry}`,
  };
}

function chartFacts(minor: number): ChartFacts {
  return {
    names: [
      "base",
      "istiod",
      ...(minor < 24 ? ["istiod-remote" as const] : []),
      "cni",
      "gateway",
      ...(minor < 18 ? [] : ["ztunnel" as const]),
    ],
    istiodPrefix: minor < 24 ? "pilot." : "",
    cniEnabled: minor < 24 ? "istio_cni.enabled" : "cni.enabled",
    profile: minor >= 21,
    platform: minor >= 24,
    // Also in 1.28.6 and 1.29.2 and later, but not in the first patches of these minors.
    validationFailurePolicy: minor >= 30,
  };
}

function features(minor: number): IstioFeatures {
  return {
    nativeSidecars: minor >= 19,
    nativeSidecarsByDefault: minor >= 27,
    nativeSidecarAnnotation: minor >= 24,
    retries503ByDefault: minor < 24,
    // Envoy 1.28 made the percentage strict; Istio 1.20 is the first that runs it.
    strictEjectionPercent: minor >= 20,
    operatorCrd: minor < 21,
    operatorInCluster: minor < 24,
    registry: minor < 30 ? "docker.io/istio" : "registry.istio.io/release",
  };
}
