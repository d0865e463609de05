import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { isRecord } from "../core/check";
import { namespaceNameOf } from "./tree";
import type { MeshWorkload } from "./workload";

/** What runs pods, or decides the names of what does, among the objects of a tree. */
const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Rollout", "Canary"];

/** Names under which Istio's metrics know the pods of a workload. */
export type WorkloadNames = (workload: Pick<MeshWorkload, "namespaceName" | "podSelector" | "serviceName">) => readonly string[];

interface Runner {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, unknown>>;
  /** Name of the Deployment that it takes its pods from, or whose pods it copies. */
  readonly deployment: unknown;
}

/**
 * Finds the names in a tree that is complete. Pods are known by what owns them: a Deployment or a Rollout; those that Flagger makes by the
 * Deployment that it copies, with `-primary`. Pods that are deployed elsewhere are taken for those of a Deployment named as the service.
 */
export function workloadNames(scope: Construct): WorkloadNames {
  const objects = scope.node.root.node.findAll().filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
  const runners = objects.filter(({ kind }) => kinds.includes(kind)).map(runner);
  return ({ namespaceName, podSelector, serviceName }) => {
    const here = runners.filter(({ namespace }) => namespace === namespaceName);
    const own = here.filter(({ labels }) => Object.entries(podSelector).every(([key, value]) => labels[key] === value));
    const names = own.map(({ name }) => name);
    const others = here.filter(({ deployment }) => names.includes(`${deployment}`));
    const all = [...names, ...others.map(({ kind, name, deployment }) => (kind === "Canary" ? `${deployment}-primary` : name))];
    return all.length === 0 ? [serviceName] : [...new Set(all)].sort();
  };
}

function runner(object: ApiObject): Runner {
  const spec = record(record(object.toJson()).spec);
  return {
    kind: object.kind,
    name: object.name,
    namespace: object.metadata.namespace ?? namespaceNameOf(object),
    labels: record(record(record(spec.template).metadata).labels),
    deployment: record(object.kind === "Canary" ? spec.targetRef : spec.workloadRef).name,
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
