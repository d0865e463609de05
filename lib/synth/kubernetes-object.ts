import { isRecord } from "../core/check";
import { type Problem, problem } from "../core/problem";

/** An object of a cluster, as data. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** What keeps data from being an object that can be told from all others. */
export function objectProblems(path: string, data: unknown): readonly Problem[] {
  if (!isRecord(data)) return [problem(path, data, "a Kubernetes object")];
  const { apiVersion, kind, metadata } = data;
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const text = (value: unknown): boolean => typeof value === "string" && value !== "";
  const named = text(apiVersion) && text(kind) && text(name) && (namespace === undefined || text(namespace));
  return named
    ? []
    : [problem(path, { apiVersion, kind, name, namespace }, "apiVersion, kind and metadata.name: the name is its identity")];
}

/** API group of an object; empty for the core group. */
export function groupOf({ apiVersion }: KubernetesObject): string {
  const slash = apiVersion.lastIndexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** Whether Istio's API server extensions serve the object. */
export function isIstios(object: KubernetesObject): boolean {
  return /^(?:networking|security|telemetry|extensions)\.istio\.io$/.test(groupOf(object));
}

/** What an object is called among the objects of its group and kind. It is the identity of its resource, so it never changes. */
export function resourceName(stack: string, { kind, metadata: { name, namespace } }: KubernetesObject): string {
  return namespace === undefined ? `${stack}/${kind}/${name}` : `${stack}/${namespace}/${kind}/${name}`;
}

const definitions = new Set(["Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "ResourceQuota", "LimitRange"]);
const policies = new Set(["PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication", "NetworkPolicy"]);

/** The stages that the objects of a tree are made in, in this order: what defines, who may reach whom, everything else. */
export type ObjectStage = "namespaces" | "policies" | "services";

/** The stage that an object belongs to. */
export function stageOf(object: KubernetesObject): ObjectStage {
  if (definitions.has(object.kind) && (groupOf(object) === "" || groupOf(object).endsWith(".k8s.io"))) return "namespaces";
  return isPolicy(object) ? "policies" : "services";
}

/** Whether an object says who may reach a workload. */
export function isPolicy(object: KubernetesObject): boolean {
  return policies.has(object.kind) && (groupOf(object) === "security.istio.io" || groupOf(object) === "networking.k8s.io");
}
