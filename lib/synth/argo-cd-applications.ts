import { posix } from "node:path";
import { Construct } from "constructs";
import { yieldArtefacts } from "../core/artefact";
import { all, anything, bool, type Check, matching, optional, satisfies, satisfiesUnshown, shape, when } from "../core/check";
import { dnsLabel } from "../core/name";
import { type Problem, problem, refuse } from "../core/problem";
import { yamlDocument, yamlDocuments } from "../core/yaml";
import {
  type ApplicationSet,
  type ArgoCdApplication,
  type ArgoCdAutomation,
  type ArgoCdDestination,
  applicationsFile,
  chartApplication,
  manifestsApplication,
  rootApplication,
} from "./argo-cd-application";
import { frozenLists, movedDifferences } from "./argo-cd-differences";
import { objectsOf } from "./identity";
import { MeshApp } from "./mesh-app";
import { claimWaves } from "./sync-waves";
import { treeReleases } from "./tree-releases";

/** What {@link ArgoCdApplications} are made of. */
export interface ArgoCdApplicationsProps {
  /** Git repository with the output of the synth: `https://git.example.no/platform.git`, `git@git.example.no:platform.git`. */
  readonly repository: string;
  /** Folder of the manifests in the repository. */
  readonly path: string;
  /**
   * Folder of `applications.yaml` in the repository. Never within `path`, or Argo CD would apply its own Applications as manifests.
   *
   * @default - "artefacts/argo-cd" beside `path`
   */
  readonly applicationsPath?: string;
  /** Branch, tag or commit. @default "HEAD" */
  readonly revision?: string;
  /** Name of the Application that applies the others, and first part of their names. @default - the construct's id */
  readonly name?: string;
  /** Project of Argo CD. @default "default" */
  readonly project?: string;
  /** Cluster that is deployed to. @default - the one that Argo CD runs in */
  readonly destination?: ArgoCdDestination;
  /** Namespace of Argo CD. @default "argocd" */
  readonly namespace?: string;
  /** What Argo CD does by itself; false: people start every sync. @default { prune: false, selfHeal: true } */
  readonly automated?: ArgoCdAutomation | false;
}

/**
 * The same tree, applied by Argo CD: an Application for each of Istio's charts, one for the manifests, and one that applies these.
 *
 * Applications and objects carry sync waves: CRDs, control plane, namespaces, policies, services, routes. What controllers move is no difference.
 *
 * @throws InvalidInput when a prop is wrong, or the tree is no MeshApp's.
 * @example
 * ```ts
 * import { ArgoCdApplications, IstioControlPlane, MeshApp } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * new IstioControlPlane(app, "mesh", { mtls: "strict" });
 * new ArgoCdApplications(app, "oslo", { repository: "https://git.example.no/platform.git", path: "oslo/manifests" });
 * ```
 * ```yaml
 * # artefacts/argo-cd/root.yaml: kubectl apply it once
 * apiVersion: argoproj.io/v1alpha1
 * kind: Application
 * metadata:
 *   name: oslo
 *   namespace: argocd
 * ```
 */
export class ArgoCdApplications extends Construct {
  readonly #set: ApplicationSet;

  constructor(scope: Construct, id: string, props: ArgoCdApplicationsProps) {
    super(scope, id);
    refuse(this.node.path, [...(props?.name === undefined ? dnsLabel("name", id) : []), ...argoCdProps("", props)]);
    refuse(this.node.path, [...circleProblems(props), ...treeProblems(this)]);
    this.#set = applicationSet(id, props);
    yieldArtefacts(this, () => [
      { path: `argo-cd/${applicationsFile}`, content: yamlDocuments(this.applications()) },
      { path: "argo-cd/root.yaml", content: yamlDocument(this.root()) },
    ]);
  }

