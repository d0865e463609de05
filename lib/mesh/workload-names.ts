import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { isRecord } from "../core/check";
import { namespaceNameOf } from "./tree";
import type { MeshWorkload } from "./workload";

/** What runs pods, or decides the names of what does, among the objects of a tree. */
const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Rollout", "Canary"];

/** Names under which Istio's metrics know the pods of a workload. */
export type WorkloadNames = (workload: Pick<MeshWorkload, "namespaceName" | "podSelector" | "serviceName">) => readonly string[];

/** What an object of a tree says, for who has rendered it already. */
export type ObjectData = (object: ApiObject) => unknown;

interface Runner {
  readonly kind: string;
  readonly name: string;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, unknown>>;
  /** Name of the Deployment that it takes its pods from, or whose pods it copies. */
  readonly deployment: unknown;
}

/** The runners of one namespace, by what they are asked for: a look at each for each service would be quadratic. */
interface Namespace {
  readonly runners: readonly Runner[];
  /** By `key=value` of each label of their pods. */
  readonly byLabel: ReadonlyMap<string, readonly Runner[]>;
  /** By the name of the Deployment. */
  readonly byDeployment: ReadonlyMap<string, readonly Runner[]>;
}

/**
 * Finds the names in a tree that is complete; looks at it when it is asked first, and at a namespace when it is asked for one of it. Pods are
 * known by what owns them: a Deployment or a Rollout; those that Flagger makes by the Deployment that it copies, with `-primary`. Pods that are
 * deployed elsewhere are taken for those of a Deployment named as the service.
 */
export function workloadNames(scope: Construct, dataOf: ObjectData = (object) => object.toJson()): WorkloadNames {
  let objects: ReadonlyMap<string | undefined, readonly ApiObject[]> | undefined;
  const namespaces = new Map<string | undefined, Namespace>();
  const look = (name: string | undefined): Namespace => {
    objects ??= Map.groupBy(runnersOf(scope.node.root), (object) => object.metadata.namespace ?? namespaceNameOf(object));
    const found = namespaces.get(name) ?? namespace((objects.get(name) ?? []).map((object) => runner(object, dataOf(object))));
    namespaces.set(name, found);
    return found;
  };
  return ({ namespaceName, podSelector, serviceName }) => {
    const here = look(namespaceName);
    const names = selected(here, podSelector).map(({ name }) => name);
    const others = names.flatMap((name) => here.byDeployment.get(name) ?? []);
    const all = [...names, ...others.map(({ kind, name, deployment }) => (kind === "Canary" ? `${deployment}-primary` : name))];
    return all.length === 0 ? [serviceName] : [...new Set(all)].sort();
  };
}

function runnersOf(root: Construct): readonly ApiObject[] {
  return root.node
    .findAll()
    .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct) && kinds.includes((construct as ApiObject).kind));
}

function namespace(runners: readonly Runner[]): Namespace {
  return {
    runners,
    byLabel: grouped(runners, ({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`)),
    byDeployment: grouped(runners, ({ deployment }) => [`${deployment}`]),
  };
}

/** Runners whose pods carry all labels of a selector. */
function selected({ runners, byLabel }: Namespace, podSelector: Readonly<Record<string, string>>): readonly Runner[] {
  const wanted = Object.entries(podSelector);
  const [first] = wanted;
  const candidates = first === undefined ? runners : (byLabel.get(first.join("=")) ?? []);
  return candidates.filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value));
}

function grouped(runners: readonly Runner[], keysOf: (runner: Runner) => readonly string[]): ReadonlyMap<string, readonly Runner[]> {
  const groups = new Map<string, Runner[]>();
  for (const each of runners) {
    for (const key of keysOf(each)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [each]);
      else group.push(each);
    }
  }
  return groups;
}

function runner({ kind, name }: ApiObject, data: unknown): Runner {
  const spec = record(record(data).spec);
  return {
    kind,
    name,
    labels: record(record(record(spec.template).metadata).labels),
    deployment: record(kind === "Canary" ? spec.targetRef : spec.workloadRef).name,
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
