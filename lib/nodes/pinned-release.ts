import { type Check, matching, optional, satisfies, shape } from "../core/check";
import { join, type Problem, problem } from "../core/problem";
import type { KubernetesRelease } from "../istio/release";

/** Processor architecture of a machine, as Kubernetes names it. */
export type Architecture = "amd64" | "arm64";

/** Something for each architecture that a pool's machines may have; a machine of another one is refused. */
export type ByArchitecture<Value> = { readonly [Name in Architecture]?: Value };

/** Where a release comes from when the machines reach nothing outside. The files lie there before; nothing is downloaded. */
export interface AirGap {
  /** Folder on each machine, an absolute path. The files have the names that the release gives them. */
  readonly folder: string;
  /** SHA-256 of the archive of container images, in hexadecimal digits. */
  readonly images: ByArchitecture<string>;
}

/** 64 hexadecimal digits. */
export const sha256Text: Check = matching(/^[0-9a-f]{64}$/, "a SHA-256 in 64 lower-case hexadecimal digits", 64);

/** A value for at least one architecture. */
export function byArchitecture(value: Check): Check {
  return (path, given) => {
    const problems = shape<ByArchitecture<unknown>>({ amd64: optional(value), arm64: optional(value) })(path, given);
    if (problems.length > 0 || Object.values(given as object).some((entry) => entry !== undefined)) return problems;
    return [problem(path, given, "at least one of amd64, arm64")];
  };
}

/** An absolute path of plain segments, as a shell and a YAML file take it without quotes. */
export const plainPath: Check = satisfies(
  "an absolute path of letters, digits and . _ - +",
  (value) => typeof value === "string" && value.length <= 255 && /^(?:\/[\w+-][\w.+-]*)+$/.test(value),
);

/** Something else for each architecture that there is something for. */
export function mapArchitectures<From, To>(values: ByArchitecture<From>, to: (value: From, name: Architecture) => To): ByArchitecture<To> {
  const names = ["amd64", "arm64"] as const;
  return Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, to(values[name], name)]])));
}

/** Files that lie on the machine. */
export const airGap: Check = shape<AirGap>({ folder: plainPath, images: byArchitecture(sha256Text) });

/** Props whose release has pinned programs, and perhaps lies on the machines. */
interface PinnedProps {
  readonly checksums: ByArchitecture<unknown>;
  readonly airGap?: AirGap;
  readonly mirror?: string;
}

/** Whether the images are pinned for every architecture that the programs are pinned for. */
export const airGapCovers: Check = (path, value) => {
  const { checksums, airGap: given, mirror } = value as PinnedProps;
  if (given === undefined) return [];
  const architectures = (["amd64", "arm64"] as const).filter((name) => checksums[name] !== undefined && given.images[name] === undefined);
  const images = join(join(path, "airGap"), "images");
  return [
    ...architectures.map((name) =>
      problem(join(images, name), undefined, `the SHA-256 of the images for ${name}, whose programs are pinned`),
    ),
    ...(mirror === undefined
      ? []
      : [{ path: join(path, "mirror"), message: "is given, and airGap downloads nothing. Leave out one of the two." }]),
  ];
};

/** Address of the folder below which a mirror has the releases. */
export const mirrorAddress: Check = matching(
  /^https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:\/[\w.~%+-]+)*$/,
  'the address of a mirror, such as "https://mirror.example.no/k3s", without a slash at its end',
  512,
);

/** The API server's address: one name or address that reaches every server of the control plane. */
export const apiAddress: Check = matching(
  /^(?=.*[A-Za-z0-9])[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$|^[0-9a-f:]*:[0-9a-f:.]*$/,
  "one name or IP address that reaches every server, without scheme and port",
);

/** What is wrong between a release of a distribution and the Kubernetes that the tree is rendered for. */
export function releaseProblems(path: string, release: string, kubernetes: KubernetesRelease): readonly Problem[] {
  const own = /^v?(\d+\.\d+\.\d+)/.exec(release)?.[1] ?? "";
  const asked = kubernetes.text;
  if (own === asked || own.startsWith(`${asked}.`)) return [];
  return [problem(path, release, `a release of Kubernetes ${asked}, for which the tree is rendered`)];
}

/** An API server's address as a part of a URL. */
export function urlHost(api: string): string {
  return api.includes(":") ? `[${api}]` : api;
}