  /** The Applications, in the order of their waves. Complete when the tree is. */
  applications(): readonly ArgoCdApplication[] {
    const { root } = this.node;
    const ignored = movedDifferences(objectsOf(root).map((object) => ({ construct: object, data: object.toJson() as unknown })));
    const frozen = frozenLists(ignored).map((list) => ({
      name: "List that a sync leaves as it is",
      value: `${list}: a controller moves a field in it. Between releases, sync the object without "Respect ignore differences".`,
    }));
    return [...treeReleases(root).map((release) => chartApplication(this.#set, release)), manifestsApplication(this.#set, ignored, frozen)];
  }

  /** The Application that applies the others. Somebody has to apply it, once. */
  root(): ArgoCdApplication {
    return rootApplication(this.#set);
  }
}

const folder: Check = matching(
  /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.@+-]+(?:\/[\w.@+-]+)*$/,
  "a folder below the top of the repository, such as oslo/manifests, without . and ..",
  1_000,
);

const segments = "[\\w.~+-]+(?:/[\\w.~+-]+)*";
const host = "[\\w.-]+(?::\\d{1,5})?";
const repositoryAddress = new RegExp(`^(?:https://${host}/|ssh://(?:[\\w-]+@)?${host}/|[\\w-]+@[\\w.-]+:)${segments}$`);
const repository: Check = satisfiesUnshown(
  "a Git repository by https or ssh, without a password, such as https://git.example.no/platform.git",
  (value) => typeof value === "string" && value.length <= 2_000 && repositoryAddress.test(value),
);

const revision: Check = all(
  matching(/^[\w][\w./@+-]*$/, "a branch, a tag or a commit", 250),
  satisfies("a branch, a tag or a commit, without ..", (value) => !String(value).includes("..")),
);

const serverAddress = /^https:\/\/[\w.-]+(?::\d{1,5})?(?:\/[\w./-]*)?$/;
const destination: Check = all(
  shape<{ server: string; name: string }>({
    server: optional(
      satisfiesUnshown(
        "the address of an API server, with https and without a login",
        (value) => typeof value === "string" && value.length <= 2_000 && serverAddress.test(value),
      ),
    ),
    name: optional(matching(/^[\w.-]+$/, "the name of a cluster as Argo CD knows it", 250)),
  }),
  satisfies("server or name, one of the two", (value) => Object.values(value as object).filter((part) => part !== undefined).length === 1),
);

const argoCdProps: Check = shape<ArgoCdApplicationsProps>({
  repository,
  path: folder,
  applicationsPath: optional(folder),
  revision: optional(revision),
  name: optional(dnsLabel),
  project: optional(dnsLabel),
  destination: optional(destination),
  namespace: optional(dnsLabel),
  automated: optional(
    when((value) => value === false, anything, shape<ArgoCdAutomation>({ prune: optional(bool), selfHeal: optional(bool) })),
  ),
});

function applicationSet(id: string, props: ArgoCdApplicationsProps): ApplicationSet {
  const { automated = {} } = props;
  return {
    name: props.name ?? id,
    namespace: props.namespace ?? "argocd",
    project: props.project ?? "default",
    repository: props.repository,
    revision: props.revision ?? "HEAD",
    path: props.path,
    applicationsPath: applicationsPathOf(props),
    destination: props.destination ?? { server: "https://kubernetes.default.svc" },
    automation: automated === false ? undefined : { prune: automated.prune ?? false, selfHeal: automated.selfHeal ?? true },
  };
}

function applicationsPathOf({ path, applicationsPath }: ArgoCdApplicationsProps): string {
  return applicationsPath ?? posix.join(posix.dirname(path), "artefacts/argo-cd");
}

function circleProblems(props: ArgoCdApplicationsProps): readonly Problem[] {
  const where = applicationsPathOf(props);
  if (where !== props.path && !where.startsWith(`${props.path}/`)) return [];
  return [
    problem(
      props.applicationsPath === undefined ? "path" : "applicationsPath",
      props.applicationsPath ?? props.path,
      `folders apart: ${where} lies in ${props.path}`,
      "Argo CD would apply its own Applications as manifests.",
    ),
  ];
}

/** Only a MeshApp writes the waves onto its objects. */
function treeProblems(construct: ArgoCdApplications): readonly Problem[] {
  if (!(construct.node.root instanceof MeshApp)) return [{ path: "", message: "expected a tree whose root is a MeshApp." }];
  return claimWaves(construct) ? [] : [{ path: "", message: "are the second of their tree. A tree is applied once." }];
}
