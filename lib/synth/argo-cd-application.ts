import type { HelmRelease } from "../mesh/helm-values";
import { type IgnoredDifference, webhookDifferences } from "./argo-cd-differences";
import { waveAnnotation } from "./sync-waves";

/** An Application of Argo CD: the fields that this library uses. @see https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ */
export interface ArgoCdApplication {
  /** Version of Argo CD's API. */
  readonly apiVersion: "argoproj.io/v1alpha1";
  /** Argo CD's kind. */
  readonly kind: "Application";
  /** What it is called, in Argo CD's namespace, and in which wave it comes. */
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** What is applied, from where and how. */
  readonly spec: ArgoCdApplicationSpec;
}

/** What an Application applies, from where and how. */
export interface ArgoCdApplicationSpec {
  /** Project of Argo CD, which says what it may apply and where. */
  readonly project: string;
  /** Where it comes from. */
  readonly source: ArgoCdSource;
  /** The cluster, and the namespace of what names none. */
  readonly destination: ArgoCdDestination & { readonly namespace?: string };
  /** Fields in which a difference is none. @default - none */
  readonly ignoreDifferences?: readonly IgnoredDifference[];
  /** Texts that Argo CD's window shows. @default - none */
  readonly info?: readonly { readonly name: string; readonly value: string }[];
  /** When it is applied, and how. */
  readonly syncPolicy: ArgoCdSyncPolicy;
}

/** A folder of a Git repository, or a Helm chart. */
export interface ArgoCdSource {
  /** Git repository, or Helm repository. */
  readonly repoURL: string;
  /** Branch, tag or commit; of a chart its version. */
  readonly targetRevision: string;
  /** Folder of the Git repository. @default - a chart is meant */
  readonly path?: string;
  /** Which files of the folder. @default - those at its top */
  readonly directory?: { readonly recurse?: boolean; readonly include?: string; readonly exclude?: string };
  /** Chart of the Helm repository. @default - a folder is meant */
  readonly chart?: string;
  /** Name of the Helm release, and its values. @default - a folder is meant */
  readonly helm?: { readonly releaseName: string; readonly valuesObject?: Readonly<Record<string, unknown>> };
}

/** When an Application is applied, and how. */
export interface ArgoCdSyncPolicy {
  /** What Argo CD does by itself. @default - people start every sync */
  readonly automated?: { readonly prune: boolean; readonly selfHeal: boolean };
  /** How often a sync that fails is tried again. */
  readonly retry: {
    readonly limit: number;
    readonly backoff: { readonly duration: string; readonly factor: number; readonly maxDuration: string };
  };
  /** How objects are applied and removed. @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/ */
  readonly syncOptions: readonly string[];
}

/** The cluster that is deployed to: by the address of its API server, or by the name that Argo CD knows it under. */
export type ArgoCdDestination = { readonly server: string; readonly name?: never } | { readonly name: string; readonly server?: never };

/** What Argo CD does by itself. */
export interface ArgoCdAutomation {
  /** Whether it removes what is no longer in Git: last, and never a Namespace, a CustomResourceDefinition or a PersistentVolumeClaim. @default false */
  readonly prune?: boolean;
  /** Whether it undoes what somebody changed in the cluster. @default true */
  readonly selfHeal?: boolean;
}

/** What all Applications of a tree share; every default filled in. */
export interface ApplicationSet {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
  readonly applicationsPath: string;
  readonly destination: ArgoCdDestination;
  readonly automation: Required<ArgoCdAutomation> | undefined;
}

/** File of the Applications; the root names it, so that it does not apply itself. */
export const applicationsFile = "applications.yaml";

/** CRDs, then what needs them. Gateways and manifests do not wait for each other: a load balancer that never gets an address would hold up all. */
const chartWaves: Readonly<Record<HelmRelease["chart"], number>> = { base: 0, cni: 1, istiod: 2, gateway: 3 };
const manifestsWave = 3;

/** The Application of a Helm release. */
export function chartApplication(set: ApplicationSet, release: HelmRelease): ArgoCdApplication {
  const { name, namespace, chart, version, repository, values } = release;
  const ignored = webhookDifferences(release);
  const empty = Object.keys(values).length === 0;
  return application(set, `${set.name}-${name}`, {
    wave: chartWaves[chart],
    source: { repoURL: repository, targetRevision: version, chart, helm: { releaseName: name, ...(!empty && { valuesObject: values }) } },
    namespace,
    ...(ignored.length > 0 && { ignored }),
    // Without its CRDs every object of Istio is gone.
    options: ["CreateNamespace=true", ...(chart === "base" ? ["Prune=false", "Delete=false"] : [])],
  });
}

/** The Application of the manifests. */
export function manifestsApplication(
  set: ApplicationSet,
  ignored: readonly IgnoredDifference[],
  info: NonNullable<ArgoCdApplicationSpec["info"]>,
): ArgoCdApplication {
  return application(set, `${set.name}-manifests`, {
    wave: manifestsWave,
    source: {
      repoURL: set.repository,
      targetRevision: set.revision,
      path: set.path,
      // Argo CD takes JSON for manifests, too, and the index of constructs is none.
      directory: { recurse: true, exclude: "construct-metadata.json" },
    },
    ...(ignored.length > 0 && { ignored }),
    ...(info.length > 0 && { info }),
    // Istio's kinds come with another Application, perhaps later.
    options: ["SkipDryRunOnMissingResource=true"],
  });
}

/** The Application that applies the others. */
export function rootApplication(set: ApplicationSet): ArgoCdApplication {
  return application(set, set.name, {
    source: {
      repoURL: set.repository,
      targetRevision: set.revision,
      path: set.applicationsPath,
      directory: { include: applicationsFile },
    },
    namespace: set.namespace,
    local: true,
    options: [],
  });
}

interface Part {
  readonly wave?: number;
  readonly source: ArgoCdSource;
  readonly namespace?: string;
  readonly ignored?: readonly IgnoredDifference[];
  readonly info?: NonNullable<ArgoCdApplicationSpec["info"]>;
  readonly options: readonly string[];
  /** Whether it goes into Argo CD's own cluster. */
  readonly local?: boolean;
}

/** No finalizer: whoever deletes an Application does not delete the mesh with it. */
function application(set: ApplicationSet, name: string, part: Part): ArgoCdApplication {
  const { wave, source, namespace, ignored, info, options, local } = part;
  const destination: ArgoCdDestination = local === true ? { server: "https://kubernetes.default.svc" } : set.destination;
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name, namespace: set.namespace, ...(wave !== undefined && { annotations: { [waveAnnotation]: `${wave}` } }) },
    spec: {
      project: set.project,
      source,
      destination: { ...destination, ...(namespace !== undefined && { namespace }) },
      ...(ignored !== undefined && { ignoreDifferences: ignored }),
      ...(info !== undefined && { info }),
      syncPolicy: {
        ...(set.automation !== undefined && { automated: set.automation }),
        retry: { limit: 5, backoff: { duration: "10s", factor: 2, maxDuration: "3m" } },
        // Istio's CRDs are larger than the annotation that a client-side apply would keep them in.
        syncOptions: [
          ...options,
          "PruneLast=true",
          ...(ignored === undefined ? [] : ["RespectIgnoreDifferences=true"]),
          "ServerSideApply=true",
        ],
      },
    },
  };
}
