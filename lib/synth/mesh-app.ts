import { dirname, join } from "node:path";
import { type ApiObject, App, type AppProps, YamlOutputType } from "cdk8s";
import type { ChainBudget } from "../checks/chain-budget";
import { type Artefact, artefacts } from "../core/artefact";
import { anything, type Check, didYouMean, isRecord, line, listOf, optional, satisfies, shape, unknownProp } from "../core/check";
import { setResidency } from "../core/pool";
import { type Problem, problem, refuse } from "../core/problem";
import type { ReleaseProps, Releases } from "../istio/release";
import { mtlsExpectationOf } from "../mesh/mtls-expectation";
import { country } from "../nodes/country";
import { pictureHtml } from "../picture/html-page";
import { topologyOf } from "../picture/topology-of";
import { unclaimedRuleFiles } from "../prometheus/rule-files";
import { type ChecksProps, checksProps, checkTree } from "./check-tree";
import { outputFolder, releaseOverride } from "./environment";
import { fileListPath, fileListText, readFileList } from "./file-list";
import { duplicateObjects, objectsOf } from "./identity";
import { manifestFiles, manifestYaml } from "./manifest-files";
import { type NamedReleases, reportText, type SynthReport } from "./report";
import { addSyncWaves } from "./sync-waves";
import { useReleases } from "./use-releases";
import { writeFiles } from "./write";
import type { WrittenObject } from "./written-object";

/** What a {@link MeshApp} is made of. */
export interface MeshAppProps extends AppProps, ReleaseProps {
  /**
   * Istio release, with or without its patch: `"1.30.3"`, `"1.30"`.
   *
   * It decides the apiVersions, the charts' value names and the features. Range: 1.17 to the newest in the catalogue. The environment variable
   * MESHGROUND_ISTIO is in force instead where it is set, and MESHGROUND_KUBERNETES instead of `kubernetes`: `meshground diff --istio` shows by
   * them what an upgrade changes. The report says so.
   */
  readonly istio: string;
  /**
   * Countries that data must stay in, as ISO 3166-1 alpha-2 codes. A node pool elsewhere stops the synth. The report lists the hosts outside
   * the mesh that ServiceEntries declare, and warns (MG0203) where sidecars would let calls out to any other.
   *
   * @default - anywhere
   */
  readonly residency?: readonly string[];
  /** What the checks of the manifests need to be told. @default - errors stop the synth, warnings do not */
  readonly checks?: ChecksProps;
  /**
   * Folder of the manifests.
   *
   * @default - the environment variable CDK8S_OUTDIR, which `cdk8s synth` sets, else "manifests"
   */
  readonly outdir?: string;
  /**
   * Folder of the artefacts: what is for nodes and installers, not for the cluster.
   *
   * @default - the environment variable MESHGROUND_ARTEFACTS, else "artefacts" beside `outdir`, else "artefacts"
   */
  readonly artefacts?: string;
}

/**
 * The root of a tree: nodes, control plane, namespaces and services, for one release of Istio and one of Kubernetes.
 *
 * It is a cdk8s App: `cdk8s synth` runs the same program, and any chart may stand in it. Manifests and artefacts go into folders of their own,
 * because `kubectl apply -R` takes every YAML file below the one it is given.
 *
 * @throws InvalidInput when Istio does not support the pair of releases, or a prop is wrong.
 * @example
 * ```ts
 * import { MeshApp, StrictMtlsNamespace } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", residency: ["NO"] });
 * new StrictMtlsNamespace(app, "shop", { stage: "permissive" });
 * console.log(`${app.synth()}`);
 * ```
 */
export class MeshApp extends App {
  /** Releases that everything in the tree is rendered for. */
  readonly releases: Releases;
  /** Folder of the artefacts. */
  readonly artefactsFolder: string;
  /** What the checks were told. */
  readonly checks: ChecksProps;
  /** What the program itself names. */
  readonly #named: NamedReleases;

  constructor(props: MeshAppProps) {
    super({ ...props, outdir: outputFolder(props?.outdir ?? process.env.CDK8S_OUTDIR ?? "manifests") });
    refuse("MeshApp", appProblems(props));
    const { istio, kubernetes, allowUnsupported, residency = [], checks = {} } = props;
    this.checks = checks;
    this.#named = { istio, kubernetes };
    this.releases = useReleases(this, { istio, kubernetes, ...(allowUnsupported !== undefined && { allowUnsupported }) });
    setResidency(this, residency);
    const beside = props.outdir === undefined ? "artefacts" : join(dirname(props.outdir), "artefacts");
    this.artefactsFolder = outputFolder(props.artefacts ?? process.env.MESHGROUND_ARTEFACTS ?? beside);
  }

