import type * as kubernetes from "@pulumi/kubernetes";
import { type Alias, type CustomResource, type CustomResourceOptions, secret } from "@pulumi/pulumi";
import { isRecord } from "../core/check";
import { groupOf, isIstios, type KubernetesObject } from "../synth/kubernetes-object";

/** Package that speaks to clusters. */
export const kubernetesPackage = "@pulumi/kubernetes";

/** What is needed of that package. */
export type KubernetesSdk = typeof kubernetes;

type ResourceClass = new (name: string, args: object, options: CustomResourceOptions) => CustomResource;

/** An object as a resource: of the class that the SDK has for its kind, else as what a CustomResourceDefinition defines. */
export function kubernetesResource(
  sdk: KubernetesSdk,
  name: string,
  object: KubernetesObject,
  options: CustomResourceOptions,
): CustomResource {
  const Kind = tryClass(sdk, object);
  if (Kind !== undefined) return new Kind(name, withSecrets(object), options);
  return new sdk.apiextensions.CustomResource(name, object, { ...options, aliases: earlierVersions(object) });
}

/** The SDK keeps its classes by group and version, `rbac.authorization.k8s.io/v1` below `rbac.v1`. */
function tryClass(sdk: KubernetesSdk, object: KubernetesObject): ResourceClass | undefined {
  const group = groupOf(object);
  if (group.includes(".") && !group.endsWith(".k8s.io")) return undefined;
  const version = object.apiVersion.slice(object.apiVersion.lastIndexOf("/") + 1);
  const found = own(own(own(sdk, group === "" ? "core" : (group.split(".")[0] as string)), version), object.kind);
  return typeof found === "function" ? (found as ResourceClass) : undefined;
}

function own(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** What a Secret holds lies encrypted in the state. */
function withSecrets(object: KubernetesObject): object {
  if (object.kind !== "Secret" || groupOf(object) !== "") return object;
  const sealed = ["data", "stringData"].filter((field) => object[field] !== undefined).map((field) => [field, secret(object[field])]);
  return { ...object, ...Object.fromEntries(sealed) };
}

const istioVersions = ["v1", "v1beta1", "v1alpha3", "v1alpha1"];

/** A resource of Istio keeps its identity when a release of Istio serves it under another version. */
function earlierVersions(object: KubernetesObject): Alias[] {
  if (!isIstios(object)) return [];
  const group = groupOf(object);
  const others = istioVersions.map((version) => `${group}/${version}`).filter((apiVersion) => apiVersion !== object.apiVersion);
  return others.map((apiVersion) => ({ type: `kubernetes:${apiVersion}:${object.kind}` }));
}
