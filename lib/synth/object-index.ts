import { isRecord } from "../core/check";
import { groupOf, isPolicy, type KubernetesObject } from "./kubernetes-object";

/** A pod template, of a workload of whatever kind. */
export interface PodTemplate {
  readonly labels: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A plain object, or an empty one in its place. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The records of a list. */
export function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Pod template of an object that makes pods. */
export function podTemplateOf({ spec }: KubernetesObject): PodTemplate | undefined {
  const outer = record(spec);
  const template = record(record(record(outer.jobTemplate).spec).template ?? outer.template);
  const pod = record(template.spec);
  return Array.isArray(pod.containers) ? { labels: record(record(template.metadata).labels), spec: pod } : undefined;
}

/** Looks up objects by what others say of them. */
export class ObjectIndex {
  readonly objects: readonly KubernetesObject[];
  readonly #byName: ReadonlyMap<string, number>;
  readonly #definitions: ReadonlyMap<string, readonly number[]>;
  readonly #policies: ReadonlyMap<string, readonly number[]>;
  readonly #rules: ReadonlyMap<string, readonly number[]>;
  readonly #awaited: ReadonlyMap<string, readonly number[]>;
  readonly #takers: ReadonlyMap<string, readonly number[]>;

  constructor(objects: readonly KubernetesObject[]) {
    this.objects = objects;
    this.#byName = new Map(objects.map((object, index) => [key(groupOf(object), object.kind, where(object), object.metadata.name), index]));
    this.#definitions = grouped(objects, definedKind);
    this.#policies = grouped(objects, (object) => (isPolicy(object) ? where(object) : undefined));
    this.#rules = grouped(objects, (object) =>
      isIstio(object, "DestinationRule") ? serviceKey(record(object.spec).host, where(object)) : undefined,
    );
    this.#awaited = grouped(objects, (object) => (isAwaited(object) ? where(object) : undefined));
    this.#takers = grouped(objects, takenDeployment);
  }

  /** The object of a name; group, kind and namespace as its own manifest has them. */
  find(group: string, kind: string, namespace: string, name: unknown): readonly number[] {
    const index = typeof name === "string" ? this.#byName.get(key(group, kind, namespace, name)) : undefined;
    return index === undefined ? [] : [index];
  }

  /** The CustomResourceDefinition of a kind. */
  definitionsOf(group: string, kind: string): readonly number[] {
    return this.#definitions.get(`${group} ${kind}`) ?? [];
  }

  /** The Rollouts that have their pods from a Deployment. */
  takersOf(namespace: string, deployment: string): readonly number[] {
    return this.#takers.get(`${namespace}/${deployment}`) ?? [];
  }

  policiesIn(namespace: string): readonly number[] {
    return this.#policies.get(namespace) ?? [];
  }

  /** The destination rules for a host, as a namespace writes it. */
  rulesFor(host: unknown, namespace: string): readonly number[] {
    return this.#rules.get(serviceKey(host, namespace) ?? "") ?? [];
  }

  /** The Service that a host names, and the workloads behind it that report when they are ready. */
  backendsOf(host: unknown, namespace: string): readonly number[] {
    const [name, home] = serviceKey(host, namespace)?.split("/") ?? [];
    if (name === undefined || home === undefined) return [];
    const services = this.find("", "Service", home, name);
    const selector = record(record(this.objects[services[0] ?? -1]?.spec).selector);
    if (Object.keys(selector).length === 0) return services;
    const workloads = this.#awaited.get(home) ?? [];
    return [...services, ...workloads.filter((index) => selects(selector, podTemplateOf(this.objects[index] as KubernetesObject)))];
  }
}

/** Namespace of an object; empty for what belongs to none. */
export function where({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? "";
}

/** Whether an object is of one of Istio's networking kinds. */
export function isIstio(object: KubernetesObject, kind: string): boolean {
  return object.kind === kind && groupOf(object) === "networking.istio.io";
}

/** Whether labels select the pods of a template. */
export function selects(matchLabels: Readonly<Record<string, unknown>>, template: PodTemplate | undefined): boolean {
  return template !== undefined && Object.entries(matchLabels).every(([label, value]) => template.labels[label] === value);
}

function takenDeployment(object: KubernetesObject): string | undefined {
  const { kind, name } = record(record(object.spec).workloadRef);
  return object.kind === "Rollout" && kind === "Deployment" ? `${where(object)}/${name}` : undefined;
}

/** Workloads that the provider of Kubernetes waits for. */
function isAwaited(object: KubernetesObject): boolean {
  return groupOf(object) === "apps" && ["Deployment", "StatefulSet", "DaemonSet"].includes(object.kind);
}

/** `pricing/shop` of `pricing` in shop, and of `pricing.shop.svc.cluster.local`; the host itself for what is no Service. */
function serviceKey(host: unknown, namespace: string): string | undefined {
  if (typeof host !== "string") return undefined;
  const [name, home, svc] = host.split(".");
  if (home === undefined) return `${name}/${namespace}`;
  return svc === "svc" ? `${name}/${home}` : host;
}

function definedKind({ kind, spec }: KubernetesObject): string | undefined {
  const { group, names } = record(spec);
  return kind === "CustomResourceDefinition" ? `${group} ${record(names).kind}` : undefined;
}

function key(group: string, kind: string, namespace: string, name: string): string {
  return `${group} ${kind} ${namespace} ${name}`;
}

function grouped(
  objects: readonly KubernetesObject[],
  by: (object: KubernetesObject) => string | undefined,
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, object] of objects.entries()) {
    const name = by(object);
    if (name !== undefined) {
      const list = groups.get(name) ?? [];
      groups.set(name, list);
      list.push(index);
    }
  }
  return groups;
}