  /**
   * Validates the tree, checks its manifests, and writes manifests and artefacts.
   *
   * Files that an earlier synth wrote and this one does not are removed, unless somebody changed them since.
   *
   * @throws Error that names every problem of the tree with its path; nothing is written then.
   * @throws ChecksFailed when a rule finds an error that nobody accepted; nothing is written then.
   */
  override synth(): SynthReport {
    const objects = objectsOf(this);
    refuse("MeshApp", duplicateObjects(objects));
    addSyncWaves(this);
    const written: WrittenObject[] = [];
    const manifests = manifestFiles(this, (construct, data) => written.push({ construct, data }));
    const { graph, ...checked } = checkTree(this, written, this.releases, this.checks);
    const found = { ...checked, egressHosts: egressHosts(objects) };
    const named = releaseOverride() === undefined ? {} : { named: this.#named };
    const rendered = [
      ...artefacts(this),
      ...unclaimedRuleFiles(this),
      findingsFile(this.releases, { ...found, ...named }),
      ...chainsFile(found.chains),
      ...mtlsFile(this, written),
      { path: "report/index.html", content: pictureHtml(topologyOf(graph, found)) },
    ];
    const earlier = readFileList(this.artefactsFolder);
    const changes = {
      manifests: writeFiles(this.outdir, manifests, earlier.manifests),
      artefacts: writeFiles(this.artefactsFolder, rendered, earlier.artefacts),
    };
    writeFiles(this.artefactsFolder, [{ path: fileListPath, content: fileListText(changes.manifests, changes.artefacts) }]);
    const report = {
      releases: this.releases,
      ...named,
      manifestsFolder: this.outdir,
      artefactsFolder: this.artefactsFolder,
      ...changes,
      ...found,
    };
    return { ...report, toString: () => reportText(report) };
  }

  /**
   * Validates the tree, checks its manifests, and gives them as one YAML text.
   *
   * @throws Error as `synth` does.
   */
  override synthYaml(): string {
    refuse("MeshApp", duplicateObjects(objectsOf(this)));
    addSyncWaves(this);
    const written: WrittenObject[] = [];
    const yaml = manifestYaml(this, (construct, data) => written.push({ construct, data }));
    checkTree(this, written, this.releases, this.checks);
    return yaml;
  }
}

const knownProps: Readonly<Record<keyof MeshAppProps, Check>> = {
  istio: anything,
  kubernetes: anything,
  allowUnsupported: optional(shape<{ reason: string }>({ reason: line })),
  residency: optional(listOf(country)),
  checks: optional(checksProps),
  artefacts: optional(line),
  outdir: optional(line),
  outputFileExtension: anything,
  yamlOutputType: optional(
    satisfies(
      "a YamlOutputType of cdk8s",
      (value) => Object.values(YamlOutputType).includes(value as YamlOutputType) && typeof value === "number",
    ),
  ),
  recordConstructMetadata: anything,
};

/** cdk8s may have props that this library does not know, so only what looks like a slip is refused. */
function appProblems(props: MeshAppProps): readonly Problem[] {
  if (!isRecord(props)) return [problem("", props, '{ istio: "1.30.3", kubernetes: "1.36" }')];
  const known = Object.keys(knownProps);
  const slips = Object.keys(props).filter((name) => !known.includes(name) && didYouMean(name, known) !== undefined);
  return [
    ...slips.map((name) => unknownProp(name, name, known)),
    ...Object.entries(knownProps).flatMap(([name, check]) => check(name, props[name as keyof MeshAppProps])),
  ];
}

/** The findings as data. A caller that swallows what a program prints, as `cdk8s synth` does, finds them here. */
function findingsFile(
  { istio, kubernetes }: Releases,
  { named, findings, egressHosts: hosts }: Pick<SynthReport, "named" | "findings" | "egressHosts">,
): Artefact {
  const report = { istio: istio.text, kubernetes: kubernetes.text, ...(named !== undefined && { named }), findings, egressHosts: hosts };
  return { path: "report/findings.json", content: `${JSON.stringify(report, null, 2)}\n` };
}

/** The budget of the chains, for whoever reviews a change of timeouts. */
function chainsFile(chains: ChainBudget): readonly Artefact[] {
  const table = `${chains}`;
  return table === "" ? [] : [{ path: "report/chains.txt", content: `${table.trimEnd()}\n` }];
}

/** What the tree declares of mTLS, for `meshground mtls status --expect`. */
function mtlsFile(app: MeshApp, written: readonly WrittenObject[]): readonly Artefact[] {
  const rendered = new Map<unknown, unknown>(written.map(({ construct, data }) => [construct, data]));
  const expectation = mtlsExpectationOf(app, (object) => rendered.get(object) ?? object.toJson());
  if (expectation.namespaces.length === 0) return [];
  return [{ path: "report/mtls.json", content: `${JSON.stringify(expectation, null, 2)}\n` }];
}

function egressHosts(objects: readonly ApiObject[]): readonly string[] {
  const entries = objects.filter(({ kind }) => kind === "ServiceEntry");
  return [...new Set(entries.flatMap((entry) => externalHosts(entry.toJson())))].sort();
}

function externalHosts(manifest: unknown): readonly string[] {
  const spec = isRecord(manifest) && isRecord(manifest.spec) ? manifest.spec : {};
  return spec.location === "MESH_INTERNAL" || !Array.isArray(spec.hosts) ? [] : spec.hosts.map(String);
}
