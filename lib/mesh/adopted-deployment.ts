import { ApiObject, JsonPatch } from "cdk8s";
import type { Construct } from "constructs";
import { isRecord } from "../core/check";
import type { Problem } from "../core/problem";

/** A user's own Deployment, whatever library made it. */
export interface AdoptedDeployment {
  /** Name of the Deployment. */
  readonly name: string;
  /** The object itself. */
  readonly object: Construct;
  /** Adds labels to the pod template, and those annotations that are not there yet. */
  decorate(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>): void;
  /** Service account of its pods; undefined when it names none. */
  readonly serviceAccountName: string | undefined;
  /** Number of its pods; undefined when it does not say, as under an autoscaler. */
  readonly replicas: number | undefined;
  /** Value of a label of its pods; undefined when they have none. */
  label(key: string): string | undefined;
  /** Version of its pods as Istio's metrics carry it; undefined when no label says one. */
  readonly revision: string | undefined;
  /** Namespace of the Deployment; undefined when neither it nor its chart names one. */
  readonly namespaceName: string | undefined;
}

/** What is common to the Deployments of every cdk8s-plus, 26 to the newest. */
interface PlusDeployment {
  readonly podMetadata: {
    addLabel(key: string, value: string): void;
    addAnnotation(key: string, value: string): void;
    getLabel?(key: string): unknown;
    toJson?(): unknown;
  };
  readonly name: string;
  readonly replicas?: unknown;
  readonly serviceAccount?: { readonly name?: unknown };
  readonly metadata?: { readonly namespace?: unknown };
}

/** Recognises a Deployment by its shape, because the user's cdk8s-plus may be another copy or version than ours. */
export function tryAdopt(workload: object): AdoptedDeployment | undefined {
  if (ApiObject.isApiObject(workload))
    return (workload as ApiObject).kind === "Deployment" ? adoptApiObject(workload as ApiObject) : undefined;
  if (isPlusDeployment(workload)) return adoptPlus(workload);
  return undefined;
}

/** Why an object cannot be a version's workload. */
export function adoptionProblems(path: string, workload: object): readonly Problem[] {
  if (tryAdopt(workload) !== undefined) return [];
  const kind = ApiObject.isApiObject(workload) ? `an ApiObject of kind ${(workload as ApiObject).kind}` : "an object without podMetadata";
  return [{ path, message: `got ${kind}, expected a Deployment: of cdk8s-plus, or an ApiObject of kind Deployment.` }];
}

function isPlusDeployment(workload: object): workload is PlusDeployment & Construct {
  const { podMetadata, kind } = workload as { podMetadata?: unknown; kind?: unknown };
  const adds = (podMetadata ?? {}) as { addLabel?: unknown; addAnnotation?: unknown };
  return typeof adds.addLabel === "function" && typeof adds.addAnnotation === "function" && (kind === undefined || kind === "Deployment");
}

function adoptPlus(deployment: PlusDeployment & Construct): AdoptedDeployment {
  const account = deployment.serviceAccount?.name;
  const namespace = deployment.metadata?.namespace;
  const label = (key: string): string | undefined => text(deployment.podMetadata.getLabel?.(key));
  return {
    name: deployment.name,
    object: deployment.node.defaultChild ?? deployment,
    serviceAccountName: typeof account === "string" ? account : undefined,
    namespaceName: typeof namespace === "string" ? namespace : undefined,
    replicas: count(deployment.replicas),
    label,
    revision: revisionOf(label),
    decorate(labels, annotations) {
      for (const [key, value] of Object.entries(labels)) deployment.podMetadata.addLabel(key, value);
      const present = record(record(deployment.podMetadata.toJson?.()).annotations);
      for (const [key, value] of Object.entries(annotations))
        if (present[key] === undefined) deployment.podMetadata.addAnnotation(key, value);
    },
  };
}

function adoptApiObject(deployment: ApiObject): AdoptedDeployment {
  const spec = record(record(deployment.toJson()).spec);
  const template = record(spec.template);
  const account = record(template.spec).serviceAccountName;
  const label = (key: string): string | undefined => text(record(record(template.metadata).labels)[key]);
  return {
    name: deployment.name,
    object: deployment,
    serviceAccountName: typeof account === "string" ? account : undefined,
    namespaceName: deployment.metadata.namespace,
    replicas: count(spec.replicas),
    label,
    revision: revisionOf(label),
    decorate(labels, annotations) {
      const metadata = record(template.metadata);
      deployment.addJsonPatch(
        ...(template.metadata === undefined ? [JsonPatch.add("/spec/template/metadata", {})] : []),
        ...additions("labels", record(metadata.labels), labels),
        ...additions("annotations", record(metadata.annotations), { ...annotations, ...strings(metadata.annotations) }),
      );
    },
  };
}

/** The first of the labels that Istio looks at (pkg/kube/labels, `canonicalServiceRevision`). */
function revisionOf(label: (key: string) => string | undefined): string | undefined {
  return label("service.istio.io/canonical-revision") ?? label("app.kubernetes.io/version") ?? label("version");
}

function additions(field: string, present: Readonly<Record<string, unknown>>, added: Readonly<Record<string, string>>): JsonPatch[] {
  if (Object.keys(added).length === 0) return [];
  return [JsonPatch.add(`/spec/template/metadata/${field}`, { ...present, ...added })];
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, entry]) => [key, String(entry)]));
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
