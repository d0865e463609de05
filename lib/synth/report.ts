import type { ChainBudget } from "../checks/chain-budget";
import type { Finding } from "../core/finding";
import type { Releases } from "../istio/release";
import type { FileChange, WrittenFile } from "./write";

/** Releases as a program names them. */
export interface NamedReleases {
  /** `"1.30.3"`. */
  readonly istio: string;
  /** `"1.36"`. */
  readonly kubernetes: string;
}

/** What a synth wrote, and what it found. */
export interface SynthReport {
  /** Releases that the manifests are for. */
  readonly releases: Releases;
  /** Releases that the program names. Absent unless MESHGROUND_ISTIO or MESHGROUND_KUBERNETES are in force instead. */
  readonly named?: NamedReleases;
  /** Folder of the manifests, for the cluster. */
  readonly manifestsFolder: string;
  /** Folder of the artefacts, for nodes and installers. */
  readonly artefactsFolder: string;
  /** Files for the cluster, and those removed. */
  readonly manifests: readonly WrittenFile[];
  /** Files for nodes and installers, and those removed. */
  readonly artefacts: readonly WrittenFile[];
  /** Faults that were accepted, risks, and what the library cannot decide. */
  readonly findings: readonly Finding[];
  /** Deadline and retries along every chain of the declared calls. */
  readonly chains: ChainBudget;
  /** Hosts outside the mesh that the tree declares: where data may leave the countries of residency. */
  readonly egressHosts: readonly string[];
  /** The report as text. */
  toString(): string;
}

/** The report as a person reads it. */
export function reportText(report: Omit<SynthReport, "toString">): string {
  return [
    header(report.releases),
    ...override(report.named),
    ...files(report),
    ...egress(report.egressHosts),
    ...chainLines(report.chains),
    ...findingLines(report.findings),
  ].join("\n");
}

function header({ istio, kubernetes, unsupported }: Releases): string {
  const { endOfLife } = istio.row;
  const until = endOfLife === undefined ? "" : `, supported until ${endOfLife.approximate ? "about " : ""}${endOfLife.date}`;
  return `Istio ${istio.text} on Kubernetes ${kubernetes.text}${until}${unsupported === undefined ? "" : ` (unsupported pair, accepted: ${unsupported})`}`;
}

function override(named: NamedReleases | undefined): readonly string[] {
  if (named === undefined) return [];
  const { istio, kubernetes } = named;
  return [`! MESHGROUND_ISTIO or MESHGROUND_KUBERNETES is in force: the program itself names Istio ${istio} on Kubernetes ${kubernetes}.`];
}

function files(report: Omit<SynthReport, "toString">): readonly string[] {
  const list = (folder: string, written: readonly WrittenFile[]): readonly string[] => [
    "",
    `${folder}: ${written.length} file${written.length === 1 ? "" : "s"}`,
    ...written.map(({ path, change }) => `  ${mark[change]} ${path}`),
  ];
  const kept = [...report.manifests, ...report.artefacts].filter(({ change }) => change === "kept");
  const warning = `! No longer written, and not removed because somebody changed ${kept.length === 1 ? "it" : "them"} since. kubectl apply -R would still apply what is among the manifests.`;
  return [
    ...list(report.manifestsFolder, report.manifests),
    ...list(report.artefactsFolder, report.artefacts),
    ...(kept.length > 0 ? ["", warning] : []),
  ];
}

const mark: Readonly<Record<FileChange, string>> = { added: "+", changed: "~", unchanged: " ", removed: "-", kept: "!" };

function egress(hosts: readonly string[]): readonly string[] {
  return hosts.length === 0 ? [] : ["", `Hosts outside the mesh that services may call: ${hosts.join(", ")}`];
}

function chainLines(chains: ChainBudget): readonly string[] {
  const table = `${chains}`.trimEnd();
  return table === "" ? [] : ["", "Deadlines and retries along the declared calls:", ...table.split("\n").map((line) => `  ${line}`)];
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ["", "Nothing found."];
  const lines = findings.flatMap(({ code, severity, path, field, message, fix, suppressed }) => [
    `  ${suppressed === undefined ? severity : "accepted"} ${code} ${path}${field === undefined ? "" : ` ${field}`}`,
    `    ${message}`,
    `    ${suppressed === undefined ? fix : `Accepted: ${suppressed}.`}`,
  ]);
  return ["", `Found ${findings.length}:`, ...lines];
}
