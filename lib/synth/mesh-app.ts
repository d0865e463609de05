import { dirname, join } from "node:path";
import { ApiObject, App, type AppProps } from "cdk8s";
import { artefacts } from "../core/artefact";
import { isRecord, listOf, optional } from "../core/check";
import { findings } from "../core/finding";
import { nodePoolsOf } from "../core/pool";
import { refuse, shown } from "../core/problem";
import { type ReleaseProps, type Releases, useReleases } from "../istio/release";
import { country } from "../nodes/country";
import { fileListPath, fileListText, readFileList } from "./file-list";
import { manifestFiles, manifestYaml } from "./manifest-files";
import { reportText, type SynthReport } from "./report";
import { writeFiles } from "./write";

/** What a {@link MeshApp} is made of. */
export interface MeshAppProps extends AppProps, ReleaseProps {
  /**
   * Countries that data must stay in, as ISO 3166-1 alpha-2 codes. A node pool elsewhere stops the synth, and the report lists the hosts
   * outside the mesh that services may call.
   *
   * @default - anywhere
   */
  readonly residency?: readonly string[];
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

  constructor(props: MeshAppProps) {
    super({ ...props, outdir: props?.outdir ?? process.env.CDK8S_OUTDIR ?? "manifests" });
    const { istio, kubernetes, allowUnsupported, residency = [] } = props;
    refuse("MeshApp", optional(listOf(country))("residency", residency));
    this.releases = useReleases(this, { istio, kubernetes, ...(allowUnsupported !== undefined && { allowUnsupported }) });
    const beside = props.outdir === undefined ? "artefacts" : join(dirname(props.outdir), "artefacts");
    this.artefactsFolder = props.artefacts ?? process.env.MESHGROUND_ARTEFACTS ?? beside;
    this.node.addValidation({ validate: () => residencyProblems(this, residency) });
  }

  /**
   * Validates the tree and writes manifests and artefacts.
   *
   * Files that an earlier synth wrote and this one does not are removed, unless somebody changed them since.
   *
   * @throws Error that names every problem of the tree with its path; nothing is written then.
   */
  override synth(): SynthReport {
    const [manifests, rendered] = [manifestFiles(this), artefacts(this)];
    const earlier = readFileList(this.artefactsFolder);
    const written = {
      manifests: writeFiles(this.outdir, manifests, earlier.manifests),
      artefacts: writeFiles(this.artefactsFolder, rendered, earlier.artefacts),
    };
    writeFiles(this.artefactsFolder, [{ path: fileListPath, content: fileListText(written.manifests, written.artefacts) }]);
    const report = {
      releases: this.releases,
      manifestsFolder: this.outdir,
      artefactsFolder: this.artefactsFolder,
      ...written,
      findings: findings(this),
      egressHosts: egressHosts(this),
    };
    return { ...report, toString: () => reportText(report) };
  }

  /** Validates the tree and gives all manifests as one YAML text. */
  override synthYaml(): string {
    return manifestYaml(this);
  }
}

function residencyProblems(app: MeshApp, residency: readonly string[]): string[] {
  if (residency.length === 0) return [];
  const allowed = residency.join(", ");
  return nodePoolsOf(app)
    .filter(({ country }) => country === undefined || !residency.includes(country))
    .map(
      ({ poolName, country }) =>
        `node pool ${poolName}: country: got ${shown(country)}, expected one of the countries of residency: ${allowed}.`,
    );
}

function egressHosts(app: MeshApp): readonly string[] {
  const entries = app.node
    .findAll()
    .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct) && construct.kind === "ServiceEntry");
  return [...new Set(entries.flatMap((entry) => externalHosts(entry.toJson())))].sort();
}

function externalHosts(manifest: unknown): readonly string[] {
  const spec = isRecord(manifest) && isRecord(manifest.spec) ? manifest.spec : {};
  return spec.location === "MESH_INTERNAL" || !Array.isArray(spec.hosts) ? [] : spec.hosts.map(String);
}
